## Error pages

error-unknown-client-title = We do not know this application
error-unknown-client-what = The application that sent you here is not registered with us, or it was switched off.
error-bad-redirect-uri-title = We cannot send you back
error-bad-redirect-uri-what = The application asked us to send you to an address that is not registered for it. To keep you safe, we stopped.
error-expired-request-title = This took a little too long
error-expired-request-what = Your sign-in was started a while ago and has run out, or it was finished in another tab.
error-forged-title = This form has gone stale
error-forged-what = The page lay open for too long, or your browser does not keep cookies for this site. Nothing was changed.
error-bad-request-title = This request is incomplete
error-bad-request-what = The application sent us something that we could not make sense of.
error-forbidden-title = This is not for you
error-forbidden-what = You are signed in, but your account may not open this page.
error-not-found-title = There is nothing here
error-not-found-what = The page does not exist, or it has moved.
error-method-not-allowed-title = This page cannot be opened like that
error-method-not-allowed-what = It takes what a form sends and cannot be opened directly.
error-too-large-title = That was too much at once
error-too-large-what = What was sent is larger than what we take.
error-too-many-title = A little slower, please
error-too-many-what = We got too many requests from your address.
error-unavailable-title = We are a little busy
error-unavailable-what = The server cannot answer right now. Your account is safe.
error-internal-title = Something broke on our side
error-internal-what = We could not finish what you asked for. Your account is safe.

error-next-title = What to do
error-next-tell-the-application = Go back to the application and try again. If it happens again, send its makers the details below.
error-next-start-again = Go back to the application and start again.
error-next-go-back = Go back, reload the page and try again. Allow cookies for this site if you have blocked them.
error-next-ask-administrator = If you think it should, ask your administrator.
error-next-check-address = Check the address, or start from the front page.
error-next-send-less = Go back and send less.
error-next-wait = Wait a moment, then try again.
error-next-soon = Please try again in a minute.
error-next-report = Please try again. If it happens again, tell us the request number below.
error-wait = You can try again in { $wait }.

error-blame-application = This is probably a mistake in the application, not yours.
error-blame-us = This is our fault, not yours.
error-blame-nobody = Nothing is broken.
error-front-page = Go to the front page
error-details = Details
error-code = Error
error-detail = Reason
error-request-id = Request
