import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { NoticeWords } from '../words.ts'

const changePassword =
  'Dann kennt vielleicht jemand anders Ihr Passwort. Setzen Sie jetzt ein neues; das beendet jede Sitzung.'
const secureAll =
  'Dann hat vielleicht jemand anders Ihr Konto. Setzen Sie jetzt ein neues Passwort, und sehen Sie Ihre Sitzungen und Schlüssel durch.'

/** What each notice says in German. */
export const notices: Readonly<Record<NoticeKind, NoticeWords>> = {
  password_changed: {
    subject: (product) => `Ihr Passwort bei ${product} wurde geändert`,
    heading: 'Ihr Passwort wurde geändert',
    told: (product) =>
      `Das Passwort Ihres Kontos bei ${product} wurde geändert. Andere angemeldete Geräte wurden abgemeldet.`,
    cure: 'Dann hat vielleicht jemand anders Ihr Konto. Sperren Sie es jetzt, und ändern Sie auch das Passwort Ihres Postfachs.',
  },
  new_device: {
    subject: (product) => `Ein neues Gerät hat sich bei ${product} angemeldet`,
    heading: 'Anmeldung mit einem neuen Gerät',
    told: (product) =>
      `Jemand hat sich mit einem Gerät, das noch nie benutzt wurde, in Ihr Konto bei ${product} eingeloggt.`,
    cure: changePassword,
  },
  new_country: {
    subject: (product) => `Anmeldung bei ${product} aus einem neuen Land`,
    heading: 'Anmeldung aus einem neuen Land',
    told: (product) => `Jemand hat sich aus einem Land, das noch nie vorkam, in Ihr Konto bei ${product} eingeloggt.`,
    cure: changePassword,
  },
  impossible_travel: {
    subject: (product) => `Zwei Anmeldungen bei ${product} von weit auseinander`,
    heading: 'Zwei Anmeldungen von weit auseinander',
    told: (product) =>
      `Ihr Konto bei ${product} wurde von zwei Orten aus benutzt, zwischen denen in dieser Zeit niemand reisen kann.`,
    cure: secureAll,
  },
  login_after_failures: {
    subject: (product) => `Anmeldung bei ${product} nach vielen Fehlversuchen`,
    heading: 'Anmeldung nach vielen Fehlversuchen',
    told: (product) =>
      `Jemand hat sich nach einer Reihe von Fehlversuchen in Ihr Konto bei ${product} eingeloggt. Vielleicht wurde das Passwort erraten.`,
    cure: changePassword,
  },
  login_after_absence: {
    subject: (product) => `Anmeldung bei ${product} nach langer Zeit`,
    heading: 'Anmeldung nach langer Zeit',
    told: (product) => `Jemand hat sich in Ihr Konto bei ${product} eingeloggt, das lange niemand benutzt hatte.`,
    cure: changePassword,
  },
  second_factor_failed: {
    subject: (product) => `Ihr Passwort bei ${product} wurde benutzt, der Code war falsch`,
    heading: 'Das Passwort stimmte, der Code nicht',
    told: (product) =>
      `Jemand kannte das Passwort Ihres Kontos bei ${product} und hatte den Code nicht. Der Zugang wurde verweigert.`,
    cure: changePassword,
  },
  two_factor_enabled: {
    subject: (product) => `Zwei-Faktor-Anmeldung bei ${product} ist an`,
    heading: 'Zwei-Faktor-Anmeldung ist an',
    told: (product) => `Ihr Konto bei ${product} verlangt ab jetzt außer dem Passwort einen Code.`,
    cure: secureAll,
  },
  two_factor_disabled: {
    subject: (product) => `Zwei-Faktor-Anmeldung bei ${product} ist aus`,
    heading: 'Zwei-Faktor-Anmeldung ist aus',
    told: (product) => `Ihr Konto bei ${product} verlangt wieder nur das Passwort. Die Ersatzcodes gelten nicht mehr.`,
    cure: secureAll,
  },
  backup_codes_renewed: {
    subject: (product) => `Neue Ersatzcodes bei ${product}`,
    heading: 'Neue Ersatzcodes wurden erzeugt',
    told: (product) => `Die Ersatzcodes Ihres Kontos bei ${product} wurden ersetzt; die alten öffnen nichts mehr.`,
    cure: secureAll,
  },
  backup_code_used: {
    subject: (product) => `Ein Ersatzcode bei ${product} wurde benutzt`,
    heading: 'Ein Ersatzcode wurde benutzt',
    told: (product) =>
      `Jemand hat sich mit einem Ersatzcode in Ihr Konto bei ${product} eingeloggt. Jeder gilt einmal.`,
    cure: secureAll,
  },
  api_key_created: {
    subject: (product) => `Ein neuer API-Schlüssel bei ${product}`,
    heading: 'Ein API-Schlüssel wurde erzeugt',
    told: (product) =>
      `Ein neuer API-Schlüssel kann für Ihr Konto bei ${product} handeln, soweit seine Rechte reichen.`,
    cure: 'Dann widerrufen Sie ihn jetzt, und setzen Sie ein neues Passwort.',
  },
  api_key_revoked: {
    subject: (product) => `Ein API-Schlüssel bei ${product} wurde widerrufen`,
    heading: 'Ein API-Schlüssel wurde widerrufen',
    told: (product) =>
      `${product} hat einen API-Schlüssel Ihres Kontos widerrufen: Er öffnet nichts mehr. Erzeugen Sie bei Bedarf einen neuen.`,
    cure: 'Dann kennt vielleicht jemand anders den Schlüssel. Sehen Sie die übrigen durch, und setzen Sie ein neues Passwort.',
  },
  api_key_reused: {
    subject: (product) => `Ein widerrufener API-Schlüssel bei ${product} wurde benutzt`,
    heading: 'Ein widerrufener API-Schlüssel wurde benutzt',
    told: (product) =>
      `Jemand hat einen früher widerrufenen API-Schlüssel Ihres Kontos bei ${product} versucht und wurde abgewiesen. Entweder hat eines Ihrer Programme ihn noch, oder er ist in falschen Händen.`,
    cure: 'Dann ist der Schlüssel bekannt geworden. Finden Sie heraus, wo er lag, und ersetzen Sie, was dort noch lag.',
  },
  api_key_leaked: {
    subject: (product) => `Ein API-Schlüssel bei ${product} stand öffentlich`,
    heading: 'Ein API-Schlüssel stand öffentlich',
    told: (product) =>
      `Ein API-Schlüssel Ihres Kontos bei ${product} wurde als veröffentlicht gemeldet. Er wurde sofort widerrufen und öffnet nichts.`,
    cure: 'Sehen Sie nach, wofür der Schlüssel benutzt wurde, und setzen Sie ein neues Passwort.',
  },
  ssh_key_added: {
    subject: (product) => `Ein neuer SSH-Schlüssel bei ${product}`,
    heading: 'Ein SSH-Schlüssel wurde hinzugefügt',
    told: (product) => `Ein neuer SSH-Schlüssel öffnet die Server, die Sie bei ${product} mieten.`,
    cure: 'Dann entfernen Sie ihn jetzt, und setzen Sie ein neues Passwort.',
  },
  email_change_requested: {
    subject: (product) => `Für Ihr Konto bei ${product} wurde eine neue Adresse gewünscht`,
    heading: 'Eine neue Adresse wurde gewünscht',
    told: (product) =>
      `Jemand, der in Ihrem Konto bei ${product} angemeldet ist, möchte dessen Post an eine andere Adresse schicken lassen. Geändert ist noch nichts.`,
    cure: secureAll,
  },
  email_changed: {
    subject: (product) => `Die Adresse Ihres Kontos bei ${product} wurde geändert`,
    heading: 'Die Adresse wurde geändert',
    told: (product) =>
      `Post Ihres Kontos bei ${product} geht ab jetzt an eine andere Adresse. Sieben Tage lang kann das alte Postfach das zurücknehmen.`,
    cure: secureAll,
  },
  email_change_reverted: {
    subject: (product) => `Die Adresse Ihres Kontos bei ${product} ist wieder die alte`,
    heading: 'Die Adresse ist wieder die alte',
    told: (product) => `Die Änderung der Adresse Ihres Kontos bei ${product} wurde vom alten Postfach zurückgenommen.`,
    cure: secureAll,
  },
  risk_reported: {
    subject: (product) => `Ungewöhnliches in Ihrem Konto bei ${product}`,
    heading: 'Ungewöhnliches wurde gemeldet',
    told: (product) => `In Ihrem Konto bei ${product} ist etwas geschehen, das nicht zu Ihnen passt.`,
    cure: secureAll,
  },
  account_locked: {
    subject: (product) => `Ihr Konto bei ${product} ist gesperrt`,
    heading: 'Ihr Konto ist gesperrt',
    told: (product) =>
      `Ihr Konto bei ${product} wurde als kompromittiert gemeldet. Jede Sitzung, jeder Schlüssel und jeder Link von zuvor wird abgewiesen.`,
    cure: 'Stellen Sie Ihr Konto wieder her; bis dahin ist niemand darin.',
  },
  account_recovered: {
    subject: (product) => `Ihr Konto bei ${product} gehört wieder Ihnen`,
    heading: 'Ihr Konto ist wieder offen',
    told: (product) =>
      `Ihr Konto bei ${product} wurde wiederhergestellt: Es hat ein neues Passwort, und nichts von zuvor öffnet es.`,
    cure: secureAll,
  },
  account_disabled: {
    subject: (product) => `Ihr Konto bei ${product} wurde stillgelegt`,
    heading: 'Ihr Konto wurde stillgelegt',
    told: (product) => `${product} hat Ihr Konto stillgelegt. Nichts öffnet es, bis es wieder freigegeben wird.`,
    cure: 'Schreiben Sie dem Support.',
  },
  account_closing: {
    subject: (product) => `Ihr Konto bei ${product} wird geschlossen`,
    heading: 'Ihr Konto wird geschlossen',
    told: (product) =>
      `Jemand, der angemeldet ist, möchte Ihr Konto bei ${product} schließen. Bis dahin lässt es sich behalten.`,
    cure: secureAll,
  },
  account_closed: {
    subject: (product) => `Ihr Konto bei ${product} ist geschlossen`,
    heading: 'Ihr Konto ist geschlossen',
    told: (product) =>
      `Wie gewünscht ist Ihr Konto bei ${product} geschlossen. Nichts öffnet es mehr, und was von Ihnen gespeichert ist, wird jetzt gelöscht. Das ist die letzte Mail.`,
    cure: 'Schreiben Sie sofort dem Support.',
  },
  role_changed: {
    subject: (product) => `Ihre Rolle bei ${product} wurde geändert`,
    heading: 'Ihre Rolle wurde geändert',
    told: (product) => `Eine Administratorin oder ein Administrator hat geändert, was Ihr Konto bei ${product} darf.`,
    cure: 'Schreiben Sie Ihrer Administration.',
  },
  data_exported: {
    subject: (product) => `Ihre Daten bei ${product} wurden ausgegeben`,
    heading: 'Eine Kopie Ihrer Daten wurde erstellt',
    told: (product) =>
      `Auf Wunsch von jemandem, der angemeldet ist, entstand eine Kopie der Daten Ihres Kontos bei ${product}.`,
    cure: secureAll,
  },
  sessions_revoked: {
    subject: (product) => `Ihre Sitzungen bei ${product} wurden beendet`,
    heading: 'Ihre Sitzungen wurden beendet',
    told: (product) => `${product} hat Sitzungen Ihres Kontos beendet. Melden Sie sich neu an.`,
    cure: 'Zu tun ist nichts weiter.',
  },
  keys_revoked: {
    subject: (product) => `Schlüssel Ihres Kontos bei ${product} wurden widerrufen`,
    heading: 'Schlüssel wurden widerrufen',
    told: (product) =>
      `${product} hat Schlüssel Ihres Kontos widerrufen. Programme, die sie verwenden, werden abgewiesen; erzeugen Sie neue, wo Sie welche brauchen.`,
    cure: 'Zu tun ist nichts weiter.',
  },
  access_restored: {
    subject: (product) => `Zugänge zu Ihrem Konto bei ${product} gelten wieder`,
    heading: 'Sitzungen und Schlüssel gelten wieder',
    told: (product) =>
      `${product} hatte Sitzungen oder Schlüssel Ihres Kontos beendet und hat das zurückgenommen: Sie gelten wieder.`,
    cure: secureAll,
  },
  backup_codes_low: {
    subject: (product) => `Bei ${product} bleiben Ihnen wenige Ersatzcodes`,
    heading: 'Wenige Ersatzcodes sind übrig',
    told: (product) =>
      `Ihr Konto bei ${product} hat nur noch wenige Ersatzcodes. Erzeugen Sie neue, solange Sie angemeldet sind.`,
    cure: secureAll,
  },
  api_key_expiring: {
    subject: (product) => `Ein API-Schlüssel bei ${product} läuft ab`,
    heading: 'Ein API-Schlüssel läuft ab',
    told: (product) =>
      `Ein API-Schlüssel Ihres Kontos bei ${product} läuft binnen 7 Tagen ab. Erneuern Sie ihn vorher.`,
    cure: 'Dann widerrufen Sie ihn.',
  },
  ssh_key_deployed: {
    subject: (product) => `Ihr SSH-Schlüssel ist auf einem Mietserver (${product})`,
    heading: 'Ein SSH-Schlüssel wurde verteilt',
    told: (product) => `Ein Server, den Sie bei ${product} mieten, hat Ihre SSH-Schlüssel abgeholt.`,
    cure: secureAll,
  },
}
