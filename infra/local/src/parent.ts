const lookMs = 250

/**
 * Calls `onGone` once when the process that started this one has ended, however it ended (its children then belong to another).
 * A signal that nobody passed on, SIGKILL above all, is noticed this way within 250 ms. Does not keep this process alive.
 */
export function watchParent(onGone: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, lookMs)
  timer.unref()
}
