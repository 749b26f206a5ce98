## Auf vielen Seiten

page-title = { $title } · { $brand }
page-title-error = Fehler: { $title } · { $brand }
skip-to-content = Zum Inhalt springen
help = Hilfe
privacy = Datenschutz
terms = Nutzungsbedingungen
optional = freiwillig
show-password = Zeigen
hide-password = Verbergen
show-password-label = Passwort zeigen
hide-password-label = Passwort verbergen
working = Einen Moment …
back-to-sign-in = Zurück zur Anmeldung
continue = Weiter
sign-in = Anmelden
sign-out = Abmelden
sign-up = Konto anlegen
your-account = Ihr Konto

field-username = Benutzername
field-email = E-Mail-Adresse
field-name = Name
field-password = Passwort
field-new-password = Neues Passwort
field-current-password = Bisheriges Passwort
field-given-name = Vorname
field-family-name = Nachname
field-nickname = Spitzname
field-birthdate = Geburtsdatum
field-gender = Geschlecht
field-locale = Sprache
field-zoneinfo = Zeitzone
field-website = Website
field-picture = Bild (Adresse)
field-new-email = Neue E-Mail-Adresse
field-code = Code
field-first-code = Erster Code
field-next-code = Der Code danach
field-phone = Mobilnummer
field-identifier = Benutzername oder E-Mail-Adresse
hint-username = Buchstaben, Ziffern, Punkt, Bindestrich und Unterstrich.
hint-birthdate = Wie 1987-11-20; 0000-11-20 ohne das Jahr, oder nur das Jahr.
hint-locale = Ein Sprachkürzel, wie en-GB oder de.
hint-zoneinfo = Wie Europe/Berlin.
hint-website = Eine Adresse, die mit https:// beginnt.
hint-password =
    { $n ->
        [one] Mindestens { $n } Zeichen. Gut sind ein paar Wörter ohne Zusammenhang.
       *[other] Mindestens { $n } Zeichen. Gut sind ein paar Wörter ohne Zusammenhang.
    }

strength = Stärke
strength-0 = Sehr schwach
strength-1 = Schwach
strength-2 = Mäßig
strength-3 = Gut
strength-4 = Stark

## Was an einem Formular nicht stimmt

problems-title =
    { $n ->
        [one] Etwas stimmt noch nicht
       *[other] { $n } Angaben stimmen noch nicht
    }
problem-missing = Bitte füllen Sie dieses Feld aus.
problem-too-short =
    { $n ->
        [one] Nehmen Sie mindestens { $n } Zeichen.
       *[other] Nehmen Sie mindestens { $n } Zeichen.
    }
problem-too-long =
    { $n ->
        [one] Nehmen Sie höchstens { $n } Zeichen.
       *[other] Nehmen Sie höchstens { $n } Zeichen.
    }
problem-not-an-email = Geben Sie eine Adresse wie name@example.com ein.
problem-bad-characters = Nehmen Sie nur Buchstaben, Ziffern, Punkt, Bindestrich und Unterstrich.
problem-taken = Das ist schon vergeben. Bitte wählen Sie etwas anderes.
problem-too-common = Dieses Passwort versuchen Angreifer zuerst. Bitte wählen Sie ein selteneres.
problem-too-similar = Das ähnelt zu sehr Ihrem Benutzernamen oder Ihrem alten Passwort.
problem-too-weak = Zu leicht zu erraten. Machen Sie es länger, zum Beispiel mit zwei oder drei weiteren Wörtern, die nichts miteinander zu tun haben.
problem-not-right = Das kann nicht stimmen. Der Hinweis sagt, wie man es schreibt.
problem-unchanged = Das ist es schon.
problem-leaked = Dieses Passwort steht in Listen erbeuteter Passwörter. Wählen Sie eines, das Sie sonst nirgends benutzen.
problem-wrong-password = Das ist nicht Ihr bisheriges Passwort.
problem-wrong-code = Dieser Code ist falsch oder abgelaufen. Geben Sie den neuesten ein.
problem-wrong-pair = Das sind nicht zwei Codes nacheinander. Drücken Sie den Knopf noch zweimal, und geben Sie diese ein.
problem-not-a-phone = An diese Nummer können wir nichts senden. Schreiben Sie sie mit dem Land davor, wie +49 151 12345678.

alert-wrong-credentials = Name oder Passwort stimmt nicht. Bitte prüfen Sie beides und versuchen Sie es noch einmal.
alert-slow-down = Zu viele Versuche. Bitte warten Sie { $wait } und versuchen Sie es dann wieder.
alert-puzzle = Bitte zeigen Sie, dass Sie kein Programm sind, und versuchen Sie es dann noch einmal. Ihr Passwort wurde nicht angesehen.
puzzle-needs-script = Dafür ist JavaScript nötig.
guesses-password = Wenn Sie sicher sind, dass es stimmt: Nach sehr vielen falschen gilt ein Passwort nur noch auf Geräten, auf denen Sie sich schon angemeldet haben. Legen Sie ein neues fest, dann gilt es überall.
guesses-code = Wenn Sie sicher sind, dass er stimmt: Nach sehr vielen falschen gelten Codes nur noch auf Geräten, auf denen Sie sich schon angemeldet haben. Ein Passkey oder ein Wiederherstellungscode gilt überall.
alert-expired = Diese Seite war zu lange offen. Es wurde nichts gesendet; bitte versuchen Sie es noch einmal.
alert-last-admin = Sie sind der einzige Administrator dieses Servers. Bestimmen Sie zuerst einen anderen.
alert-busy = Gerade melden sich viele an. Bitte versuchen Sie es gleich noch einmal.
alert-passkey-expired = Das dauerte zu lange oder wurde zweimal gesendet. Bitte versuchen Sie es noch einmal.
alert-passkey-unknown = Dieser Passkey kann hier nicht verwendet werden. Nehmen Sie einen anderen, oder melden Sie sich auf anderem Weg an.
alert-passkey-not-verified = Ihr Gerät hat nicht geprüft, ob Sie es sind. Versuchen Sie es noch einmal mit Fingerabdruck, Gesicht oder PIN.
alert-passkey-suspended = Dieser Passkey ist gesperrt, weil es vielleicht eine Kopie von ihm gibt. Melden Sie sich mit Ihrem Passwort und einem anderen Faktor oder einem Wiederherstellungscode an und richten Sie einen neuen ein. Wenn Sie nichts davon haben, zeigt die Seite nach dem Passwort den Weg zurück.
alert-passkey-too-many = Mehr Passkeys kann man nicht haben. Entfernen Sie zuerst einen.
alert-passkey-model = Passkeys dieser Art sind hier nicht zugelassen. Fragen Sie Ihre Verwaltung, welche es sind.
alert-passkey-not-made = Dieser Passkey kann hier nicht verwendet werden. Versuchen Sie es noch einmal, vielleicht mit einem anderen Gerät.
alert-passkey-last-way = Dieser Passkey ist der einzige Weg in Ihr Konto. Richten Sie zuerst einen anderen oder ein Passwort ein.

notice-password-changed = Ihr Passwort ist geändert.
notice-access-revoked = Zugriff entzogen. Die Anwendung muss Sie wieder fragen.
notice-others-ended = Sie sind überall sonst abgemeldet.
notice-profile-changed = Ihr Profil ist gespeichert.
notice-email-asked = Die E-Mails sind unterwegs. Die Links darin wirken einen Tag lang.
notice-session-ended = Diese Sitzung ist abgemeldet.
notice-email-verified = Ihre E-Mail-Adresse ist bestätigt.
notice-account-created = Ihr Konto ist bereit. Melden Sie sich an, um fortzufahren.
notice-passkey-added = Ihr Passkey ist eingerichtet. Verwenden Sie ihn bei der nächsten Anmeldung.
notice-passkey-renamed = Der Passkey hat seinen neuen Namen.
notice-passkey-removed = Der Passkey ist entfernt.

notice-factor-added = Das Gerät ist eingerichtet.
notice-factor-renamed = Das Gerät hat seinen neuen Namen.
notice-factor-removed = Das Gerät ist entfernt. Seine Codes öffnen nichts mehr.
notice-phone-removed = Die Nummer ist entfernt. An sie werden keine Codes mehr gesendet.

## Zeit

duration-seconds =
    { $n ->
        [one] { $n } Sekunde
       *[other] { $n } Sekunden
    }
duration-minutes =
    { $n ->
        [one] { $n } Minute
       *[other] { $n } Minuten
    }
duration-hours =
    { $n ->
        [one] { $n } Stunde
       *[other] { $n } Stunden
    }
duration-days =
    { $n ->
        [one] { $n } Tag
       *[other] { $n } Tage
    }
ago-now = gerade eben
ago-minutes =
    { $n ->
        [one] vor { $n } Minute
       *[other] vor { $n } Minuten
    }
ago-hours =
    { $n ->
        [one] vor { $n } Stunde
       *[other] vor { $n } Stunden
    }
ago-days =
    { $n ->
        [one] gestern
       *[other] vor { $n } Tagen
    }
date =
    { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    } { $year }
