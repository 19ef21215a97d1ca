// The script of the pages that mails link to. The token comes in the fragment, which no server and no log ever sees; it is
// taken out of the address bar at once, kept in memory only, and sent only when somebody presses a button: what scans
// mails opens links, but presses nothing.

const token = takeToken()
const page = document.querySelector('main')
const one = (selector, within = page) => within.querySelector(selector)
const noAnswer = 'No answer came. Check your connection, then try again.'

function takeToken() {
  const linked = new URLSearchParams(location.hash.slice(1))
  if (location.hash !== '') history.replaceState(null, '', location.pathname)
  takeToken.lockdown = linked.get('lockdown') ?? ''
  return linked.get('token') ?? ''
}

/** Shows one section of the page, and tells it to those who cannot see it. */
function show(name, quiet = false) {
  for (const section of page.querySelectorAll('[data-state]')) section.hidden = section.dataset.state !== name
  const heading = one(`[data-state="${name}"] h1`)
  document.title = `${heading.textContent} · ${page.dataset.product}`
  if (!quiet) heading.focus()
}

/** Says what is wrong above the form's button, field by field, and goes there. */
function complain(form, sentence, reasons = [], fields = []) {
  const trouble = one('.trouble', form)
  one('p', trouble).textContent = sentence
  one('ul', trouble).replaceChildren(
    ...reasons.map((reason) => {
      const item = document.createElement('li')
      item.textContent = reason
      return item
    }),
  )
  one('ul', trouble).hidden = reasons.length === 0
  trouble.hidden = false
  for (const field of form.querySelectorAll('input')) field.removeAttribute('aria-invalid')
  for (const field of fields) field.setAttribute('aria-invalid', 'true')
  ;(fields[0] ?? trouble).focus()
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  })
  const text = await answer.text()
  const told = text === '' ? {} : JSON.parse(text)
  return { ok: answer.ok, wait: answer.headers.get('retry-after'), told, problem: answer.ok ? {} : told }
}

/** Sends the form once at a time. `refused` may answer a problem in its own way; what it leaves is told in general. */
function onSubmit(form, { check = () => true, path, body, done, refused }) {
  const button = one('button', form)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (button.getAttribute('aria-busy') === 'true' || !check()) return
    one('.trouble', form).hidden = true
    button.setAttribute('aria-busy', 'true')
    try {
      const { ok, wait, told, problem } = await post(path, body())
      if (ok) done(told)
      else if (!refused(problem)) complain(form, wait ? laterBy(wait) : problem.title)
    } catch {
      complain(form, noAnswer)
    } finally {
      button.removeAttribute('aria-busy')
    }
  })
}

function laterBy(seconds) {
  return `This cannot be done right now. Try again in ${seconds === '1' ? 'a second' : `${seconds} seconds`}.`
}

function reasonsOf(problem, subject) {
  return (problem.errors ?? []).map((fault) => `${subject} ${fault.detail}.`)
}

function askForMail(form) {
  const email = one('#email', form)
  onSubmit(form, {
    path: '/v1/password-resets',
    check() {
      if (email.value.trim() !== '') return true
      complain(form, 'Type your e-mail address.', [], [email])
      return false
    },
    body: () => ({ email: email.value.trim() }),
    done: () => show('asked'),
    refused(problem) {
      if (problem.code !== 'validation_failed') return false
      complain(form, 'This is not an address that mail can be sent to.', reasonsOf(problem, 'It'), [email])
      return true
    },
  })
}

function setPassword(form) {
  const password = one('#password', form)
  const again = one('#again', form)
  one('#show', form).addEventListener('change', (event) => {
    for (const field of [password, again]) field.type = event.target.checked ? 'text' : 'password'
  })
  onSubmit(form, {
    path: '/v1/password-resets/completions',
    check() {
      if (password.value === '') complain(form, 'Choose a new password.', [], [password])
      else if (password.value !== again.value) complain(form, 'The two passwords are not the same.', [], [again])
      else return true
      return false
    },
    body: () => ({ token, password: password.value }),
    done() {
      form.reset()
      show('done')
    },
    refused(problem) {
      if (problem.code === 'token_invalid') show('dead')
      else if (!problem.errors) return false
      else complain(form, 'This password cannot be used:', reasonsOf(problem, 'It'), [password])
      return true
    },
  })
}

function confirmAddress(form, path = '/v1/email-verifications') {
  onSubmit(form, {
    path,
    body: () => ({ token }),
    done: () => show('done'),
    refused(problem) {
      if (problem.code !== 'token_invalid' && problem.code !== 'validation_failed') return false
      show('dead')
      return true
    },
  })
}

function lockAccount(form, body = () => ({ token })) {
  onSubmit(form, {
    path: '/v1/lockdown-links',
    check() {
      const given = form.querySelectorAll('input')
      if (given.length === 0 || [...given].some((field) => field.value !== '')) return true
      complain(form, 'Type the password or a code.', [], [given[0]])
      return false
    },
    body,
    done: () => show('done'),
    refused(problem) {
      if (problem.code === 'token_invalid') show('dead')
      else if (problem.code !== 'factor_required') return false
      else if (form.dataset.action === 'lock') show('factor')
      else complain(form, 'Password or code is wrong.', [], [one('input', form)])
      return true
    },
  })
}

function lockWithFactor(form) {
  const password = one('#factor-password', form)
  const code = one('#factor-code', form)
  lockAccount(form, () => ({
    token,
    ...(password.value !== '' ? { password: password.value } : { code: code.value.trim() }),
  }))
}

const actions = {
  ask: askForMail,
  set: setPassword,
  confirm: (form) => confirmAddress(form),
  confirmChange: (form) => confirmAddress(form, '/v1/email-changes/confirmations'),
  revertChange: (form) => confirmAddress(form, '/v1/email-changes/reversions'),
  keepAccount: (form) => confirmAddress(form, '/v1/account-closings/cancellations'),
  lock: (form) => lockAccount(form),
  lockWithFactor,
}
for (const form of page.querySelectorAll('form')) actions[form.dataset.action]?.(form)
// Another link opened in this tab changes only the fragment.
addEventListener('hashchange', () => location.reload())
show(token === '' ? page.dataset.without : page.dataset.with, true)
