// Comfort only: every page of the administration works without this file.
"use strict";
(() => {
  // The menu of a phone closes when something else is meant.
  const menu = document.querySelector(".menu");
  if (menu) {
    document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // Name and colour are seen while they are typed; the button does it for who has no script.
  const looks = document.getElementById("looks");
  if (looks) {
    const { name, accent } = looks.elements;
    const colours = document.getElementById("sample-colours");
    const show = () => {
      for (const said of document.querySelectorAll("[data-sample-name]")) said.textContent = name.value.trim() || name.placeholder;
      const colour = accent.value.trim() || accent.placeholder;
      if (/^#[0-9a-f]{6}$/i.test(colour)) colours.href = "/admin/settings/sample.css?accent=" + encodeURIComponent(colour.toLowerCase());
    };
    if (!accent.disabled) {
      const wheel = Object.assign(document.createElement("input"), { type: "color", value: (/^#[0-9a-f]{6}$/i.test(accent.value) ? accent.value : accent.placeholder).toLowerCase(), className: "wheel", ariaLabel: accent.labels[0].textContent });
      wheel.addEventListener("input", () => { accent.value = wheel.value; show(); });
      accent.addEventListener("input", () => { if (/^#[0-9a-f]{6}$/i.test(accent.value)) wheel.value = accent.value.toLowerCase(); });
      accent.after(wheel);
    }
    looks.addEventListener("input", show);
  }

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
