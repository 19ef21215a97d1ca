/** What each template says in one language. A new template adds its own words here, and in each language. */
export interface TemplateWords {
  readonly securityNotice: {
    readonly preview: string
    readonly factsTitle: string
    readonly lock: string
    readonly lockNote: (days: string) => string
    /** On the link that keeps an account which is to be closed. */
    readonly keep: string
    readonly keepNote: string
    readonly always: (product: string) => string
    readonly optional: (product: string) => string
  }
  readonly accountLocked: {
    readonly subject: (product: string) => string
    readonly preview: string
    readonly heading: string
    readonly opening: (product: string) => readonly string[]
    readonly action: string
    readonly note: string
    readonly factsTitle: string
    readonly doubtTitle: string
    readonly doubt: string
    readonly support: string
    readonly reason: (product: string) => string
  }
  readonly confirmEmail: {
    readonly subject: (product: string) => string
    readonly preview: (life: string) => string
    readonly heading: string
    readonly opening: (product: string) => string
    readonly action: string
    readonly note: (life: string) => string
    readonly doubt: string
    readonly reason: (product: string) => string
  }
  readonly confirmEmailChange: {
    readonly subject: (product: string) => string
    readonly preview: (life: string) => string
    readonly heading: string
    readonly opening: (product: string) => string
    readonly action: string
    readonly note: (life: string) => string
    readonly doubt: string
    readonly reason: (product: string) => string
  }
  readonly emailTaken: {
    readonly subject: (product: string) => string
    readonly preview: string
    readonly heading: string
    readonly opening: (product: string) => readonly string[]
    readonly doubt: string
    readonly reason: (product: string) => string
  }
  readonly emailChanged: {
    readonly subject: (product: string) => string
    readonly preview: (life: string) => string
    readonly heading: string
    readonly opening: (product: string) => readonly string[]
    readonly action: string
    readonly note: (life: string) => string
    readonly factsTitle: string
    readonly doubtTitle: string
    readonly doubt: (life: string) => string
    readonly reason: (product: string) => string
  }
  readonly accountExists: {
    readonly subject: (product: string) => string
    readonly preview: string
    readonly heading: string
    readonly opening: (product: string) => readonly string[]
    readonly action: string
    readonly note: string
    readonly factsTitle: string
    readonly doubt: string
    readonly reason: (product: string) => string
  }
  readonly passwordReset: {
    readonly subject: (product: string) => string
    readonly preview: (life: string) => string
    readonly heading: string
    readonly opening: (product: string) => string
    readonly action: string
    readonly note: (life: string) => string
    readonly factsTitle: string
    readonly doubt: string
    readonly support: string
    readonly reason: (product: string) => string
  }
}
