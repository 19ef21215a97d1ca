import { buildOpenApi } from '@portcullis/contracts/openapi'
import type { PasswordProfile } from '@portcullis/domain/password/policy'
import { keptDocument, type PageAnswer, tokenPage } from './answer-page.ts'
import { confirmEmailChangePage } from './confirm-email-change.ts'
import { docsPage } from './docs-page.ts'
import { indexPage, indexStyle } from './index-page.ts'
import { keepAccountPage } from './keep-account.ts'
import { problemsPage } from './problems-page.ts'
import { resetPasswordPage } from './reset-password.ts'
import { recoverAccountPage } from './recover-account.ts'
import { revertEmailChangePage } from './revert-email-change.ts'
import { secureAccountPage } from './secure-account.ts'
import { referenceStyle } from './style.ts'
import { verifyEmailPage } from './verify-email.ts'

/** What the pages tell of the house. */
export interface PageOptions {
  readonly productName: string
  /** Where callers reach the gateway. */
  readonly publicUrl: URL
  readonly passwordProfile: PasswordProfile
  readonly passwordLengthLeast: number
}

/** All that is served besides the calls of the contract. */
export const pagePaths = [
  '/',
  '/docs',
  '/docs/problems',
  '/openapi.json',
  '/reset-password',
  '/verify-email',
  '/secure-account',
  '/recover-account',
  '/confirm-email-change',
  '/revert-email-change',
  '/keep-account',
] as const

/** An address of a page. */
export type PagePath = (typeof pagePaths)[number]

const html = 'text/html; charset=utf-8'

/** Makes every page; the costly ones are built when somebody first asks for them. */
export function createPages(options: PageOptions): Readonly<Record<PagePath, PageAnswer>> {
  const { productName } = options
  const document = () => buildOpenApi({ title: productName, serverUrl: options.publicUrl.href.replace(/\/+$/, '') })
  const passwordRules = rulesOf(options)
  return {
    '/': keptDocument(html, async () => String(await indexPage(productName)), indexStyle),
    '/docs': keptDocument(html, async () => String(await docsPage(document())), referenceStyle),
    '/docs/problems': keptDocument(html, async () => String(await problemsPage(document())), referenceStyle),
    '/openapi.json': keptDocument('application/json; charset=utf-8', async () => JSON.stringify(document())),
    '/reset-password': tokenPage(resetPasswordPage({ productName, passwordRules })),
    '/verify-email': tokenPage(verifyEmailPage(productName)),
    '/secure-account': tokenPage(secureAccountPage(productName)),
    '/confirm-email-change': tokenPage(confirmEmailChangePage(productName)),
    '/revert-email-change': tokenPage(revertEmailChangePage(productName)),
    '/keep-account': tokenPage(keepAccountPage(productName)),
    '/recover-account': tokenPage(recoverAccountPage({ productName, passwordRules })),
  }
}

function rulesOf({ passwordProfile, passwordLengthLeast }: PageOptions): string {
  const modern = passwordProfile === 'modern'
  const least = Math.max(passwordLengthLeast, modern ? 15 : 8)
  const more = `${least} characters or more`
  return modern
    ? `${more}. A few unrelated words do well.`
    : `${more}, with upper-case and lower-case letters, a digit and a special character.`
}
