// Passkeys: what the page offers goes to the browser, and what the browser answers goes into the form.
// Everything else is decided by the server.
"use strict";
(() => {
  const LIFETIME = 290_000; // a little less than the challenge lives
  const began = Date.now();
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  /** The options as the browser wants them; parseRequestOptionsFromJSON is younger than many browsers. */
  const optionsOf = (form) => {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
    if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
    return options;
  };

  const answerOf = ({ id, rawId, type, response }) => {
    const told = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      told.attestationObject = text(response.attestationObject);
      told.transports = response.getTransports?.() ?? [];
    } else {
      told.authenticatorData = text(response.authenticatorData);
      told.signature = text(response.signature);
      told.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: told, clientExtensionResults: {} });
  };

  const begin = (form) => {
    const mode = form.dataset.passkey;
    const told = form.querySelector("[data-told]");
    const button = form.querySelector("button");
    const say = (sentence) => {
      told.textContent = sentence;
      told.hidden = !sentence;
    };
    form.hidden = false;
    if (!window.PublicKeyCredential || !navigator.credentials) {
      button.hidden = true;
      // Where there are other ways, nobody has to hear of one that is not there.
      if (mode === "autofill") form.hidden = true;
      else say(form.dataset.unsupported);
      return;
    }

    let waiting = null;
    const stop = () => waiting?.abort();
    const ask = async (extra) => {
      stop();
      waiting = new AbortController();
      const request = { publicKey: optionsOf(form), signal: waiting.signal, ...extra };
      const ours = waiting;
      try {
        const found = mode === "create" ? await navigator.credentials.create(request) : await navigator.credentials.get(request);
        form.elements.credential.value = answerOf(found);
        form.submit();
      } catch (error) {
        if (ours.signal.aborted || extra.mediation) return;
        say(error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed);
        idle();
        fill();
      }
    };
    const idle = () => {
      button.removeAttribute("aria-disabled");
      if (button.dataset.idle) button.textContent = button.dataset.idle;
    };
    const stale = () => Date.now() - began > LIFETIME;
    const fresh = () => location.assign(form.dataset.fresh);

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (stale()) return fresh();
      if (button.hasAttribute("aria-disabled")) return;
      say("");
      button.dataset.idle = button.textContent;
      button.textContent = button.dataset.working;
      button.setAttribute("aria-disabled", "true");
      ask({});
    });

    /** Passkeys among the suggestions of the name's field. */
    const fill = async () => {
      if (mode !== "autofill" || stale()) return;
      if (await PublicKeyCredential.isConditionalMediationAvailable?.()) ask({ mediation: "conditional" });
    };
    // What went wrong is read first; then the field of the name offers passkeys again.
    if (document.getElementById("problems")) document.getElementById("username")?.addEventListener("focus", fill, { once: true });
    else fill();

    // A tab that comes back after a long time has a challenge that nobody takes any more.
    const untouched = () => [...document.querySelectorAll("input:not([type=hidden])")].every((input) => input.value === input.defaultValue);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && stale() && untouched()) fresh();
    });
    // The Back button can bring a page back whose challenge was spent.
    addEventListener("pageshow", (event) => {
      if (event.persisted) fresh();
    });
    // A password that is on its way must not race a passkey.
    for (const other of document.querySelectorAll("form:not([data-passkey])")) other.addEventListener("submit", stop);
  };

  document.querySelectorAll("form[data-passkey]").forEach(begin);
})();
