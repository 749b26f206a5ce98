// Comfort only: every page works without this file.
"use strict";
(() => {
  // A form is sent once. The button keeps its value (a disabled one would not be sent).
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      const button = event.submitter;
      if (!button) return;
      button.setAttribute("aria-disabled", "true");
      if (button.dataset.working) {
        button.dataset.idle = button.textContent;
        button.textContent = button.dataset.working;
      }
    });
  }

  // The Back button can bring a page back as it was left: make its forms usable again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
    }
    for (const button of document.querySelectorAll("button[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.idle) button.textContent = button.dataset.idle;
    }
  });

  // Show what was typed into a password field, as long as the form is not sent.
  for (const input of document.querySelectorAll("input[data-show]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "reveal";
    button.setAttribute("aria-controls", input.id);
    const show = (visible) => {
      input.type = visible ? "text" : "password";
      button.textContent = visible ? input.dataset.hide : input.dataset.show;
      button.setAttribute("aria-label", visible ? input.dataset.hideLabel : input.dataset.showLabel);
    };
    show(false);
    button.addEventListener("click", () => show(input.type === "password"));
    // A visible password would be offered to the browser's form history.
    input.form.addEventListener("submit", () => show(false));
    input.after(button);
    input.parentElement.classList.add("revealing");
  }

  // How hard a new password is to guess: asked of the server, which decides when the form is sent.
  for (const input of document.querySelectorAll("input[data-strength]")) {
    const meter = Object.assign(document.createElement("meter"), { min: 0, max: 4, low: 2, high: 3, optimum: 4, value: 0 });
    meter.setAttribute("aria-label", input.dataset.strength);
    const words = document.createElement("span");
    words.setAttribute("role", "status");
    const line = document.createElement("p");
    line.className = "strength";
    line.hidden = true;
    line.append(meter, words);
    input.closest(".box").after(line);
    let timer;
    let asked = 0;
    const rate = async () => {
      const number = ++asked;
      const body = new URLSearchParams();
      for (const name of ["csrf", "username", "email", "name", "password"]) {
        const field = input.form.elements.namedItem(name);
        if (field) body.set(name, field.value);
      }
      const answer = await fetch("/password-strength", { method: "POST", body }).catch(() => null);
      if (number !== asked) return;
      const rating = answer?.ok ? await answer.json() : null;
      line.hidden = !rating;
      if (!rating) return;
      meter.value = rating.strength;
      words.textContent = rating.words;
      line.classList.toggle("good", rating.good);
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      asked += 1;
      if (input.value) timer = setTimeout(rate, 400);
      else line.hidden = true;
    });
  }

  // Recovery codes go where they are kept.
  for (const list of document.querySelectorAll("[data-copy]")) {
    const row = document.createElement("div");
    row.className = "choice";
    const add = (text, action) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: text });
      button.addEventListener("click", () => action(button));
      row.append(button);
    };
    if (navigator.clipboard) {
      add(list.dataset.copy, async (button) => {
        const lines = [...list.querySelectorAll("code")].map((code) => code.textContent);
        await navigator.clipboard.writeText(lines.join("\n"));
        button.textContent = list.dataset.copied;
      });
    }
    add(list.dataset.print, () => print());
    list.after(row);
  }

  // What is wrong comes first. Browsers that know autofocus have done this already.
  document.getElementById("problems")?.focus();
})();
