## Mails

mail-greeting = Hello { $name },
mail-link-hint = If the button does not work, open this address:
mail-valid = The link works once, for { $span }.
mail-code-valid = The code works once, for { $span }.
mail-footer = This message was sent by { $brand }.

mail-verify-email-subject = Confirm your address for { $brand }
mail-verify-email-body = Please confirm that this is your e-mail address, so that you can use your { $brand } account.
mail-verify-email-button = Confirm address
mail-verify-email-end = If you did not create an account, ignore this message. Nothing will happen.

mail-reset-password-subject = Choose a new password for { $brand }
mail-reset-password-body = Somebody, hopefully you, asked for a new password for your { $brand } account.
mail-reset-password-button = Choose a new password
mail-reset-password-end = If it was not you, ignore this message. Your password stays as it is.

mail-password-changed-subject = Your { $brand } password was changed
mail-password-changed-body = The password of your { $brand } account was changed just now, and your other sessions were signed out. If it was you, all is well.
mail-password-changed-button = It was not me
mail-password-changed-end = If it was not you, choose a new password at once.

mail-account-exists-subject = You already have a { $brand } account
mail-account-exists-body = Somebody, hopefully you, tried to create a { $brand } account with this address. There is one already, so just sign in.
mail-account-exists-button = Sign in
mail-account-exists-end = If it was not you, ignore this message. Nobody learned that the account exists.

mail-code-subject = Your code for { $brand }
mail-code-body = Somebody who knows your password, hopefully you, is signing in to your { $brand } account. This is the code:
mail-code-label = Code
mail-code-end = If it was not you, tell nobody this code and change your password.
