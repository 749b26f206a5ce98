## Nachrichten

mail-greeting = Guten Tag { $name },
mail-link-hint = Wenn der Knopf nicht geht, öffnen Sie diese Adresse:
mail-valid = Der Link wirkt einmal, { $span } lang.
mail-code-valid = Der Code gilt einmal, { $span } lang.
mail-footer = Diese Nachricht kam von { $brand }.

mail-verify-email-subject = Bestätigen Sie Ihre Adresse für { $brand }
mail-verify-email-body = Bitte bestätigen Sie, dass dies Ihre E-Mail-Adresse ist, damit Sie Ihr { $brand }-Konto benutzen können.
mail-verify-email-button = Adresse bestätigen
mail-verify-email-end = Wenn Sie kein Konto angelegt haben, lassen Sie diese Nachricht liegen. Es geschieht nichts.

mail-reset-password-subject = Neues Passwort für { $brand }
mail-reset-password-body = Jemand, hoffentlich Sie, hat um ein neues Passwort für Ihr { $brand }-Konto gebeten.
mail-reset-password-button = Neues Passwort wählen
mail-reset-password-end = Wenn Sie es nicht waren, lassen Sie diese Nachricht liegen. Ihr Passwort bleibt, wie es ist.

mail-password-changed-subject = Ihr { $brand }-Passwort wurde geändert
mail-password-changed-body = Das Passwort Ihres { $brand }-Kontos wurde gerade geändert, und Ihre anderen Sitzungen wurden abgemeldet. Wenn Sie es waren, ist alles gut.
mail-password-changed-button = Ich war es nicht
mail-password-changed-end = Wenn Sie es nicht waren, benutzen Sie den Knopf: Er meldet alle ab und macht das Passwort ungültig, und Sie wählen ein neues.

mail-account-exists-subject = Sie haben schon ein { $brand }-Konto
mail-account-exists-body = Jemand, hoffentlich Sie, wollte mit dieser Adresse ein { $brand }-Konto anlegen. Es gibt schon eines; melden Sie sich einfach an.
mail-account-exists-button = Anmelden
mail-account-exists-end = Wenn Sie es nicht waren, lassen Sie diese Nachricht liegen. Niemand hat erfahren, dass es das Konto gibt.

mail-new-device-subject = Ein neues Gerät in Ihrem { $brand }-Konto
mail-new-device-body = Jemand hat sich gerade auf einem Gerät, das wir nicht kannten, bei Ihrem { $brand }-Konto angemeldet. Wenn Sie es waren, ist alles gut. Ihre Kontoseite sagt, welches Gerät es war und von wo.
mail-new-device-button = Ich war es nicht
mail-new-device-end = Wenn Sie es nicht waren, benutzen Sie den Knopf: Er meldet alle ab und macht das Passwort ungültig, und Sie wählen ein neues.

mail-factor-added-subject = Ihr { $brand }-Konto hat einen weiteren Weg zur Anmeldung
mail-factor-added-body = Gerade kam ein Passkey, eine Code-App, ein Hardware-Token, eine Telefonnummer oder ein Satz Wiederherstellungscodes zu Ihrem { $brand }-Konto hinzu. Wenn Sie es waren, ist alles gut.
mail-factor-added-button = Ich war es nicht
mail-factor-added-end = Wenn Sie es nicht waren, benutzen Sie den Knopf: Er entfernt, was hinzukam, meldet alle ab und macht das Passwort ungültig, und Sie wählen ein neues.

mail-factor-removed-subject = Ihr { $brand }-Konto hat einen Weg zur Anmeldung weniger
mail-factor-removed-body = Gerade wurde ein Passkey, eine Code-App, ein Hardware-Token, eine Telefonnummer oder ein Satz Wiederherstellungscodes aus Ihrem { $brand }-Konto entfernt. Wenn Sie es waren, ist alles gut.
mail-factor-removed-button = Ich war es nicht
mail-factor-removed-end = Wenn Sie es nicht waren, benutzen Sie den Knopf: Er meldet alle ab und macht das Passwort ungültig, und Sie wählen ein neues.

mail-passkey-suspended-subject = Ein Passkey Ihres { $brand }-Kontos ist gesperrt
mail-passkey-suspended-body = Ein Passkey Ihres { $brand }-Kontos wurde so benutzt, wie es nur mit einer Kopie geht. Er öffnet nichts mehr, weder Ihrer noch die Kopie. Melden Sie sich mit Ihrem Passwort und einem anderen Faktor oder einem Wiederherstellungscode an, entfernen Sie ihn und richten Sie einen neuen ein.
mail-passkey-suspended-button = Mein Konto sperren
mail-passkey-suspended-end = Wenn Sie ihn gerade nicht benutzt haben, war es jemand anders: Der Knopf meldet alle ab und macht das Passwort ungültig, und Sie wählen ein neues.

mail-recovery-code-used-subject = Ein Wiederherstellungscode Ihres { $brand }-Kontos wurde benutzt
mail-recovery-code-used-body = Jemand, hoffentlich Sie, hat gerade einen der Wiederherstellungscodes Ihres { $brand }-Kontos an Stelle des zweiten Schritts benutzt. Jeder gilt einmal.
mail-recovery-code-used-button = Ich war es nicht
mail-recovery-code-used-end = Wenn Sie es nicht waren, benutzen Sie den Knopf: Er meldet alle ab und macht das Passwort ungültig, und Sie wählen ein neues. Machen Sie danach neue Wiederherstellungscodes.

mail-password-guessed-subject = Jemand rät das Passwort Ihres { $brand }-Kontos
mail-password-guessed-body = Jemand hat immer wieder versucht, sich mit falschen Passwörtern bei Ihrem { $brand }-Konto anzumelden. Ihr Passwort öffnet es jetzt nur noch auf Geräten, auf denen Sie sich schon angemeldet haben. Melden Sie sich auf einem davon an oder legen Sie ein neues Passwort fest, dann gilt es wieder überall.
mail-password-guessed-button = Neues Passwort festlegen
mail-password-guessed-end = Niemand ist hineingekommen. Wenn Sie dasselbe Passwort anderswo benutzen, wählen Sie eines, das Sie sonst nirgends haben.

mail-code-guessed-subject = Jemand rät Codes Ihres { $brand }-Kontos
mail-code-guessed-body = Jemand, der das Passwort Ihres { $brand }-Kontos kennt, hat immer wieder falsche Codes eingegeben. Solche Codes gelten jetzt nur noch auf Geräten, auf denen Sie sich schon angemeldet haben. Melden Sie sich dort mit einem an, dann gelten sie wieder überall. Ein Passkey oder ein Wiederherstellungscode gilt immer.
mail-code-guessed-button = Neues Passwort festlegen
mail-code-guessed-end = Niemand ist hineingekommen. Wenn Sie es nicht waren, legen Sie jetzt ein neues Passwort fest: Jemand anders kennt dieses.

mail-recovery-begun-subject = Jemand bittet um einen Weg zurück in Ihr { $brand }-Konto
mail-recovery-begun-body = Jemand, der das Passwort Ihres { $brand }-Kontos kennt, sagt, dass jeder zweite Schritt verloren ist: Passkeys, Codes und Wiederherstellungscodes. Wenn Sie es waren, warten Sie: Wir schreiben Ihnen jeden Tag, und noch einmal, wenn es weitergeht.
mail-recovery-begun-button = Aufhalten
mail-recovery-begun-end = Wenn Sie es nicht waren, halten Sie es auf und ändern Sie Ihr Passwort: Jemand anders kennt es. Auch eine Anmeldung mit Ihrem zweiten Schritt hält es auf.
mail-recovery-waits = Wenn niemand es aufhält, ist es in { $span } so weit.

mail-recovery-ready-subject = Ihr Weg zurück in Ihr { $brand }-Konto ist offen
mail-recovery-ready-body = Sie haben lange genug gewartet. Mit dem Knopf und Ihrem Passwort richten Sie einen neuen zweiten Schritt für Ihr { $brand }-Konto ein. Die verlorenen gelten dann nicht mehr, und alle werden abgemeldet.
mail-recovery-ready-button = Weiter
mail-recovery-ready-end = Wenn Sie es nicht waren, sagen Sie es hinter demselben Knopf.
mail-recovery-open = Das geht noch { $span } lang.

mail-recovery-allowed-subject = Ein Weg zurück in Ihr { $brand }-Konto wurde für Sie geöffnet
mail-recovery-allowed-body = Die Betreiber von { $brand } haben einen Link ausgegeben, mit dem, zusammen mit Ihrem Passwort, ein neuer zweiter Schritt für Ihr Konto eingerichtet wird. Wenn Sie darum gebeten haben, ist alles gut.
mail-recovery-allowed-button = Ich war es nicht
mail-recovery-allowed-end = Wenn Sie es nicht waren, benutzen Sie den Knopf: Der Link gilt nicht mehr, alle werden abgemeldet, und das Passwort ist ungültig.

mail-email-change-asked-subject = Eine andere Adresse für Ihr { $brand }-Konto?
mail-email-change-asked-body = Jemand, hoffentlich Sie, möchte für Ihr { $brand }-Konto eine andere E-Mail-Adresse benutzen. Dazu braucht es Ihr Ja von hier.
mail-email-change-asked-button = Ja oder nein sagen
mail-email-change-asked-end = Wenn Sie es nicht waren, sagen Sie es hinter demselben Knopf: Das meldet alle ab und macht das Passwort ungültig.

mail-confirm-new-email-subject = Bestätigen Sie Ihre neue Adresse für { $brand }
mail-confirm-new-email-body = Bitte bestätigen Sie, dass dies Ihre neue E-Mail-Adresse für Ihr { $brand }-Konto ist. Öffnen Sie den Link in einem Browser, in dem Sie angemeldet sind.
mail-confirm-new-email-button = Adresse bestätigen
mail-confirm-new-email-end = Wenn Sie nicht darum gebeten haben, lassen Sie diese Nachricht liegen. Es geschieht nichts.

mail-address-in-use-subject = Ihre Adresse hat schon ein { $brand }-Konto
mail-address-in-use-body = Jemand, hoffentlich Sie, wollte diese Adresse für ein anderes { $brand }-Konto benutzen. Sie gehört zu Ihrem; darum wurde nichts geändert.
mail-address-in-use-button = Anmelden
mail-address-in-use-end = Wenn Sie es nicht waren, lassen Sie diese Nachricht liegen. Niemand hat erfahren, dass es das Konto gibt.

mail-email-changed-subject = Die Adresse Ihres { $brand }-Kontos wurde geändert
mail-email-changed-body = Zu Ihrem { $brand }-Konto gehört ab jetzt eine andere E-Mail-Adresse, nicht mehr diese. Wenn Sie es waren, ist alles gut.
mail-email-changed-button = Ich war es nicht
mail-email-changed-end = Wenn Sie es nicht waren, benutzen Sie den Knopf: Er nimmt die Änderung zurück, wenn sie nicht zu alt ist, meldet alle ab und macht das Passwort ungültig.

mail-deletion-asked-subject = Ihr { $brand }-Konto wird gelöscht
mail-deletion-asked-body = Ihr { $brand }-Konto ist gesperrt, wie Sie es wollten, und alle sind abgemeldet. Wenn die Zeit unten um ist, wird es endgültig gelöscht. Bis dahin können Sie es behalten.
mail-deletion-asked-button = Konto behalten
mail-deletion-asked-end = Wenn Sie es nicht waren, sagen Sie es hinter demselben Knopf.

mail-account-locked-subject = Ihr { $brand }-Konto ist gesperrt
mail-account-locked-body = Sie haben uns gesagt, dass Sie es nicht waren. Alle sind von Ihrem { $brand }-Konto abgemeldet, und das Passwort gilt nicht mehr.
mail-account-locked-button = Neues Passwort wählen
mail-account-locked-end = Wählen Sie eines, das Sie sonst nirgends benutzen. Wenn Sie das alte auch anderswo benutzen, ändern Sie es dort ebenfalls.

mail-code-subject = Ihr Code für { $brand }
mail-code-body = Jemand, der Ihr Passwort kennt, hoffentlich Sie selbst, meldet sich bei Ihrem { $brand }-Konto an. Dies ist der Code:
mail-code-label = Code
mail-code-end = Waren Sie es nicht, sagen Sie diesen Code niemandem und ändern Sie Ihr Passwort.

mail-link-subject = Ihr Link zur Anmeldung bei { $brand }
mail-link-body = Jemand, hoffentlich Sie selbst, möchte sich per Link bei Ihrem { $brand }-Konto anmelden. Er wirkt einmal, und nur in dem Browser, der ihn angefordert hat.
mail-link-button = Anmelden
mail-link-end = Waren Sie es nicht, tun Sie nichts und geben Sie den Link niemandem. Ohne ihn kommt niemand hinein.

## Kurznachrichten: nur Buchstaben aus GSM 03.38, und kurz

text-sign-in-code = { $code } ist Ihr Code zur Anmeldung bei { $brand }. Er gilt { $span }. Sagen Sie ihn niemandem.
text-confirm-number = { $code } ist Ihr Code, um diese Nummer bei { $brand } zu bestätigen. Er gilt { $span }.
