// The inbox page. Mails are hostile: every text goes in as text, never as markup; HTML is shown only in the sandboxed frame.

const at = (id) => document.getElementById(id)
const tabs = ['html', 'text', 'headers']
let messages = []
let shownId = ''

async function refresh() {
  const answer = await fetch('/messages?brief')
  messages = await answer.json()
  drawList()
  await choose()
}

function drawList() {
  const words = at('filter').value.trim().toLowerCase()
  const fits = (mail) => `${mail.to.join(' ')} ${mail.from} ${mail.subject}`.toLowerCase().includes(words)
  const found = messages.filter(fits)
  at('list').replaceChildren(...found.map(drawRow))
  at('nothing').hidden = found.length > 0
  at('nothing').textContent =
    messages.length > 0 ? 'No mail fits the filter.' : 'No mail here yet. It will appear by itself.'
  at('clear').disabled = messages.length === 0
  at('state').textContent = messages.length === 1 ? '1 mail' : `${messages.length} mails`
  document.title = messages.length > 0 ? `(${messages.length}) Inbox · Portcullis` : 'Inbox · Portcullis'
}

function drawRow(mail) {
  const link = document.createElement('a')
  link.href = `#${mail.id}`
  if (mail.id === chosenId()) link.setAttribute('aria-current', 'true')
  const moment = document.createElement('time')
  moment.dateTime = mail.receivedAt
  moment.textContent = new Date(mail.receivedAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  link.append(span('recipient', mail.to.join(', ')), moment, span('subject', mail.subject || '(no subject)'))
  const row = document.createElement('li')
  row.append(link)
  return row
}

function span(name, text) {
  const element = document.createElement('span')
  element.className = name
  element.textContent = text
  return element
}

function chosenId() {
  return location.hash.slice(1)
}

/** Shows the mail that the address names; the one shown already stays as it is. */
async function choose() {
  const id = chosenId()
  const known = messages.some((mail) => mail.id === id)
  at('welcome').hidden = known
  at('reader').hidden = !known
  for (const link of at('list').querySelectorAll('a')) {
    if (link.hash === `#${id}`) link.setAttribute('aria-current', 'true')
    else link.removeAttribute('aria-current')
  }
  if (!known) shownId = ''
  if (!known || id === shownId) return
  shownId = id
  const answer = await fetch(`/messages/${id}`)
  if (!answer.ok || shownId !== id) return
  showMail(await answer.json())
}

function showMail(mail) {
  at('subject').textContent = mail.subject || '(no subject)'
  at('from').textContent = mail.headers.from ?? mail.from
  at('to').textContent = mail.to.join(', ')
  at('received').dateTime = mail.receivedAt
  at('received').textContent = new Date(mail.receivedAt).toLocaleString()
  at('view-text').textContent = mail.text || '(This mail has no plain text.)'
  at('view-headers').textContent = Object.entries(mail.headers)
    .flatMap(([name, value]) => value.split('\n').map((line) => `${name}: ${line}`))
    .join('\n')
  at('tab-html').disabled = mail.html === ''
  // Replaced rather than navigated, so that Back leads to the mail before and not through the frame.
  const frame = at('frame').cloneNode()
  if (mail.html === '') frame.removeAttribute('src')
  else frame.src = `/messages/${mail.id}/html`
  at('frame').replaceWith(frame)
  select(mail.html === '' ? 'text' : 'html')
  at('mail').scrollTop = 0
}

function select(chosen) {
  for (const name of tabs) {
    const tab = at(`tab-${name}`)
    tab.setAttribute('aria-selected', String(name === chosen))
    tab.tabIndex = name === chosen ? 0 : -1
    at(`view-${name}`).hidden = name !== chosen
  }
}

for (const name of tabs) at(`tab-${name}`).addEventListener('click', () => select(name))

at('tabs').addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (step === undefined) return
  const open = tabs.filter((name) => !at(`tab-${name}`).disabled)
  const now = open.findIndex((name) => at(`tab-${name}`).getAttribute('aria-selected') === 'true')
  const next = open[(now + step + open.length) % open.length]
  select(next)
  at(`tab-${next}`).focus()
})

at('filter').addEventListener('input', drawList)

at('clear').addEventListener('click', async () => {
  if (confirm(`Delete all ${messages.length} mails?`)) await fetch('/messages', { method: 'DELETE' })
})

addEventListener('hashchange', async () => {
  await choose()
  at('mail').focus()
})

const events = new EventSource('/events')
events.addEventListener('change', refresh)
events.addEventListener('error', () => {
  at('state').textContent = 'The inbox is not running. Looking for it…'
})
