/**
 * A lint rule of the house: `new Date()` without an argument (and `Date()`) reads the clock, which only packages/runtime may.
 * `new Date(value)` converts and is free. Calls of `Date.now` and its like are held by `no-restricted-properties`.
 */
const noCurrentDate = {
  create: (context) => {
    const check = (node) => {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Date') return
      if (node.type === 'NewExpression' && node.arguments.length > 0) return
      context.report({ node, message: "The clock is packages/runtime's; take `now` as an argument." })
    }
    return { NewExpression: check, CallExpression: check }
  },
}

export default { meta: { name: 'house' }, rules: { 'no-current-date': noCurrentDate } }
