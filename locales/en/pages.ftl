## Signing in

sign-in-title = Sign in
sign-in-to-client = to continue to { $client }
sign-in-to-brand = to your { $brand } account
sign-in-again-title = Is it still you?
sign-in-again-text = Enter your password to go on.
forgot-password-link = Forgot password?
no-account-yet = New here?
have-account = Already have an account?

code-title = Enter your code
code-text = Open your authenticator app and enter the code it shows for { $brand }.
code-verify = Verify
step-password-title = Enter your password
step-password-text = To go on with your { $brand } account.
step-for-client = { $client } asks for this to be sure that it is you.
step-other-ways = Or use
step-hotp-text = Press the button of your device and enter the code it shows for { $brand }.
step-sms-text = Enter the code that { $brand } sent to your telephone.
step-email-text = Enter the code that { $brand } sent you by e-mail.
step-recovery-title = Enter a recovery code
step-recovery-text = Enter one of the recovery codes that { $brand } gave you. Each works once.
step-sent-to = Your address: { $address }
step-send = Send code
step-send-again = Send another code
step-email-send-text = { $brand } can send you a code by e-mail.
step-sms-send-text = { $brand } can send a code to your telephone.
step-sent-to-phone = Your number: { $address }
step-resync = The code is not accepted?
step-resync-text = If the button was pressed often, the device is ahead. Enter two codes that it shows one after the other.
passkey-sign-in = Sign in with a passkey
passkey-waiting = Follow your browser…
passkey-unsupported = This browser cannot use passkeys. Use another way, or a newer browser.
passkey-failed = Nothing came of it: it was cancelled or took too long. Try again, or use another way.
passkey-known = This passkey is set up here already.
passkey-needs-script = Passkeys need JavaScript. Switch it on for this page, or use another way.
step-passkey-title = Use your passkey
step-passkey-text = Confirm with your fingerprint, your face, your PIN or your security key that it is you.
step-passkey-button = Use passkey
method-passkey = Passkey
method-password = Password
method-totp = Authenticator app
method-hotp = Hardware token
method-sms-code = Code by text message
method-email-code = Code by e-mail
method-magic-link = Link by e-mail
method-recovery-code = Recovery code
unmet-title = A stronger sign-in is needed
unmet-text = { $client } asks for a way to sign in that your account does not have yet.
unmet-what-now = You can set one up on your account page and come back, or return without it.
unmet-set-up = Go to my account
unmet-back = Back to { $client }

## Second factors

factors-title = Two-step sign-in
factors-text = Whoever learns your password still cannot sign in without the second step.
factors-on = on
factors-none = Codes from an app on your telephone.
factors-apps =
    { $n ->
        [one] { $n } app
       *[other] { $n } apps
    }
factors-manage = Manage
factors-set-up = Set up
factors-used = used { $ago }
factors-token = From your organisation. Ask there if it is lost.
phone-none = Codes by text message, for when nothing better is at hand.
phone-title = Codes by text message
phone-known = Your number
phone-add = Add your number
phone-another = Use another number
phone-nothing-came = Nothing came?
phone-text = Text messages can be redirected and read along. Use an authenticator app or a passkey where you can, and this for a bad day.
phone-hint = With the country, like +49 151 12345678
phone-told = Applications that you allow to see your phone number are told this one.
phone-sent = We sent a code to { $number }. It works once, for 5 minutes.
phone-confirm = Confirm number
authenticator-title = Authenticator apps
authenticator-devices = Your devices
authenticator-text = An app on your telephone or computer shows a new code every half minute. It works without a network.
authenticator-add-title = Add an app
authenticator-another = Add another app
authenticator-full = You have as many as one can have. Remove one to add another.
authenticator-scan = Scan this with the app:
authenticator-qr = QR code for an authenticator app. The key below says the same.
authenticator-open = Open an app on this device
authenticator-type = Or type this key into it:
authenticator-confirm = Enter the code that it shows now:
authenticator-name = Name of the device
authenticator-name-hint = So that you know it again later.
authenticator-add = Add app
authenticator-rename = Rename
authenticator-rename-label = Rename { $name }
authenticator-rename-save = Save name
authenticator-remove-label = Remove { $name }
set-up-factor-title = Set up a second step
set-up-factor-text = { $brand } asks everybody for more than a password. It takes a minute, once.
set-up-passkey = With a passkey
set-up-app = With an authenticator app
recovery-title = Recovery codes
recovery-what = When your second step is out of reach
recovery-text = Each of these codes takes the place of your second step once: when your telephone is lost or out of power.
recovery-left =
    { $n ->
        [0] No code is left.
        [one] { $n } code is left.
       *[other] { $n } codes are left.
    }
recovery-few = Make new ones soon.
recovery-renew = Make new codes
recovery-renew-short = New codes
recovery-renew-hint = The old ones stop working.
recovery-nothing = You get them when you set up a second step.
recovery-shown-title = Your recovery codes
recovery-once = Keep them where you find them without your telephone. They are not shown again.
recovery-done = I have kept them
recovery-left-title = Few recovery codes are left
recovery-left-text = The one you used is spent. Make new ones soon, so that you are never locked out.
copy = Copy
copied = Copied
print = Print

## Several accounts

select-account-title = Choose an account
select-account-text = These accounts were used in this browser.
select-account-current = In use
select-account-live = Signed in
select-account-ended = Sign in again
select-account-another = Use another account
select-account-logout-all = Sign out of all

## Consent

consent-title = { $client } wants to use your account
consent-signed-in-as = Signed in as { $user }
consent-not-you = Not you?
consent-scopes = This will allow the application to:
consent-resources = On your behalf at:
consent-allow = Allow
consent-deny = Deny
consent-redirect = Either way, you go back to { $host }.
consent-trial = This is a trial. The application itself gets nothing, and your answer is not remembered.
consent-revoke-later = You can take this back at any time in your account.
consent-links = About this application:
consent-policy = Privacy policy
consent-terms = Terms of service
scope-openid = Know who you are, by an identifier
scope-profile = See your name and the rest of your profile
scope-email = See your e-mail address
scope-address = See your postal address
scope-phone = See your phone number
scope-offline-access = Keep this access while you are away
scope-other = Use the permission “{ $scope }”

form-post-title = Taking you back
confirm-return-title = This request does not work
confirm-return-text = An application that this site does not know sent you here with a request that cannot be answered. It wants you to go on to { $host }.
confirm-return-warning = Go on only if you know this address. You are not signed in there.
confirm-return-continue = Continue to { $host }
form-post-text = You are on your way to { $client }. If nothing happens, use the button.

## Signing out

sign-out-title = Sign out?
sign-out-text = This ends your session as { $user } in this browser.
sign-out-client = { $client } asks to sign you out. This ends your session in this browser.
sign-out-plain = This ends your session in this browser.
sign-out-stay = Stay signed in
sign-out-flaw = The application's request has a { $parameter } that is not right. You can sign out here all the same; you will not be sent back to it.
signed-out-title = You are signed out
signed-out-others = Use another account
signed-out-text = If others use this device, close the browser window too.
signed-out-continue = Continue to { $client }
signed-out-frame = Signs out of an application
sign-in-again-button = Sign in again

## New accounts

sign-up-title = Create your account
check-mail-title = Check your mail
check-mail-sign-up = We sent a link to { $address }. Open it to confirm that the address is yours.
check-mail-reset = If there is an account for { $address }, we have sent it a link to choose a new password.
check-mail-link = If there is an account for { $address }, we have sent it a link to sign in. Open it in this browser: it works nowhere else, once, for 10 minutes.
check-mail-hint = Nothing there after a few minutes? Look into the spam folder, and check that what you typed is right.
confirm-email-title = Confirm your address
confirm-email-text = Is { $address } yours? Confirm it to go on.
confirm-email-button = Confirm address
email-verified-title = Address confirmed
email-verified-text = Thank you. Your e-mail address is confirmed.
setup-title = Set up your server
setup-text = You are making the first administrator of { $brand }. This link works once.
setup-button = Create administrator

## Passwords and links

forgot-title = Forgot your password?
forgot-text = Tell us who you are, and we send you a link to choose a new one.
forgot-button = Send link
ask-link-button = E-mail me a link
ask-link-title = Sign in by e-mail
ask-link-text = Tell us who you are, and we send you a link that signs you in without a password.
use-link-as = This link signs you in as { $user }.
link-elsewhere-title = Open this link where you asked for it
link-elsewhere-text = It signs you in only in the browser that asked for it, and this is another one. Copy the link from the letter and open it there, or get one for this browser.
link-elsewhere-hint = You did not ask for a link? Then somebody else typed your name. Nothing happened; do not pass the link on.
reset-title = Choose a new password
reset-text = For the account { $user }. Every other session will be signed out.
reset-button = Save new password
password-changed-title = Password changed
password-changed-text = From now on, sign in with your new password. Your other sessions are signed out.
link-expired-title = This link no longer works
link-expired-text = It was used before, or it is too old.
link-expired-new = Get a new link
link-expired-setup = The link that makes the first administrator works once and for a short time. Start the server again to get a new one, or create an administrator on the command line.
already-set-up-title = Already set up
already-set-up-text = { $brand } has an administrator. Sign in to go on.

## Home and account

home-title = One account for all your applications
home-text = { $brand } signs you in. Your applications never see your password: they only get what you allow.
account-hello = Hello, { $name }
first-steps-title = Next: register your first application
first-steps-text = Your server is ready and no application uses it yet. On the machine where it runs, type:
first-steps-sample = Command that registers an application
first-steps-after = It prints the client_id and the client_secret that the application needs. The README goes on from there; tessera --help knows everything else.
first-steps-discovery = What your application reads about this server
account-switch = Switch account
account-sections = Sections of this page
account-email = E-mail address
account-profile = Profile
account-unverified = not confirmed
account-verified = confirmed
account-applications = Applications with access
account-applications-none = No application has access to your account.
account-since = Since { $date }
account-open = Open
account-open-label = Open { $client }
account-revoke = Remove
account-revoke-label = Remove access of { $client }
passkeys-title = Passkeys
passkeys-text = Sign in with your fingerprint, your face, your PIN or a security key. Nobody can trick you out of a passkey.
passkeys-add = Add a passkey
passkey-synced = On all your devices
passkey-bound = On this device only
passkey-second-only = Only after your password
passkey-suspended-tag = Blocked
passkey-suspended-text = There may be a copy of this passkey, so it no longer signs anybody in. Until you remove it, your password needs another factor or a recovery code beside it. Remove it, look through your sessions, and set up a new one.
passkey-created = Added { $date }
passkey-last-used = Last used { $ago }
passkey-never-used = Never used
passkey-change = Change
passkey-change-label = Change passkey { $name }
passkey-new-title = Add a passkey
passkey-new-text = Your browser asks you where to keep it: on this device, on your telephone or on a security key.
passkey-new-button = Continue
passkey-title = Your passkey
passkey-name = Name
passkey-rename = Save name
passkey-remove-text = A passkey that you remove no longer signs you in, and sessions that rest on it end. Delete it on your device as well.
passkey-remove = Remove passkey
account-sessions = Where you are signed in
account-this-session = This device
account-signed-in-from = Signed in from { $address }
account-last-seen = Last seen { $ago }
account-end = Sign out
account-end-label = Sign out { $device }
account-password = Change password
account-password-text = Your other sessions will be signed out.
account-password-button = Change password
account-scope-openid = identity
account-scope-profile = profile
account-scope-email = e-mail
account-scope-address = postal address
account-scope-phone = phone number
account-scope-offline-access = while you are away
device-browser-on-system = { $browser } on { $system }
device-one = { $device }
device-unknown = Unknown device

account-edit = Edit
account-email-change = Change
account-email-pending = Waiting for { $address }: open the links in the e-mails that we sent.
account-password-none = There is no password. You can choose one with a link that we send you.
account-password-choose = Send me a link
account-end-others = Sign out everywhere else
account-events = What happened lately
account-events-all = Show all
account-events-none = Nothing happened yet.
account-events-older = Older
account-data = Your data
account-data-text = Everything that is kept about you, as a JSON file. No password and no key is in it.
account-data-button = Download
account-delete = Delete account
account-delete-text = Your account is disabled at once, and deleted for good after { $span }.
account-delete-button = Delete account…

change-email-title = Change your e-mail address
change-email-both = Your address is { $address }. We write to it and to the new one; both have to confirm within a day.
change-email-one = Your address is { $address }. We write to the new one, which has to be confirmed within a day, and tell the old one.
change-email-button = Send e-mails
delete-title = Delete your account?
delete-text = This is about the account { $user }.
delete-point-now = You are signed out everywhere, and no application can use the account any more.
delete-point-later = After { $span } the account and everything in it are deleted for good. What applications store themselves stays with them.
delete-point-undo = Until then a link in the e-mail that we send you brings it back.
delete-point-operator = Until then whoever runs this server can bring it back.
delete-button = Delete my account
deletion-asked-title = Your account will be deleted
deletion-asked-text = It is disabled now, and deleted for good after { $span }. A link in the e-mail that we sent you keeps it.
profile-title = Your profile
profile-text = What applications may see when you allow it. Everything is optional.
profile-button = Save

not-me-title = Was it not you?
not-me-text = Lock the account { $user }, and whoever is in it is out.
not-me-point-sessions = Everybody is signed out, on all devices and in all applications.
not-me-point-password = The password no longer works. You choose a new one with a link that we send you.
not-me-point-changes = A change of address or a deletion that waits is cancelled. A change of address that this e-mail told you about is taken back.
not-me-point-factors = Passkeys, code apps and recovery codes that were added since this letter are removed.
not-me-button = It was not me: lock the account
locked-title = The account is locked
locked-text = Everybody is signed out and the password no longer works. Now choose a new one.
locked-restored-text = Everybody is signed out, the password no longer works, and your address is yours again. Now choose a new password.
locked-button = Choose a new password
email-change-title = Another e-mail address?
email-change-old-text = Shall { $address } take the place of this address for the account { $user }?
email-change-new-text = Shall { $address } be the address of the account { $user }?
email-change-yes = Yes, change it
email-sign-in-title = Sign in first
email-sign-in-text = Sign in to your account in this browser, then open the link of the e-mail again.
email-waits-title = One confirmation is left
email-waits-text = Thank you. The change happens as soon as the other address is confirmed too.
email-done-title = Your address is changed
email-done-text = From now on your account has the new e-mail address.
undo-deletion-title = Keep your account?
undo-deletion-text = The account { $user } is about to be deleted.
undo-deletion-keep = Keep my account
deletion-undone-title = Your account stays
deletion-undone-text = You can sign in again.

event-sign-in = You signed in
event-sign-in-refused = Somebody tried to sign in and was refused
event-sign-in-begun = A sign-in was begun
event-sign-in-link = A link to sign in with was asked for
event-code-sent = A code was sent to you
event-step-up = You proved again who you are
event-step-up-refused = Somebody tried to prove to be you and was refused
event-sign-in-slowed = Too many tries to sign in: made to wait
event-guessing-stopped = Too many wrong answers in a row: only devices that you use are listened to
event-device-replayed = A copy of a device's cookie was used: that device is not known any more
event-session-expired = A session ended by itself
event-session-ended = A session was signed out
event-consent = You allowed an application something
event-consent-denied = You refused an application
event-consent-revoked = You took an application's access back
event-replayed = A used code or token came again: that access was ended
event-trial-begun = You began to try an application
event-trial-finished = The trial of an application ended
event-user-created = The account was made
event-user-changed = An administrator changed the account
event-role-granted = You were given a role
event-role-revoked = A role was taken from you
event-password-changed = The password was changed
event-password-refused = Somebody tried to change the password and was refused
event-reset-requested = A link for a new password was asked for
event-notice-sent = We sent you an e-mail about your account
event-profile-changed = You changed your profile
event-email-change-requested = Another e-mail address was asked for
event-email-changed = The e-mail address was changed
event-data-exported = You downloaded your data
event-account-locked = The account was locked: “it was not me”
event-deletion-requested = The deletion of the account was asked for
event-deletion-cancelled = The account was kept
event-factor-added = A way to sign in was added
event-factor-removed = A way to sign in was removed
event-factor-changed = A way to sign in was changed
event-other = Something changed
event-recovery-begun = A way back without a second step was asked for
event-recovery-opened = The link of the way back was used
event-recovery-refused = Somebody used the link of the way back with a wrong password
event-recovery-finished = A new second step took the place of the lost ones
event-recovery-cancelled = The way back was stopped

## The way back

lost-link = I have lost all of these
lost-title = A way back
lost-none-text = { $brand } opens your account only with a second step or a recovery code. Look for the codes that you were given: on paper, in a drawer, in a password manager.
lost-operator-text = To open your account without a second step, those who run { $brand } must know that it is you. Ask them: they give you a link. Have your password ready.
lost-begin-text = You can set up a new second step for { $brand } in { $span }. Until then we write to you each day: if it is not you who asks, the owner of the account can stop it.
lost-point-wait = You wait, and we send you a link by e-mail when it is time.
lost-point-password = With that link and your password you set up a new second step.
lost-point-gone = The lost ones stop working then, and everybody is signed out.
lost-point-found = If you find one of them before, just sign in: that stops all this.
lost-begin = Ask for a way back
lost-begun-text = Your way back is open from { $date }. We write to you then, and each day until then. If you find a second step or a recovery code before, just sign in.
lost-ready-text = Your way back is open. Use the link in the newest e-mail that we sent you, or the one that you were given.
recover-title = Your way back
recover-waiting-title = Stop this?
recover-waiting-text = Somebody with the password of { $user } asked for a way back without a second step. It opens on { $date }.
recover-ready-text = Enter your password, { $user }, and set up a new second step. The lost ones stop working then, and everybody is signed out.
recover-go-on = Go on
recover-stop = Stop it
recover-stopped-title = It is stopped
recover-stopped-text = Nothing was changed. If it was not you who asked for it, somebody else knows your password: change it.
recover-stopped-button = Sign in
recover-banner = A way back into this account without a second step is under way: it opens on { $date }. If you did not ask for it, somebody else knows your password.
notice-recovery-stopped = The way back is stopped. Change your password if it was not you who asked for it.
