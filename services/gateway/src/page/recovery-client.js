// The steps of `/recover-account`. Stands behind `client.js` in one and the same script, and uses what is told there.
/* global takeToken, token, page, one, show, complain, onSubmit, reasonsOf */

const recovery = { grant: '' }

/** One step of the way back: the answer tells which is due. */
function recoveryStep(form, { check, body, subject, fields = [] }) {
  onSubmit(form, {
    path: `/v1/account/lockdowns/${encodeURIComponent(takeToken.lockdown)}/recovery`,
    check,
    body,
    done(told) {
      form.reset()
      if (told.grant) recovery.grant = told.grant
      showStage(told)
    },
    refused(problem) {
      if (problem.code === 'token_invalid' || problem.code === 'not_found') show('dead')
      else if (problem.code === 'code_refused') complain(form, 'The code is wrong, or was used.', [], fields.slice(-1))
      else if (!problem.errors) return false
      else complain(form, problem.title, reasonsOf(problem, subject ?? 'It'), fields.slice(0, 1))
      return true
    },
  })
}

function showStage({ stage, secondFactor, secret, qrSvg, backupCodes, items }) {
  if (stage === 'password') one('[data-part="code"]').hidden = secondFactor !== 'code'
  if (stage === 'second_factor') {
    const picture = new DOMParser().parseFromString(
      qrSvg ?? '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'image/svg+xml',
    )
    one('[data-part="qr"]').replaceChildren(document.importNode(picture.documentElement, true))
    one('[data-part="secret"]').textContent = secret ?? ''
    one('[data-action="recoverSkip"]').hidden = secondFactor !== 'optional'
  }
  if (stage === 'review') showReview(backupCodes ?? [], items ?? [])
  show({ second_factor: 'factor' }[stage] ?? stage)
}

function element(name, text, className) {
  const made = document.createElement(name)
  if (text) made.textContent = text
  if (className) made.className = className
  return made
}

function showReview(codes, items) {
  const shown = one('[data-part="backup-codes"]')
  shown.hidden = codes.length === 0
  one('ul', shown).replaceChildren(...codes.map((code) => element('li', code)))
  one('.items').replaceChildren(...items.filter((item) => item.decision === null).map(itemRow))
}

const kinds = {
  session: 'Session',
  login: 'Login',
  api_key: 'API key',
  ssh_key: 'SSH key',
  second_factor: 'Second factor',
  email_change: 'Change of address',
  password: 'Change of password',
  transaction: 'Transaction',
}

function itemRow(item) {
  const row = element('li', '', item.suspect ? 'suspect' : '')
  const { name, deviceName, device, reference, country } = item.summary
  const what = [kinds[item.kind], name ?? deviceName ?? device ?? reference, country].filter(Boolean).join(' · ')
  const choice = element('select')
  for (const [value, words] of [
    ['keep', 'Keep'],
    ['undo', 'Undo'],
  ])
    choice.append(Object.assign(element('option', words), { value }))
  choice.value = item.suspect ? 'undo' : 'keep'
  choice.name = item.id
  choice.setAttribute('aria-label', what)
  const when = new Date(item.occurredAt).toLocaleString()
  row.append(element('b', what), element('span', item.suspect ? `${when} · suspect` : when), choice)
  return row
}

function recoverBegin(form) {
  recoveryStep(form, { body: () => ({ step: 'begin', token }) })
}

function recoverPassword(form) {
  const password = one('#password', form)
  const again = one('#again', form)
  const code = one('#kept-code', form)
  recoveryStep(form, {
    fields: [password, code],
    subject: 'The password',
    check() {
      if (password.value === '') complain(form, 'Choose a new password.', [], [password])
      else if (password.value !== again.value) complain(form, 'The two passwords are not the same.', [], [again])
      else return true
      return false
    },
    body: () => ({
      step: 'password',
      grant: recovery.grant,
      password: password.value,
      ...(code.value.trim() !== '' && { code: code.value.trim() }),
    }),
  })
}

function recoverFactor(form) {
  const code = one('#first-code', form)
  recoveryStep(form, {
    fields: [code],
    check() {
      if (code.value.trim() !== '') return true
      complain(form, 'Type the code that the app shows.', [], [code])
      return false
    },
    body: () => ({ step: 'second_factor', grant: recovery.grant, code: code.value.trim() }),
  })
}

function recoverSkip(form) {
  recoveryStep(form, { body: () => ({ step: 'second_factor', grant: recovery.grant, skip: true }) })
}

function recoverReview(form) {
  recoveryStep(form, {
    body: () => ({
      step: 'review',
      grant: recovery.grant,
      decisions: [...form.querySelectorAll('select')].map(({ name, value }) => ({ id: name, decision: value })),
    }),
  })
}

const recoveryActions = { recoverBegin, recoverPassword, recoverFactor, recoverSkip, recoverReview }
for (const form of page.querySelectorAll('form')) recoveryActions[form.dataset.action]?.(form)
