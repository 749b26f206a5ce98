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
mail-password-changed-end = If it was not you, use the button: it signs everybody out and voids the password, and you choose a new one.

mail-account-exists-subject = You already have a { $brand } account
mail-account-exists-body = Somebody, hopefully you, tried to create a { $brand } account with this address. There is one already, so just sign in.
mail-account-exists-button = Sign in
mail-account-exists-end = If it was not you, ignore this message. Nobody learned that the account exists.

mail-new-device-subject = A new device signed in to your { $brand } account
mail-new-device-body = Somebody just signed in to your { $brand } account on a device that we did not know. If it was you, all is well. Your account page says which device and from where.
mail-new-device-button = It was not me
mail-new-device-end = If it was not you, use the button: it signs everybody out and voids the password, and you choose a new one.

mail-factor-added-subject = A way to sign in was added to your { $brand } account
mail-factor-added-body = A passkey, a code app, a hardware token, a telephone number or recovery codes were added to your { $brand } account just now. If it was you, all is well.
mail-factor-added-button = It was not me
mail-factor-added-end = If it was not you, use the button: it removes what was added, signs everybody out and voids the password, and you choose a new one.

mail-factor-removed-subject = A way to sign in was removed from your { $brand } account
mail-factor-removed-body = A passkey, a code app, a hardware token, a telephone number or recovery codes were removed from your { $brand } account just now. If it was you, all is well.
mail-factor-removed-button = It was not me
mail-factor-removed-end = If it was not you, use the button: it signs everybody out and voids the password, and you choose a new one.

mail-passkey-suspended-subject = A passkey of your { $brand } account is blocked
mail-passkey-suspended-body = A passkey of your { $brand } account was used in a way that only a copy of it explains. It opens nothing any more, neither yours nor the copy. Sign in with your password and another of your factors or a recovery code, remove it, and set up a new one.
mail-passkey-suspended-button = Lock my account
mail-passkey-suspended-end = If you did not use it just now, somebody else did: the button signs everybody out and voids the password, and you choose a new one.

mail-recovery-code-used-subject = A recovery code of your { $brand } account was used
mail-recovery-code-used-body = Somebody, hopefully you, just used one of the recovery codes of your { $brand } account in the place of a second step. Each works once.
mail-recovery-code-used-button = It was not me
mail-recovery-code-used-end = If it was not you, use the button: it signs everybody out and voids the password, and you choose a new one. Then make new recovery codes.

mail-password-guessed-subject = Somebody is guessing the password of your { $brand } account
mail-password-guessed-body = Somebody has tried to sign in to your { $brand } account with wrong passwords again and again. Your password now opens it only on devices where you signed in before. Sign in on one of them, or set a new password, and it works everywhere again.
mail-password-guessed-button = Set a new password
mail-password-guessed-end = Nobody got in. If you use the same password elsewhere, set one that you use nowhere else.

mail-code-guessed-subject = Somebody is guessing codes of your { $brand } account
mail-code-guessed-body = Somebody who knows the password of your { $brand } account has typed wrong codes again and again. Such codes now count only on devices where you signed in before. Sign in with one there, and they work everywhere again. A passkey or a recovery code works at any time.
mail-code-guessed-button = Set a new password
mail-code-guessed-end = Nobody got in. If it was not you, set a new password now: somebody else knows this one.

mail-recovery-begun-subject = Somebody asks for a way back into your { $brand } account
mail-recovery-begun-body = Somebody who knows the password of your { $brand } account says that every second step is lost: passkeys, codes and recovery codes. If it was you, wait: we write to you each day, and once more when you can go on.
mail-recovery-begun-button = Stop it
mail-recovery-begun-end = If it was not you, stop it, and change your password: somebody else knows it. To sign in with your second step stops it as well.
mail-recovery-waits = If nobody stops it, it can be finished in { $span }.

mail-recovery-ready-subject = Your way back into your { $brand } account is open
mail-recovery-ready-body = You waited long enough. With the button and your password you set up a new second step for your { $brand } account. The lost ones stop working then, and everybody is signed out.
mail-recovery-ready-button = Go on
mail-recovery-ready-end = If it was not you, say so behind the same button.
mail-recovery-open = This can be done for { $span }.

mail-recovery-allowed-subject = A way back into your { $brand } account was opened for you
mail-recovery-allowed-body = Those who run { $brand } gave out a link with which, together with your password, a new second step is set up for your account. If you asked them for it, all is well.
mail-recovery-allowed-button = It was not me
mail-recovery-allowed-end = If it was not you, use the button: the link stops working, everybody is signed out, and the password is void.

mail-email-change-asked-subject = Another address for your { $brand } account?
mail-email-change-asked-body = Somebody, hopefully you, wants to use another e-mail address for your { $brand } account. It needs your yes from here.
mail-email-change-asked-button = Say yes or no
mail-email-change-asked-end = If it was not you, say so behind the same button: it signs everybody out and voids the password.

mail-confirm-new-email-subject = Confirm your new address for { $brand }
mail-confirm-new-email-body = Please confirm that this is your new e-mail address for your { $brand } account. Open the link in a browser in which you are signed in.
mail-confirm-new-email-button = Confirm address
mail-confirm-new-email-end = If you did not ask for this, ignore this message. Nothing will happen.

mail-address-in-use-subject = Your address already has a { $brand } account
mail-address-in-use-body = Somebody, hopefully you, wanted to use this address for another { $brand } account. It belongs to yours, so nothing was changed.
mail-address-in-use-button = Sign in
mail-address-in-use-end = If it was not you, ignore this message. Nobody learned that the account exists.

mail-email-changed-subject = The address of your { $brand } account was changed
mail-email-changed-body = From now on another e-mail address belongs to your { $brand } account, not this one. If it was you, all is well.
mail-email-changed-button = It was not me
mail-email-changed-end = If it was not you, use the button: it takes the change back if it is not too old, signs everybody out and voids the password.

mail-deletion-asked-subject = Your { $brand } account will be deleted
mail-deletion-asked-body = Your { $brand } account is disabled, as you asked, and everybody is signed out. When the time below has passed, it is deleted for good. Until then you can keep it.
mail-deletion-asked-button = Keep my account
mail-deletion-asked-end = If it was not you, say so behind the same button.

mail-account-locked-subject = Your { $brand } account is locked
mail-account-locked-body = You told us that it was not you. Everybody is signed out of your { $brand } account, and its password no longer works.
mail-account-locked-button = Choose a new password
mail-account-locked-end = Choose one that you use nowhere else. If you use the old one elsewhere, change it there too.

mail-code-subject = Your code for { $brand }
mail-code-body = Somebody who knows your password, hopefully you, is signing in to your { $brand } account. This is the code:
mail-code-label = Code
mail-code-end = If it was not you, tell nobody this code and change your password.

mail-link-subject = Your link to sign in to { $brand }
mail-link-body = Somebody, hopefully you, asked for a link to sign in to your { $brand } account. It works once, and only in the browser that asked for it.
mail-link-button = Sign in
mail-link-end = If it was not you, do nothing and pass the link on to nobody. Nobody gets in without it.

## Text messages: letters of GSM 03.38 only, and short

text-sign-in-code = { $code } is your code to sign in to { $brand }. It works for { $span }. Tell nobody.
text-confirm-number = { $code } is your code to confirm this number for { $brand }. It works for { $span }.
