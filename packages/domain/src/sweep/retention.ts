/** How many days each kind is kept. Whatever is not here leaves by a rule of its own, see `catalogue`. */
export interface Retention {
  /** Sessions and API keys that are over: so long a token that is used again can be told from an unknown one. */
  readonly credentialDays: number
  readonly resetDays: number
  /** Records of mails and webhook deliveries. */
  readonly deliveryDays: number
  readonly loginDays: number
  readonly noticeDays: number
  readonly signalDays: number
  readonly rentalDays: number
  /** A browser that was not seen for so long is a new one. */
  readonly deviceDays: number
  readonly operationDays: number
  /** Done jobs; dead ones stay three times as long. */
  readonly ledgerDays: number
}
