// OpenID Connect Session Management 1.0, section 3.2: is the login here still the one of this state?
"use strict";
(() => {
  const name = document.currentScript.dataset.cookie;

  const cookie = () => {
    const pairs = document.cookie.split("; ").filter((pair) => pair.startsWith(`${name}=`));
    return pairs.length === 1 ? pairs[0].slice(name.length + 1) : "";
  };

  const hash = async (text) => {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    const base64 = btoa(String.fromCharCode(...bytes));
    return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };

  const judge = async (message, origin) => {
    // "Client ID + " " + Session State"
    const [client, state, ...more] = typeof message === "string" ? message.split(" ") : [];
    const [, salt] = state?.split(".") ?? [];
    if (!client || !salt || more.length) return "error";
    const now = cookie();
    if (!now) return "changed";
    const expected = `${await hash(`${client} ${origin} ${now} ${salt}`)}.${salt}`;
    return expected === state ? "unchanged" : "changed";
  };

  addEventListener("message", async (event) => {
    if (!event.source || event.source === window) return;
    const answer = await judge(event.data, event.origin).catch(() => "error");
    // An opaque origin cannot be named as a target, and has no client.
    if (event.origin !== "null") event.source.postMessage(answer, event.origin);
  });
})();
