import { readLanguage } from '@portcullis/contracts/language'
import { formatId } from '@portcullis/contracts/ids'
import type { NoticeLink, NoticeMail, NoticeOrigin } from '@portcullis/domain/notice/prepare'
import { deviceText, placeText } from '@portcullis/mail/origin'
import type { Rendered } from '@portcullis/mail/rendered'
import { renderAccountLocked } from '@portcullis/mail/template/account-locked/render'
import { renderEmailChanged } from '@portcullis/mail/template/email-changed/render'
import { renderSecurityNotice } from '@portcullis/mail/template/security-notice/render'
import type { NotifierDeps } from '../../deps.ts'

const pages = { lock: '/secure-account', recover: '/recover-account', revert: '/revert-email-change' } as const

/** Makes the mail of a notice, in the language of its owner. Tokens stand behind `#`, which no server and no log sees. */
export function renderNotice(mail: NoticeMail, deps: NotifierDeps): Rendered {
  const language = readLanguage(mail.language)
  const { kind, name, times, firstAt, lastAt, details } = mail
  const { product } = deps
  const origins = mail.origins.map(originOf)
  const [origin = { place: '', device: '' }] = origins
  if (kind === 'account_locked' && mail.link?.kind === 'recover') {
    const recoveryLink = linkTo(mail.link)
    const { supportUrl } = deps
    return renderAccountLocked({ ...origin, language, name, product, supportUrl, recoveryLink, lockedAt: firstAt })
  }
  if (mail.link?.kind === 'revert') {
    const { validDays } = mail.link
    return renderEmailChanged({
      ...origin,
      language,
      name,
      product,
      revertLink: linkTo(mail.link),
      validDays,
      changedAt: firstAt,
    })
  }
  const lockLink = mail.link?.kind === 'lock' ? { url: linkTo(mail.link), validDays: mail.link.validDays } : undefined
  const keepLink = mail.keepToken === undefined ? undefined : pageWith('/keep-account', { token: mail.keepToken })
  return renderSecurityNotice({
    keepLink,
    language,
    kind,
    name,
    times,
    firstAt,
    lastAt,
    origins,
    details,
    product,
    lockLink,
  })

  function originOf({ ip, userAgent }: NoticeOrigin) {
    const { country } = deps.places.of(ip ?? undefined)
    return { place: placeText(country, language), device: deviceText(userAgent ?? undefined, language) }
  }

  function linkTo(link: NoticeLink): URL {
    const parts = {
      ...(link.kind === 'recover' && { lockdown: formatId('lockdown', link.lockdownId) }),
      token: link.token,
    }
    return pageWith(pages[link.kind], parts)
  }

  function pageWith(path: string, parts: Readonly<Record<string, string>>): URL {
    const url = new URL(path, deps.publicUrl)
    url.hash = new URLSearchParams(parts).toString()
    return url
  }
}
