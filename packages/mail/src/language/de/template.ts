import type { TemplateWords } from '../template-words.ts'

/** What each template says in German. */
export const templates: TemplateWords = {
  securityNotice: {
    preview: 'Waren Sie es, ist alles gut. Wenn nicht, handeln Sie jetzt.',
    factsTitle: 'Woher es kam',
    lock: 'Das war ich nicht: Konto sperren',
    lockNote: (days) =>
      `Der Link kann nichts, als Ihr Konto zu sperren: Jede Sitzung und jeder Schlüssel wird abgewiesen, bis Sie es wiederhergestellt haben. Er gilt einmal und für ${days}.`,
    keep: 'Konto behalten',
    keepNote: 'Der Link kann nichts als das. Er gilt einmal, bis das Konto geschlossen ist.',
    always: (product) => `${product} verschickt dies jedes Mal, wenn es geschieht; es lässt sich nicht abschalten.`,
    optional: (product) => `${product} verschickt dies, bis Sie es in Ihrem Konto abschalten.`,
  },
  accountLocked: {
    subject: (product) => `Ihr Konto bei ${product} ist gesperrt`,
    preview: 'Nichts, was zuvor ausgestellt wurde, öffnet es noch. Hier ist der Weg zurück.',
    heading: 'Ihr Konto ist gesperrt',
    opening: (product) => [
      `Ihr Konto bei ${product} wurde als kompromittiert gemeldet. Seit diesem Augenblick wird jede Sitzung, jeder Schlüssel und jeder Link abgewiesen, der zuvor ausgestellt wurde.`,
      'Gelöscht wurde nichts. Sie setzen ein neues Passwort, weisen Ihren zweiten Faktor nach, falls Sie einen haben, und sehen durch, was geschehen ist.',
    ],
    action: 'Mein Konto wiederherstellen',
    note: 'Der Link ist nur für Sie. Wer ihn und Ihren zweiten Faktor hat, kann Ihr Konto öffnen; geben Sie ihn nicht weiter.',
    factsTitle: 'Woher die Meldung kam',
    doubtTitle: 'Sie haben das nicht gemeldet?',
    doubt:
      'Stellen Sie Ihr Konto trotzdem wieder her. Der Link oben ging nur an Sie, und bis Sie ihn benutzt haben, ist niemand darin.',
    support: 'An den Support schreiben',
    reason: (product) => `${product} verschickt dies, wenn ein Konto gesperrt wird; es lässt sich nicht abschalten.`,
  },
  confirmEmail: {
    subject: (product) => `Bestätigen Sie Ihre Adresse für ${product}`,
    preview: (life) => `Ein Schritt fehlt noch. Der Link gilt einmal und für ${life}.`,
    heading: 'Bestätigen Sie Ihre Adresse',
    opening: (product) =>
      `Ein Schritt fehlt noch zu Ihrem Konto bei ${product}: Sagen Sie uns, dass diese Adresse Ihre ist.`,
    action: 'Meine Adresse bestätigen',
    note: (life) => `Der Link gilt einmal und für ${life}.`,
    doubt: 'Dann lassen Sie diese E-Mail liegen. Ohne den Link entsteht kein Konto, und die Adresse wird vergessen.',
    reason: (product) => `${product} hat dies verschickt, weil sich jemand mit Ihrer Adresse angemeldet hat.`,
  },
  confirmEmailChange: {
    subject: (product) => `Bestätigen Sie Ihre neue Adresse für ${product}`,
    preview: (life) => `Post kommt hierher, sobald Sie bestätigen. Der Link gilt einmal und für ${life}.`,
    heading: 'Bestätigen Sie Ihre neue Adresse',
    opening: (product) =>
      `Jemand, der in einem Konto bei ${product} angemeldet ist, möchte dessen Post an diese Adresse schicken lassen. Waren Sie es, bestätigen Sie es hier; dann endet jede Sitzung, und Sie melden sich mit dieser Adresse an.`,
    action: 'Diese Adresse verwenden',
    note: (life) => `Der Link gilt einmal und für ${life}.`,
    doubt: 'Dann lassen Sie diese E-Mail liegen. Ohne den Link ändert sich nichts.',
    reason: (product) => `${product} hat dies verschickt, weil jemand Ihre Adresse verwenden möchte.`,
  },
  emailTaken: {
    subject: (product) => `Jemand wollte Ihre Adresse bei ${product} verwenden`,
    preview: 'Sie gehört Ihnen, und das bleibt so. Geändert hat sich nichts.',
    heading: 'Ihre Adresse bleibt Ihre',
    opening: (product) => [
      `Jemand, der in einem anderen Konto bei ${product} angemeldet ist, wollte dessen Post an Ihre Adresse schicken lassen. Sie gehört zu Ihrem Konto, darum hat sich nichts geändert.`,
      'Waren Sie es: Eine Adresse kann nur ein Konto haben. Geben Sie diesem Konto zuerst eine andere.',
    ],
    doubt: 'Dann müssen Sie nichts tun. Ihr Konto ist, wie es war, und niemand hat erfahren, dass es besteht.',
    reason: (product) => `${product} hat dies verschickt, weil jemand Ihre Adresse verwenden möchte.`,
  },
  emailChanged: {
    subject: (product) => `Die Adresse Ihres Kontos bei ${product} wurde geändert`,
    preview: (life) => `Waren Sie es nicht, nehmen Sie es jetzt zurück. Der Link gilt für ${life}.`,
    heading: 'Ihre Adresse wurde geändert',
    opening: (product) => [
      `Post Ihres Kontos bei ${product} geht jetzt an eine andere Adresse, und mit ihr meldet man sich an. Waren Sie es, ist alles gut.`,
      'Waren Sie es nicht, nehmen Sie es zurück: Diese Adresse ist sofort wieder Ihre, Ihr Konto ist für jeden gesperrt, der darin ist, und eine E-Mail an diese Adresse führt Sie wieder hinein.',
    ],
    action: 'Das war ich nicht: zurücknehmen',
    note: (life) => `Der Link gilt einmal und für ${life}.`,
    factsTitle: 'Wo es bestätigt wurde',
    doubtTitle: 'Waren Sie es?',
    doubt: (life) => `Dann behalten Sie diese E-Mail. Noch ${life} lang kommt Post zu Ihrer Sicherheit hierher.`,
    reason: (product) => `${product} verschickt dies jedes Mal, wenn es geschieht; es lässt sich nicht abschalten.`,
  },
  accountExists: {
    subject: (product) => `Zu Ihrer Adresse gibt es schon ein Konto bei ${product}`,
    preview: 'Jemand wollte sich mit Ihrer Adresse anmelden. Geändert hat sich nichts.',
    heading: 'Sie haben schon ein Konto',
    opening: (product) => [
      `Jemand wollte bei ${product} ein Konto mit Ihrer Adresse eröffnen, zu der es schon eines gibt. Geändert hat sich nichts.`,
      'Waren Sie es, melden Sie sich an wie immer. Wissen Sie Ihr Passwort nicht mehr, können Sie ein neues anfordern.',
    ],
    action: 'Neues Passwort anfordern',
    note: 'Die Seite fragt nach Ihrer Adresse und schickt Ihnen einen Link.',
    factsTitle: 'Woher der Versuch kam',
    doubt: 'Dann müssen Sie nichts tun. Ihr Konto ist, wie es war, und niemand hat erfahren, dass es besteht.',
    reason: (product) => `${product} hat dies verschickt, weil sich jemand mit Ihrer Adresse anmelden wollte.`,
  },
  passwordReset: {
    subject: (product) => `Neues Passwort für ${product}`,
    preview: (life) => `Der Link gilt einmal und für ${life}.`,
    heading: 'Wählen Sie ein neues Passwort',
    opening: (product) =>
      `Jemand hat für Ihr Konto bei ${product} ein neues Passwort angefordert. Waren Sie es, wählen Sie hier eines.`,
    action: 'Neues Passwort wählen',
    note: (life) => `Der Link gilt einmal und für ${life}. Geben Sie ihn nicht weiter.`,
    factsTitle: 'Woher die Anforderung kam',
    doubt: 'Dann müssen Sie nichts tun. Ohne diesen Link kann niemand Ihr Passwort ändern.',
    support: 'Kommt es öfter vor, sagen Sie es unserem Support',
    reason: (product) => `${product} hat dies verschickt, weil mit Ihrer Adresse ein neues Passwort angefordert wurde.`,
  },
}
