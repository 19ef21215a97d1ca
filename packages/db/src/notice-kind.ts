/** What a notice may be about. */
export const noticeKinds = [
  'password_changed',
  'new_device',
  'new_country',
  'two_factor_enabled',
  'two_factor_disabled',
  'backup_codes_renewed',
  'backup_code_used',
  'api_key_created',
  'ssh_key_added',
] as const

/** What a notice is about. */
export type NoticeKind = (typeof noticeKinds)[number]
