// Everything on the way of a login, and the administration, by Tab, Shift+Tab, Enter, Space and typing alone. WCAG 2.2: 2.1.1, 2.1.2, 2.4.3, 2.4.7, 2.4.11.
import { randomBytes } from "node:crypto";
import { launch, text } from "./chromium.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, client, people, mailPort } = input;
const { ada, grace, root } = people;
const browser = await launch();
const mailbox = await new Mailbox().listen(mailPort);
const application = await (await RelyingParty.discover(issuer, client)).listen();
// Without motion: a ring that fades in would be measured half-way.
const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage();
const keys = page.keyboard;

/** What has the focus, and what a person sees of it. `index` counts what Tab should reach, in the order of the document. */
const here = () =>
  page.evaluate(() => {
    const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
    const all = [...document.querySelectorAll(stops)].filter((element) => element.tabIndex >= 0 && element.checkVisibility());
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    const transparent = /rgba\(.*, 0\)$/.test(style.outlineColor);
    return {
      index: all.indexOf(element),
      count: all.length,
      id: element.id,
      name: element.id || element.textContent.trim() || element.tagName,
      ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 && !transparent) || style.boxShadow !== "none",
      // A page scrolls by whole pixels: the last one may be cut in two.
      inSight: top > -1 && left > -1 && bottom < innerHeight + 1 && right < innerWidth + 1 && (element === hit || element.contains(hit)),
      top: top + scrollY,
      bottom: bottom + scrollY,
      left,
      right,
    };
  });

async function seen() {
  const stop = await here();
  if (stop.index < 0) return stop;
  assert.ok(stop.ring, `no ring around ${stop.name} at ${page.url()}`);
  assert.ok(stop.inSight, `${stop.name} is out of sight at ${page.url()}`);
  return stop;
}

/** Once around: everything is reached, in the order of the document, downwards, and the same way back; nothing holds the focus. */
async function tour(name) {
  await check(`${name}: Tab reaches everything in the order of reading, always in sight, and goes the same way back`, async () => {
    for (const [key, step] of [["Tab", 1], ["Shift+Tab", -1]]) {
      const { count } = await here();
      const stops = [];
      // One more than there is, and the window's own place between the last and the first.
      while (stops.length <= count) {
        await keys.press(key);
        const stop = await seen();
        if (stop.index >= 0) stops.push(stop);
        else if (stops.at(-1) === null) throw new Error("Tab leads nowhere");
      }
      const order = stops.map(({ index }) => index);
      order.slice(1).forEach((index, at) => assert.equal(index, (order[at] + step + count) % count, `${key}: ${stops.map(({ name }) => name).join(" > ")}`));
      // The first is the link that skips to the content; it shows itself on top only while it has the focus.
      for (const [at, stop] of stops.entries()) {
        const next = stops[at + 1];
        // Downwards, or at the top of the next column.
        if (step > 0 && next?.index > 1 && next.index > stop.index) assert.ok(next.bottom > stop.top || next.left >= stop.right, `${next.name} stands above ${stop.name}`);
      }
    }
  });
}

/** Tab, until `selector` has the focus. */
async function to(selector, key = "Tab") {
  const { count } = await here();
  for (let presses = 0; presses <= count + 1; presses++) {
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return seen();
    await keys.press(key);
    await seen();
  }
  throw new Error(`${key} does not lead to ${selector} at ${page.url()}: ${await text(page)}`);
}

/** A key that leads to another page. */
async function onward(key) {
  await Promise.all([page.waitForEvent("domcontentloaded", { timeout: 15_000 }), keys.press(key)]);
}

async function shows(selector) {
  await page.locator(selector).first().waitFor({ timeout: 10_000 }).catch(async () => {
    throw new Error(`no ${selector} at ${page.url()}: ${await text(page)}`);
  });
}

async function ask(parameters) {
  const { url, done } = await application.begin(parameters);
  await page.goto(url);
  return { end: () => done };
}

async function tokens({ end }) {
  const result = await end();
  if (result.error) throw result.error;
  return result;
}

/** The sign-in page, from where the cursor waits. */
async function signIn(person) {
  assert.equal((await here()).id, "username");
  await keys.type(person.username);
  await to("#password");
  await keys.type(person.password);
  await onward("Enter");
  await rememberCookies(page.context());
}

/** The form came back: the summary has the focus, its link leads to the field, and the field says what is wrong with it. */
async function toFieldInError(id) {
  await shows("#problems");
  assert.equal((await here()).id, "problems");
  await to(`#problems a[href="#${id}"]`);
  await keys.press("Enter");
  assert.equal((await here()).id, id);
  assert.equal(await page.locator(`#${id}`).getAttribute("aria-invalid"), "true");
  const described = (await page.locator(`#${id}`).getAttribute("aria-describedby")).split(" ");
  assert.ok(described.includes(`${id}-problem`), described.join());
  assert.ok((await page.locator(`#${id}-problem`).innerText()).length > 0);
}

// Sign in and consent.

const asked = await ask({});
await tour("sign-in");
await check("the first link skips to the content: the next stop is its first field", async () => {
  await to(".skip", "Shift+Tab");
  await keys.press("Enter");
  await keys.press("Tab");
  assert.equal((await here()).id, "username");
});
await step("a wrong password: the alert has the focus, and the form is next", async () => {
  await to("#username");
  await signIn({ ...ada, password: "wrong-on-purpose" });
  await shows("#problems");
  assert.equal((await here()).id, "problems");
  assert.ok((await here()).ring, "no ring around the alert");
  await keys.press("Tab");
  assert.equal((await seen()).id, "username");
});
await step("Space shows and hides what is typed; Space on the button signs in", async () => {
  await to("#password");
  await keys.type(ada.password);
  await to(".reveal");
  const type = () => page.locator("#password").getAttribute("type");
  await keys.press("Space");
  assert.equal(await type(), "text");
  await keys.press("Space");
  assert.equal(await type(), "password");
  await to("#login");
  await onward("Space");
  await shows("#allow");
});
await tour("consent");
await check("denied with Space", async () => {
  await to("#deny");
  await onward("Space");
  assert.equal((await asked.end()).error.error, "access_denied");
});
const first = await step("allowed with Enter", async () => {
  const again = await ask({});
  await shows("#allow");
  await to("#allow");
  await onward("Enter");
  return tokens(again);
});

// Accounts.

const another = await step("the chooser", async () => {
  const asked = await ask({ prompt: "select_account" });
  await shows("#another");
  return asked;
});
await tour("chooser");
const second = await step("another account signs in", async () => {
  await to("#another");
  await onward("Enter");
  await signIn(grace);
  await shows("#allow");
  await to("#allow");
  await onward("Enter");
  return tokens(another);
});
await check("an account is chosen with Enter, another with Space", async () => {
  for (const [key, email, wanted] of [["Enter", ada.email, first], ["Space", grace.email, second]]) {
    const asked = await ask({ prompt: "select_account" });
    await shows("#account-2");
    const id = await page.locator("button.person", { hasText: email }).getAttribute("id");
    await to(`#${id}`);
    await onward(key);
    assert.equal((await tokens(asked)).claims.sub, wanted.claims.sub);
  }
});

// The account, and out.

await page.goto(`${issuer}/account`);
await tour("account");
await check("a wrong current password: the way to the field in error", async () => {
  await to("#current_password");
  await keys.type("wrong-on-purpose");
  await to("#password");
  await keys.type(randomBytes(9).toString("base64url"));
  await onward("Enter");
  await toFieldInError("current_password");
});
await step("the way to the sign-out page", async () => {
  await to('a[href="/sign-out"]', "Shift+Tab");
  await onward("Enter");
  await shows("#stay");
});
await tour("sign-out");
await check("stayed, and then signed out", async () => {
  await to("#stay");
  await onward("Enter");
  await page.goto(`${issuer}/sign-out`);
  await to("#logout");
  await onward("Space");
  await shows("#others");
});
await tour("signed-out");

// A new account.

const newcomer = { email: "noor@example.com", username: "noor@example.com", password: randomBytes(12).toString("base64url") };
remember(newcomer.password);
const joining = await ask({ prompt: "create" });
await tour("sign-up");
await step("a password that is too common: the way to the field in error", async () => {
  await to("#email");
  await keys.type(newcomer.email);
  await to("#password");
  await keys.type("password");
  await onward("Enter");
  await toFieldInError("password");
});
await tour("sign-up-refused");
await step("a good one: a letter, its link, its button, and on", async () => {
  await to("#password");
  await keys.type(newcomer.password);
  await onward("Enter");
  await page.goto((await mailbox.take(newcomer.email)).link);
  await to("#verify");
  await onward("Enter");
  await to("main a.button.primary");
  await onward("Enter");
  await signIn(newcomer);
  await shows("#allow");
  await to("#allow");
  await onward("Enter");
  assert.ok((await tokens(joining)).claims.sub);
});
await page.goto(`${issuer}/consent?request=too-old`);
await tour("error");

// The administration.

const shown = () => new URL(page.url()).pathname;
await step("whoever asks for a page of the administration signs in, and is there", async () => {
  await page.context().clearCookies();
  await page.goto(`${issuer}/admin`);
  await signIn(root);
  assert.equal(shown(), "/admin");
});
await tour("administration");
await step("by its navigation to the applications, and through the search to one of them", async () => {
  await to('.sections a[href="/admin/clients"]');
  await onward("Enter");
  await to("#q");
  await keys.type("zzz");
  await onward("Enter");
  await shows(".empty");
  await to("#q");
  await keys.press("Control+A");
  await keys.type("aurora");
  await to("#kind");
  await keys.press("ArrowDown");
  await to("#search");
  await onward("Space");
  await shows("#clients");
  assert.equal(await page.locator("#clients li").count(), 1);
});
await tour("administration, a list");
await step("one of them opens", async () => {
  await to("#clients a");
  await onward("Enter");
  await shows("#edit");
});
await tour("administration, an application");
await step("a form with a mistake: nothing that has the focus is behind the bar, what is wrong is heard first, and put right it is saved", async () => {
  await to("#edit");
  await onward("Enter");
  await to("#client_uri");
  await keys.type("nonsense");
  await to("#save");
  await onward("Space");
  await shows("#problems");
  assert.equal((await here()).id, "problems");
  assert.ok((await here()).ring, "no ring around what is wrong");
  await to("#client_uri");
  await keys.press("Control+A");
  await keys.type("https://aurora.example");
  await onward("Enter");
  await shows(".note.good");
});
await step("the page that asks once more", async () => {
  await to("#disable");
  await onward("Enter");
  await shows("#confirm");
});
await tour("administration, a confirmation");
await check("cancelled with Enter; asked again and confirmed with Space", async () => {
  await to("#cancel");
  await onward("Enter");
  await to("#disable");
  await onward("Enter");
  await to("#confirm");
  await onward("Space");
  await shows("#enable");
});

mailbox.close();
application.close();
await browser.close();
