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
mail-password-changed-end = Wenn Sie es nicht waren, wählen Sie gleich ein neues Passwort.

mail-account-exists-subject = Sie haben schon ein { $brand }-Konto
mail-account-exists-body = Jemand, hoffentlich Sie, wollte mit dieser Adresse ein { $brand }-Konto anlegen. Es gibt schon eines; melden Sie sich einfach an.
mail-account-exists-button = Anmelden
mail-account-exists-end = Wenn Sie es nicht waren, lassen Sie diese Nachricht liegen. Niemand hat erfahren, dass es das Konto gibt.

mail-code-subject = Ihr Code für { $brand }
mail-code-body = Jemand, der Ihr Passwort kennt, hoffentlich Sie selbst, meldet sich bei Ihrem { $brand }-Konto an. Dies ist der Code:
mail-code-label = Code
mail-code-end = Waren Sie es nicht, sagen Sie diesen Code niemandem und ändern Sie Ihr Passwort.
