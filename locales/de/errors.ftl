## Fehlerseiten

error-unknown-client-title = Wir kennen diese Anwendung nicht
error-unknown-client-what = Die Anwendung, die Sie hierher geschickt hat, ist bei uns nicht registriert oder wurde abgeschaltet.
error-bad-redirect-uri-title = Wir können Sie nicht zurückschicken
error-bad-redirect-uri-what = Die Anwendung wollte, dass wir Sie an eine Adresse schicken, die für sie nicht registriert ist. Zu Ihrem Schutz haben wir angehalten.
error-expired-request-title = Das hat etwas zu lange gedauert
error-expired-request-what = Ihre Anmeldung wurde vor einer Weile begonnen und ist abgelaufen, oder sie wurde in einem anderen Tab beendet.
error-forged-title = Dieses Formular ist veraltet
error-forged-what = Die Seite war zu lange offen, oder Ihr Browser behält für diese Seite keine Cookies. Es wurde nichts geändert.
error-bad-request-title = Diese Anfrage ist unvollständig
error-bad-request-what = Die Anwendung hat uns etwas geschickt, das wir nicht verstehen.
error-forbidden-title = Das ist nicht für Sie
error-forbidden-what = Sie sind angemeldet, aber Ihr Konto darf diese Seite nicht öffnen.
error-not-found-title = Hier ist nichts
error-not-found-what = Die Seite gibt es nicht, oder sie ist umgezogen.
error-method-not-allowed-title = So lässt sich diese Seite nicht öffnen
error-method-not-allowed-what = Sie nimmt entgegen, was ein Formular schickt, und lässt sich nicht direkt öffnen.
error-too-large-title = Das war zu viel auf einmal
error-too-large-what = Was geschickt wurde, ist größer als das, was wir annehmen.
error-too-many-title = Bitte etwas langsamer
error-too-many-what = Von Ihrer Adresse kamen zu viele Anfragen.
error-unavailable-title = Wir sind gerade beschäftigt
error-unavailable-what = Der Server kann im Moment nicht antworten. Ihr Konto ist sicher.
error-internal-title = Bei uns ist etwas kaputtgegangen
error-internal-what = Wir konnten nicht zu Ende bringen, worum Sie gebeten haben. Ihr Konto ist sicher.

error-next-title = Was Sie tun können
error-next-tell-the-application = Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal. Wenn es wieder geschieht, schicken Sie ihren Machern die Angaben unten.
error-next-start-again = Gehen Sie zurück zur Anwendung und beginnen Sie noch einmal.
error-next-go-back = Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal. Erlauben Sie Cookies für diese Seite, falls Sie sie gesperrt haben.
error-next-ask-administrator = Wenn es das sollte, fragen Sie Ihre Administration.
error-next-check-address = Prüfen Sie die Adresse, oder beginnen Sie auf der Startseite.
error-next-send-less = Gehen Sie zurück und schicken Sie weniger.
error-next-wait = Warten Sie einen Moment und versuchen Sie es dann wieder.
error-next-soon = Bitte versuchen Sie es in einer Minute noch einmal.
error-next-report = Bitte versuchen Sie es noch einmal. Wenn es wieder geschieht, nennen Sie uns die Anfragenummer unten.
error-wait = Sie können es in { $wait } wieder versuchen.

error-blame-application = Das ist wahrscheinlich ein Fehler der Anwendung, nicht Ihrer.
error-blame-us = Das ist unser Fehler, nicht Ihrer.
error-blame-nobody = Es ist nichts kaputt.
error-front-page = Zur Startseite
error-details = Einzelheiten
error-code = Fehler
error-detail = Grund
error-request-id = Anfrage
