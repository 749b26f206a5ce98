// Comfort only: every page of the administration works without this file.
"use strict";
(() => {
  // On a phone the sections are a row to swipe: the one that we are in is in sight.
  document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
})();
