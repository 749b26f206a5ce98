// The audit log while it grows: newer events appear by themselves. Without this file "Newest" does it.
"use strict";
(() => {
  const EVERY = 2_000; // milliseconds
  const KEPT = 200; // rows
  const AWAY = 600_000; // Asking goes on for so long after the last touch: a page that is left open must not keep a session alive.
  const button = document.querySelector("#live");
  const said = document.querySelector("#live-said");
  const here = new URL(location.href);
  // Only the newest page grows.
  if (!button || !said || here.searchParams.has("after") || document.querySelector("#problems")) return;

  let touched = Date.now();
  let timer = 0;
  const list = () => document.querySelector("#events");
  const ids = (of) => [...of.children].map((row) => row.dataset.event);
  const isOn = () => button.getAttribute("aria-pressed") === "true";

  function turn(on) {
    button.setAttribute("aria-pressed", String(on));
    clearTimeout(timer);
    if (on) timer = setTimeout(look, EVERY);
  }

  // Who reads an event does not want it to move away.
  const isRead = () => list()?.querySelector("details[open]") || list()?.contains(document.activeElement);

  async function look() {
    if (Date.now() - touched > AWAY) return turn(false);
    if (!document.hidden && !isRead()) {
      const answer = await fetch(here, { headers: { Accept: "text/html" }, redirect: "error", cache: "no-store" }).catch(() => null);
      if (!answer?.ok) return turn(false);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isOn() && !isRead()) show(page);
    }
    if (isOn()) turn(true);
  }

  function show(page) {
    const fresh = page.querySelector("#events");
    if (!fresh) return;
    const known = new Set(list() ? ids(list()) : []);
    const added = [...fresh.children].filter((row) => !known.has(row.dataset.event));
    if (!added.length) return;
    // Nothing of it is known: what lies between is on the next page, so both are taken as they are.
    if (added.length === fresh.children.length) {
      (list() ?? document.querySelector(".desk .card:has(> .empty)"))?.replaceWith(document.adoptNode(fresh));
      const [old, next] = [document.querySelector("#next"), page.querySelector("#next")];
      if (old && next) old.href = next.href;
      else if (next) list().after(document.adoptNode(next.parentElement));
    } else {
      list().prepend(...added.map((row) => document.adoptNode(row)));
      cut();
    }
    said.textContent = button.dataset.said.replace("0", added.length);
  }

  // What is cut off is on the next page.
  function cut() {
    const rows = [...list().children];
    const next = document.querySelector("#next");
    if (rows.length <= KEPT || !next) return;
    rows.slice(KEPT).forEach((row) => row.remove());
    const link = new URL(next.href);
    link.searchParams.set("after", rows[KEPT - 1].dataset.event);
    next.href = link.href;
  }

  for (const touch of ["pointermove", "keydown", "scroll", "touchstart"]) addEventListener(touch, () => (touched = Date.now()), { passive: true });
  button.addEventListener("click", () => turn(!isOn()));
  button.hidden = false;
  turn(true);
})();
