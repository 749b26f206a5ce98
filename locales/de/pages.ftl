## Anmelden

sign-in-title = Anmelden
sign-in-to-client = und weiter zu { $client }
sign-in-to-brand = bei Ihrem { $brand }-Konto
sign-in-again-title = Sind Sie es noch?
sign-in-again-text = Geben Sie Ihr Passwort ein, um fortzufahren.
forgot-password-link = Passwort vergessen?
no-account-yet = Neu hier?
have-account = Schon ein Konto?

code-title = Code eingeben
code-text = Öffnen Sie Ihre Authenticator-App und geben Sie den Code für { $brand } ein.
code-verify = Prüfen
step-password-title = Passwort eingeben
step-password-text = Um mit Ihrem { $brand }-Konto fortzufahren.
step-for-client = { $client } verlangt dies, um sicher zu sein, dass Sie es sind.
step-other-ways = Oder mit
step-hotp-text = Drücken Sie die Taste Ihres Geräts und geben Sie den Code ein, den es für { $brand } zeigt.
step-sms-text = Geben Sie den Code ein, den { $brand } an Ihr Telefon gesendet hat.
step-email-text = Geben Sie den Code ein, den { $brand } Ihnen per E-Mail gesendet hat.
step-recovery-title = Wiederherstellungscode eingeben
step-recovery-text = Geben Sie einen der Wiederherstellungscodes ein, die { $brand } Ihnen gegeben hat. Jeder gilt einmal.
step-sent-to = Ihre Adresse: { $address }
step-send = Code senden
step-send-again = Neuen Code senden
step-email-send-text = { $brand } kann Ihnen einen Code per E-Mail senden.
step-sms-send-text = { $brand } kann einen Code an Ihr Telefon senden.
step-sent-to-phone = Ihre Nummer: { $address }
step-resync = Der Code wird nicht angenommen?
step-resync-text = Wurde der Knopf oft gedrückt, ist das Gerät voraus. Geben Sie zwei Codes ein, die es nacheinander zeigt.
passkey-sign-in = Mit Passkey anmelden
passkey-waiting = Weiter im Browser …
passkey-unsupported = Dieser Browser kann keine Passkeys verwenden. Nehmen Sie einen anderen Weg oder einen neueren Browser.
passkey-failed = Es wurde nichts daraus: abgebrochen, oder es dauerte zu lange. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.
passkey-known = Dieser Passkey ist hier schon eingerichtet.
passkey-needs-script = Passkeys brauchen JavaScript. Schalten Sie es für diese Seite ein, oder nehmen Sie einen anderen Weg.
step-passkey-title = Passkey verwenden
step-passkey-text = Bestätigen Sie mit Fingerabdruck, Gesicht, PIN oder Sicherheitsschlüssel, dass Sie es sind.
step-passkey-button = Passkey verwenden
method-passkey = Passkey
method-password = Passwort
method-totp = Authenticator-App
method-hotp = Hardware-Token
method-sms-code = Code per SMS
method-email-code = Code per E-Mail
method-magic-link = Link per E-Mail
method-recovery-code = Wiederherstellungscode
unmet-title = Eine stärkere Anmeldung ist nötig
unmet-text = { $client } verlangt eine Art der Anmeldung, die Ihr Konto noch nicht hat.
unmet-what-now = Sie können sie auf Ihrer Kontoseite einrichten und wiederkommen oder ohne sie zurückkehren.
unmet-set-up = Zu meinem Konto
unmet-back = Zurück zu { $client }

## Zweite Schritte

factors-title = Anmeldung in zwei Schritten
factors-text = Wer Ihr Passwort erfährt, kann sich ohne den zweiten Schritt trotzdem nicht anmelden.
factors-on = ein
factors-none = Codes aus einer App auf Ihrem Telefon.
factors-apps =
    { $n ->
        [one] { $n } App
       *[other] { $n } Apps
    }
factors-manage = Verwalten
factors-set-up = Einrichten
factors-used = { $ago } benutzt
factors-token = Von Ihrer Organisation. Fragen Sie dort, wenn er verloren ist.
phone-none = Codes per SMS, für den Fall, dass nichts Besseres zur Hand ist.
phone-title = Codes per SMS
phone-known = Ihre Nummer
phone-add = Nummer hinzufügen
phone-another = Andere Nummer verwenden
phone-nothing-came = Nichts angekommen?
phone-text = SMS können umgeleitet und mitgelesen werden. Nehmen Sie eine Authenticator-App oder einen Passkey, wo Sie können, und dies für schlechte Tage.
phone-hint = Mit dem Land davor, wie +49 151 12345678
phone-told = Anwendungen, denen Sie erlauben, Ihre Telefonnummer zu sehen, erfahren diese.
phone-sent = Wir haben einen Code an { $number } gesendet. Er gilt einmal, 5 Minuten lang.
phone-confirm = Nummer bestätigen
authenticator-title = Authenticator-Apps
authenticator-devices = Ihre Geräte
authenticator-text = Eine App auf Ihrem Telefon oder Rechner zeigt jede halbe Minute einen neuen Code. Sie braucht dafür kein Netz.
authenticator-add-title = App hinzufügen
authenticator-another = Weitere App hinzufügen
authenticator-full = Mehr Geräte gehen nicht. Entfernen Sie eines, um ein anderes hinzuzufügen.
authenticator-scan = Scannen Sie dies mit der App:
authenticator-qr = QR-Code für eine Authenticator-App. Der Schlüssel darunter sagt dasselbe.
authenticator-open = App auf diesem Gerät öffnen
authenticator-type = Oder tippen Sie diesen Schlüssel ein:
authenticator-confirm = Geben Sie den Code ein, den sie jetzt zeigt:
authenticator-name = Name des Geräts
authenticator-name-hint = Damit Sie es später wiedererkennen.
authenticator-add = App hinzufügen
authenticator-rename = Umbenennen
authenticator-rename-label = { $name } umbenennen
authenticator-rename-save = Namen speichern
authenticator-remove-label = { $name } entfernen
set-up-factor-title = Zweiten Schritt einrichten
set-up-factor-text = { $brand } verlangt von allen mehr als ein Passwort. Es dauert eine Minute, einmal.
set-up-passkey = Mit einem Passkey
set-up-app = Mit einer Authenticator-App
recovery-title = Wiederherstellungscodes
recovery-what = Wenn Ihr zweiter Schritt nicht zur Hand ist
recovery-text = Jeder dieser Codes ersetzt Ihren zweiten Schritt einmal: wenn Ihr Telefon verloren ist oder keinen Strom hat.
recovery-left =
    { $n ->
        [0] Kein Code ist übrig.
        [one] { $n } Code ist übrig.
       *[other] { $n } Codes sind übrig.
    }
recovery-few = Erzeugen Sie bald neue.
recovery-renew = Neue Codes erzeugen
recovery-renew-short = Neue Codes
recovery-renew-hint = Die alten gelten dann nicht mehr.
recovery-nothing = Sie erhalten sie, wenn Sie einen zweiten Schritt einrichten.
recovery-shown-title = Ihre Wiederherstellungscodes
recovery-once = Bewahren Sie sie dort auf, wo Sie sie ohne Ihr Telefon finden. Sie werden nicht noch einmal gezeigt.
recovery-done = Ich habe sie verwahrt
recovery-left-title = Nur noch wenige Wiederherstellungscodes
recovery-left-text = Der benutzte gilt nicht mehr. Erzeugen Sie bald neue, damit Sie sich nie aussperren.
copy = Kopieren
copied = Kopiert
print = Drucken

## Mehrere Konten

select-account-title = Konto auswählen
select-account-text = Diese Konten wurden in diesem Browser benutzt.
select-account-current = In Benutzung
select-account-live = Angemeldet
select-account-ended = Neu anmelden
select-account-another = Ein anderes Konto benutzen
select-account-logout-all = Von allen abmelden

## Zustimmung

consent-title = { $client } möchte Ihr Konto benutzen
consent-signed-in-as = Angemeldet als { $user }
consent-not-you = Nicht Sie?
consent-scopes = Damit erlauben Sie der Anwendung:
consent-resources = In Ihrem Namen bei:
consent-allow = Erlauben
consent-deny = Ablehnen
consent-redirect = In beiden Fällen kehren Sie zu { $host } zurück.
consent-trial = Dies ist eine Probe. Die Anwendung selbst bekommt nichts, und Ihre Antwort wird nicht gemerkt.
consent-revoke-later = Sie können das jederzeit in Ihrem Konto zurücknehmen.
consent-links = Über diese Anwendung:
consent-policy = Datenschutz
consent-terms = Nutzungsbedingungen
scope-openid = Wissen, wer Sie sind, anhand einer Kennung
scope-profile = Ihren Namen und Ihr übriges Profil sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-address = Ihre Postanschrift sehen
scope-phone = Ihre Telefonnummer sehen
scope-offline-access = Diesen Zugriff behalten, auch wenn Sie nicht da sind
scope-other = Die Berechtigung „{ $scope }“ nutzen

form-post-title = Wir bringen Sie zurück
confirm-return-title = Diese Anfrage geht nicht
confirm-return-text = Eine Anwendung, die diese Seite nicht kennt, hat Sie mit einer Anfrage hergeschickt, die nicht zu beantworten ist. Sie möchte Sie weiterleiten zu { $host }.
confirm-return-warning = Gehen Sie nur weiter, wenn Sie diese Adresse kennen. Angemeldet werden Sie dort nicht.
confirm-return-continue = Weiter zu { $host }
form-post-text = Sie sind auf dem Weg zu { $client }. Wenn nichts geschieht, benutzen Sie den Knopf.

## Abmelden

sign-out-title = Abmelden?
sign-out-text = Das beendet Ihre Sitzung als { $user } in diesem Browser.
sign-out-client = { $client } möchte Sie abmelden. Das beendet Ihre Sitzung in diesem Browser.
sign-out-plain = Das beendet Ihre Sitzung in diesem Browser.
sign-out-stay = Angemeldet bleiben
sign-out-flaw = In der Anfrage der Anwendung stimmt { $parameter } nicht. Abmelden können Sie sich hier trotzdem; Sie werden nicht zu ihr zurückgeleitet.
signed-out-title = Sie sind abgemeldet
signed-out-others = Ein anderes Konto benutzen
signed-out-text = Wenn andere dieses Gerät benutzen, schließen Sie auch das Browserfenster.
signed-out-continue = Weiter zu { $client }
signed-out-frame = Meldet bei einer Anwendung ab
sign-in-again-button = Wieder anmelden

## Neue Konten

sign-up-title = Konto anlegen
check-mail-title = Sehen Sie in Ihre Post
check-mail-sign-up = Wir haben einen Link an { $address } geschickt. Öffnen Sie ihn, um zu bestätigen, dass die Adresse Ihnen gehört.
check-mail-reset = Wenn es zu { $address } ein Konto gibt, haben wir einen Link für ein neues Passwort geschickt.
check-mail-link = Wenn es zu { $address } ein Konto gibt, haben wir einen Link zur Anmeldung geschickt. Öffnen Sie ihn in diesem Browser: Er wirkt nirgends sonst, einmal, 10 Minuten lang.
check-mail-hint = Nach ein paar Minuten noch nichts da? Sehen Sie im Spam-Ordner nach und prüfen Sie, ob die Angabe stimmt.
confirm-email-title = Adresse bestätigen
confirm-email-text = Gehört { $address } Ihnen? Bestätigen Sie das, um fortzufahren.
confirm-email-button = Adresse bestätigen
email-verified-title = Adresse bestätigt
email-verified-text = Danke. Ihre E-Mail-Adresse ist bestätigt.
setup-title = Richten Sie Ihren Server ein
setup-text = Sie legen die erste Administration von { $brand } an. Dieser Link wirkt einmal.
setup-button = Administration anlegen

## Passwörter und Links

forgot-title = Passwort vergessen?
forgot-text = Sagen Sie uns, wer Sie sind; wir schicken Ihnen einen Link für ein neues.
forgot-button = Link schicken
ask-link-button = Link per E-Mail senden
ask-link-title = Per E-Mail anmelden
ask-link-text = Sagen Sie uns, wer Sie sind; wir schicken Ihnen einen Link, der Sie ohne Passwort anmeldet.
use-link-as = Dieser Link meldet Sie als { $user } an.
link-elsewhere-title = Öffnen Sie diesen Link dort, wo Sie ihn angefordert haben
link-elsewhere-text = Er meldet Sie nur in dem Browser an, der ihn angefordert hat, und dies ist ein anderer. Kopieren Sie den Link aus der Mail und öffnen Sie ihn dort, oder holen Sie einen für diesen Browser.
link-elsewhere-hint = Sie haben keinen Link angefordert? Dann hat jemand anderes Ihren Namen eingegeben. Es ist nichts passiert; geben Sie den Link nicht weiter.
reset-title = Neues Passwort wählen
reset-text = Für das Konto { $user }. Alle anderen Sitzungen werden abgemeldet.
reset-button = Neues Passwort speichern
password-changed-title = Passwort geändert
password-changed-text = Melden Sie sich ab jetzt mit Ihrem neuen Passwort an. Ihre anderen Sitzungen sind abgemeldet.
link-expired-title = Dieser Link wirkt nicht mehr
link-expired-text = Er wurde schon benutzt, oder er ist zu alt.
link-expired-new = Neuen Link holen
link-expired-setup = Der Link, der die erste Administration anlegt, wirkt einmal und nur kurz. Starten Sie den Server neu, um einen neuen zu bekommen, oder legen Sie eine Administration auf der Kommandozeile an.
already-set-up-title = Schon eingerichtet
already-set-up-text = { $brand } hat schon eine Administration. Melden Sie sich an, um weiterzumachen.

## Startseite und Konto

home-title = Ein Konto für alle Ihre Anwendungen
home-text = { $brand } meldet Sie an. Ihre Anwendungen sehen nie Ihr Passwort: Sie bekommen nur, was Sie erlauben.
account-hello = Guten Tag, { $name }
first-steps-title = Als Nächstes: Ihre erste Anwendung registrieren
first-steps-text = Ihr Server ist bereit, und noch keine Anwendung nutzt ihn. Geben Sie auf dem Rechner, auf dem er läuft, ein:
first-steps-sample = Befehl, der eine Anwendung registriert
first-steps-after = Er gibt die client_id und das client_secret aus, die die Anwendung braucht. Wie es weitergeht, steht in der README; alles andere weiß tessera --help.
first-steps-discovery = Was Ihre Anwendung über diesen Server liest
account-switch = Konto wechseln
account-sections = Abschnitte dieser Seite
account-email = E-Mail-Adresse
account-profile = Profil
account-unverified = nicht bestätigt
account-verified = bestätigt
account-applications = Anwendungen mit Zugriff
account-applications-none = Keine Anwendung hat Zugriff auf Ihr Konto.
account-since = Seit { $date }
account-open = Öffnen
account-open-label = { $client } öffnen
account-revoke = Entziehen
account-revoke-label = { $client } den Zugriff entziehen
passkeys-title = Passkeys
passkeys-text = Melden Sie sich mit Fingerabdruck, Gesicht, PIN oder einem Sicherheitsschlüssel an. Einen Passkey kann Ihnen niemand ablisten.
passkeys-add = Passkey hinzufügen
passkey-synced = Auf allen Ihren Geräten
passkey-bound = Nur auf diesem Gerät
passkey-second-only = Nur nach dem Passwort
passkey-suspended-tag = Gesperrt
passkey-suspended-text = Von diesem Passkey gibt es vielleicht eine Kopie; er meldet niemanden mehr an. Bis Sie ihn entfernen, braucht Ihr Passwort einen anderen Faktor oder einen Wiederherstellungscode dazu. Entfernen Sie ihn, sehen Sie Ihre Sitzungen durch und richten Sie einen neuen ein.
passkey-created = Hinzugefügt am { $date }
passkey-last-used = Zuletzt verwendet { $ago }
passkey-never-used = Noch nie verwendet
passkey-change = Ändern
passkey-change-label = Passkey { $name } ändern
passkey-new-title = Passkey hinzufügen
passkey-new-text = Ihr Browser fragt, wo er liegen soll: auf diesem Gerät, auf Ihrem Telefon oder auf einem Sicherheitsschlüssel.
passkey-new-button = Weiter
passkey-title = Ihr Passkey
passkey-name = Name
passkey-rename = Namen speichern
passkey-remove-text = Ein entfernter Passkey meldet Sie nicht mehr an, und Sitzungen, die auf ihm beruhen, enden. Löschen Sie ihn auch auf Ihrem Gerät.
passkey-remove = Passkey entfernen
account-sessions = Wo Sie angemeldet sind
account-this-session = Dieses Gerät
account-signed-in-from = Angemeldet von { $address }
account-last-seen = Zuletzt gesehen { $ago }
account-end = Abmelden
account-end-label = { $device } abmelden
account-password = Passwort ändern
account-password-text = Ihre anderen Sitzungen werden abgemeldet.
account-password-button = Passwort ändern
account-scope-openid = Kennung
account-scope-profile = Profil
account-scope-email = E-Mail
account-scope-address = Postanschrift
account-scope-phone = Telefonnummer
account-scope-offline-access = auch ohne Sie
device-browser-on-system = { $browser } auf { $system }
device-one = { $device }
device-unknown = Unbekanntes Gerät

account-edit = Ändern
account-email-change = Ändern
account-email-pending = Wartet auf { $address }: Öffnen Sie die Links in den E-Mails, die wir geschickt haben.
account-password-none = Es gibt kein Passwort. Sie können eines wählen, mit einem Link, den wir Ihnen schicken.
account-password-choose = Link schicken
account-end-others = Überall sonst abmelden
account-events = Was zuletzt geschah
account-events-all = Alles zeigen
account-events-none = Noch ist nichts geschehen.
account-events-older = Ältere
account-data = Ihre Daten
account-data-text = Alles, was über Sie gespeichert ist, als JSON-Datei. Kein Passwort und kein Schlüssel ist darin.
account-data-button = Herunterladen
account-delete = Konto löschen
account-delete-text = Ihr Konto wird sofort gesperrt und nach { $span } endgültig gelöscht.
account-delete-button = Konto löschen …

change-email-title = E-Mail-Adresse ändern
change-email-both = Ihre Adresse ist { $address }. Wir schreiben an sie und an die neue; beide müssen binnen eines Tages bestätigt werden.
change-email-one = Ihre Adresse ist { $address }. Wir schreiben an die neue, die binnen eines Tages bestätigt werden muss, und sagen es der alten.
change-email-button = E-Mails schicken
delete-title = Konto löschen?
delete-text = Es geht um das Konto { $user }.
delete-point-now = Sie werden überall abgemeldet, und keine Anwendung kann das Konto mehr benutzen.
delete-point-later = Nach { $span } werden das Konto und alles darin endgültig gelöscht. Was Anwendungen selbst gespeichert haben, bleibt dort.
delete-point-undo = Bis dahin bringt es ein Link in der E-Mail zurück, die wir Ihnen schicken.
delete-point-operator = Bis dahin kann es zurückbringen, wer diesen Server betreibt.
delete-button = Mein Konto löschen
deletion-asked-title = Ihr Konto wird gelöscht
deletion-asked-text = Es ist jetzt gesperrt und wird nach { $span } endgültig gelöscht. Mit einem Link in der E-Mail, die wir Ihnen geschickt haben, behalten Sie es.
profile-title = Ihr Profil
profile-text = Was Anwendungen sehen, wenn Sie es erlauben. Alles ist freiwillig.
profile-button = Speichern

not-me-title = Waren Sie es nicht?
not-me-text = Sperren Sie das Konto { $user }, und wer darin ist, ist draußen.
not-me-point-sessions = Alle werden abgemeldet, auf allen Geräten und in allen Anwendungen.
not-me-point-password = Das Passwort gilt nicht mehr. Sie wählen ein neues, mit einem Link, den wir Ihnen schicken.
not-me-point-changes = Eine Änderung der Adresse oder eine Löschung, die noch wartet, entfällt. Eine Änderung der Adresse, von der diese E-Mail sprach, wird zurückgenommen.
not-me-point-factors = Passkeys, Code-Apps und Wiederherstellungscodes, die seit diesem Brief hinzukamen, werden entfernt.
not-me-button = Ich war es nicht: Konto sperren
locked-title = Das Konto ist gesperrt
locked-text = Alle sind abgemeldet, und das Passwort gilt nicht mehr. Wählen Sie jetzt ein neues.
locked-restored-text = Alle sind abgemeldet, das Passwort gilt nicht mehr, und Ihre Adresse ist wieder Ihre. Wählen Sie jetzt ein neues Passwort.
locked-button = Neues Passwort wählen
email-change-title = Eine andere E-Mail-Adresse?
email-change-old-text = Soll { $address } für das Konto { $user } an die Stelle dieser Adresse treten?
email-change-new-text = Soll { $address } die Adresse des Kontos { $user } sein?
email-change-yes = Ja, ändern
email-sign-in-title = Melden Sie sich erst an
email-sign-in-text = Melden Sie sich in diesem Browser bei Ihrem Konto an, und öffnen Sie dann den Link aus der E-Mail noch einmal.
email-waits-title = Eine Bestätigung fehlt noch
email-waits-text = Danke. Die Änderung geschieht, sobald auch die andere Adresse bestätigt ist.
email-done-title = Ihre Adresse ist geändert
email-done-text = Ab jetzt hat Ihr Konto die neue E-Mail-Adresse.
undo-deletion-title = Konto behalten?
undo-deletion-text = Das Konto { $user } soll gelöscht werden.
undo-deletion-keep = Konto behalten
deletion-undone-title = Ihr Konto bleibt
deletion-undone-text = Sie können sich wieder anmelden.

event-sign-in = Sie haben sich angemeldet
event-sign-in-refused = Jemand wollte sich anmelden und wurde abgewiesen
event-sign-in-begun = Eine Anmeldung wurde begonnen
event-sign-in-link = Ein Link zur Anmeldung wurde angefordert
event-code-sent = Ein Code wurde an Sie verschickt
event-step-up = Sie haben noch einmal bewiesen, wer Sie sind
event-step-up-refused = Jemand wollte beweisen, Sie zu sein, und wurde abgewiesen
event-sign-in-slowed = Zu viele Versuche, sich anzumelden: musste warten
event-guessing-stopped = Zu viele falsche Antworten hintereinander: Nur noch Ihre bekannten Geräte werden gehört
event-device-replayed = Eine Kopie des Cookies eines Geräts wurde benutzt: Das Gerät gilt nicht mehr als bekannt
event-session-expired = Eine Sitzung endete von selbst
event-session-ended = Eine Sitzung wurde abgemeldet
event-consent = Sie haben einer Anwendung etwas erlaubt
event-consent-denied = Sie haben eine Anwendung abgewiesen
event-consent-revoked = Sie haben einer Anwendung den Zugriff genommen
event-replayed = Ein benutzter Code oder Token kam noch einmal: Der Zugriff wurde beendet
event-trial-begun = Sie haben begonnen, eine Anwendung auszuprobieren
event-trial-finished = Der Versuch mit einer Anwendung ist beendet
event-user-created = Das Konto wurde angelegt
event-user-changed = Ein Administrator hat das Konto geändert
event-role-granted = Sie haben eine Rolle bekommen
event-role-revoked = Eine Rolle wurde Ihnen genommen
event-password-changed = Das Passwort wurde geändert
event-password-refused = Jemand wollte das Passwort ändern und wurde abgewiesen
event-reset-requested = Um einen Link für ein neues Passwort wurde gebeten
event-notice-sent = Wir haben Ihnen wegen Ihres Kontos geschrieben
event-profile-changed = Sie haben Ihr Profil geändert
event-email-change-requested = Um eine andere E-Mail-Adresse wurde gebeten
event-email-changed = Die E-Mail-Adresse wurde geändert
event-data-exported = Sie haben Ihre Daten heruntergeladen
event-account-locked = Das Konto wurde gesperrt: „Ich war es nicht“
event-deletion-requested = Um die Löschung des Kontos wurde gebeten
event-deletion-cancelled = Das Konto wurde behalten
event-factor-added = Ein Weg zur Anmeldung kam hinzu
event-factor-removed = Ein Weg zur Anmeldung wurde entfernt
event-factor-changed = Ein Weg zur Anmeldung wurde geändert
event-other = Etwas hat sich geändert
event-recovery-begun = Um einen Weg zurück ohne zweiten Schritt wurde gebeten
event-recovery-opened = Der Link des Wegs zurück wurde benutzt
event-recovery-refused = Jemand benutzte den Link des Wegs zurück mit einem falschen Passwort
event-recovery-finished = Ein neuer zweiter Schritt trat an die Stelle der verlorenen
event-recovery-cancelled = Der Weg zurück wurde aufgehalten

## Der Weg zurück

lost-link = Ich habe alles davon verloren
lost-title = Ein Weg zurück
lost-none-text = { $brand } öffnet Ihr Konto nur mit einem zweiten Schritt oder einem Wiederherstellungscode. Suchen Sie die Codes, die Sie bekamen: auf Papier, in einer Schublade, im Passwortmanager.
lost-operator-text = Um Ihr Konto ohne zweiten Schritt zu öffnen, müssen die Betreiber von { $brand } wissen, dass Sie es sind. Fragen Sie dort: Sie bekommen einen Link. Halten Sie Ihr Passwort bereit.
lost-begin-text = In { $span } können Sie für { $brand } einen neuen zweiten Schritt einrichten. Bis dahin schreiben wir Ihnen jeden Tag: Wenn nicht Sie darum bitten, kann der Inhaber des Kontos es aufhalten.
lost-point-wait = Sie warten, und wenn es so weit ist, bekommen Sie einen Link per E-Mail.
lost-point-password = Mit diesem Link und Ihrem Passwort richten Sie einen neuen zweiten Schritt ein.
lost-point-gone = Die verlorenen gelten dann nicht mehr, und alle werden abgemeldet.
lost-point-found = Wenn Sie vorher etwas davon finden, melden Sie sich einfach an: Das hält alles auf.
lost-begin = Um einen Weg zurück bitten
lost-begun-text = Ihr Weg zurück ist ab dem { $date } offen. Wir schreiben Ihnen dann, und bis dahin jeden Tag. Wenn Sie vorher einen zweiten Schritt oder einen Wiederherstellungscode finden, melden Sie sich einfach an.
lost-ready-text = Ihr Weg zurück ist offen. Benutzen Sie den Link in unserer neuesten E-Mail, oder den, den Sie bekamen.
recover-title = Ihr Weg zurück
recover-waiting-title = Aufhalten?
recover-waiting-text = Jemand mit dem Passwort von { $user } hat um einen Weg zurück ohne zweiten Schritt gebeten. Er öffnet sich am { $date }.
recover-ready-text = Geben Sie Ihr Passwort ein, { $user }, und richten Sie einen neuen zweiten Schritt ein. Die verlorenen gelten dann nicht mehr, und alle werden abgemeldet.
recover-go-on = Weiter
recover-stop = Aufhalten
recover-stopped-title = Aufgehalten
recover-stopped-text = Nichts wurde geändert. Wenn nicht Sie darum gebeten haben, kennt jemand anders Ihr Passwort: Ändern Sie es.
recover-stopped-button = Anmelden
recover-banner = Ein Weg zurück in dieses Konto ohne zweiten Schritt ist unterwegs: Er öffnet sich am { $date }. Wenn nicht Sie darum gebeten haben, kennt jemand anders Ihr Passwort.
notice-recovery-stopped = Der Weg zurück ist aufgehalten. Ändern Sie Ihr Passwort, wenn nicht Sie darum gebeten haben.
