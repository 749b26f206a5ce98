// Comfort only: every page of the administration works without this file.
"use strict";
(() => {
  // On a phone the sections are a row to swipe: the one that we are in is in sight.
  document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // A snippet goes where it is needed.
  if (navigator.clipboard) {
    for (const sample of document.querySelectorAll("[data-copy-text]")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button slim", textContent: sample.dataset.copyText });
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(sample.textContent);
        button.textContent = sample.dataset.copied;
      });
      sample.after(button);
    }
  }
})();
