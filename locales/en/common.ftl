## Used on many pages

page-title = { $title } · { $brand }
page-title-error = Error: { $title } · { $brand }
skip-to-content = Skip to content
help = Help
privacy = Privacy
terms = Terms
optional = optional
show-password = Show
hide-password = Hide
show-password-label = Show password
hide-password-label = Hide password
working = One moment…
back-to-sign-in = Back to sign in
continue = Continue
sign-in = Sign in
sign-out = Sign out
sign-up = Create account
your-account = Your account

field-username = Username
field-email = E-mail address
field-name = Name
field-password = Password
field-new-password = New password
field-current-password = Current password
field-given-name = Given name
field-family-name = Family name
field-nickname = Nickname
field-birthdate = Date of birth
field-gender = Gender
field-locale = Language
field-zoneinfo = Time zone
field-website = Website
field-picture = Picture (address)
field-new-email = New e-mail address
field-code = Code
field-first-code = First code
field-next-code = Code after it
field-phone = Mobile number
field-identifier = Username or e-mail address
hint-username = Letters, digits, dot, dash and underscore.
hint-birthdate = Like 1987-11-20; 0000-11-20 without the year, or the year alone.
hint-locale = A language tag, like en-GB or de.
hint-zoneinfo = Like Europe/Berlin.
hint-website = An address that begins with https://.
hint-password =
    { $n ->
        [one] At least { $n } character. A few unrelated words make a good one.
       *[other] At least { $n } characters. A few unrelated words make a good one.
    }

strength = Strength
strength-0 = Very weak
strength-1 = Weak
strength-2 = Fair
strength-3 = Good
strength-4 = Strong

## What is wrong with a form

problems-title =
    { $n ->
        [one] There is a problem
       *[other] There are { $n } problems
    }
problem-missing = Please fill this in.
problem-too-short =
    { $n ->
        [one] Use at least { $n } character.
       *[other] Use at least { $n } characters.
    }
problem-too-long =
    { $n ->
        [one] Use at most { $n } character.
       *[other] Use at most { $n } characters.
    }
problem-not-an-email = Enter an address like name@example.com.
problem-bad-characters = Use only letters, digits, dot, dash and underscore.
problem-taken = This one is taken. Please choose another.
problem-too-common = Attackers try this password first. Please choose a less common one.
problem-too-similar = This is too close to your username or your old password.
problem-too-weak = Too easy to guess. Make it longer, for example with two or three more unrelated words.
problem-not-right = This cannot be right. The hint says how it is written.
problem-unchanged = This is what it is already.
problem-leaked = This password stands in lists of leaked passwords. Choose one that you use nowhere else.
problem-wrong-password = This is not your current password.
problem-wrong-code = This code is wrong or has run out. Enter the newest one.
problem-wrong-pair = These are not two codes one after the other. Press the button twice more, and enter those.
problem-not-a-phone = This is not a number that we can send to. Write it with its country, like +49 151 12345678.

alert-wrong-credentials = The name or the password is not right. Check both and try again.
alert-slow-down = Too many attempts. Please wait { $wait } and try again.
alert-puzzle = Please show that you are not a program, then try again. Your password was not looked at.
puzzle-needs-script = This needs JavaScript.
guesses-password = If you are sure that it is right: after very many wrong ones, a password counts only on devices where you signed in before. Set a new one, and it counts everywhere.
guesses-code = If you are sure that it is right: after very many wrong ones, codes count only on devices where you signed in before. A passkey or a recovery code counts everywhere.
alert-expired = This page was open for too long. Nothing was sent; please try again.
alert-last-admin = You are the only administrator of this server. Make another one first.
alert-busy = Many people are signing in right now. Please try again in a moment.
alert-passkey-expired = This took too long, or was sent twice. Please try again.
alert-passkey-unknown = This passkey cannot be used here. Try another one, or sign in another way.
alert-passkey-not-verified = Your device did not check that it is you. Try again with your fingerprint, your face or your PIN.
alert-passkey-suspended = This passkey is blocked because there may be a copy of it. Sign in with your password and another of your factors or a recovery code, then set up a new one. If you have none of these, the page after the password shows the way back.
alert-passkey-too-many = You have as many passkeys as one can have. Remove one first.
alert-passkey-model = Passkeys of this kind are not allowed here. Ask your administrator which ones are.
alert-passkey-not-made = This passkey cannot be used here. Please try again, perhaps with another device.
alert-passkey-last-way = This passkey is the only way into your account. Set up another one, or a password, first.

notice-password-changed = Your password is changed.
notice-access-revoked = Access removed. The application has to ask you again.
notice-others-ended = You are signed out everywhere else.
notice-profile-changed = Your profile is saved.
notice-email-asked = The e-mails are on their way. The links in them work for a day.
notice-session-ended = That session is signed out.
notice-email-verified = Your e-mail address is confirmed.
notice-account-created = Your account is ready. Sign in to go on.
notice-passkey-added = Your passkey is set up. Use it the next time you sign in.
notice-passkey-renamed = The passkey has its new name.
notice-passkey-removed = The passkey is removed.

notice-factor-added = The device is set up.
notice-factor-renamed = The device has its new name.
notice-factor-removed = The device is removed. Its codes open nothing any more.
notice-phone-removed = The number is removed. No more codes are sent to it.

## Time

duration-seconds =
    { $n ->
        [one] { $n } second
       *[other] { $n } seconds
    }
duration-minutes =
    { $n ->
        [one] { $n } minute
       *[other] { $n } minutes
    }
duration-hours =
    { $n ->
        [one] { $n } hour
       *[other] { $n } hours
    }
duration-days =
    { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
ago-now = just now
ago-minutes =
    { $n ->
        [one] { $n } minute ago
       *[other] { $n } minutes ago
    }
ago-hours =
    { $n ->
        [one] { $n } hour ago
       *[other] { $n } hours ago
    }
ago-days =
    { $n ->
        [one] yesterday
       *[other] { $n } days ago
    }
date =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $day }, { $year }
