// OAuth 2.0 Form Post Response Mode: the form sends itself. Its button is there without this file.
"use strict";
HTMLFormElement.prototype.submit.call(document.getElementById("form_post"));
