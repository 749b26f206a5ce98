// Every page, looked at by axe-core and photographed: phone and desktop, light and dark.
import { createServer } from "node:http";
import { fillSignIn, launch, press } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, client, pictured, unpictured, waiting, picturePort, person, second, third, links } = input;
const browser = await launch();
const application = await (await RelyingParty.discover(issuer, client)).listen();

const context = await browser.newContext();
const page = await context.newPage();
const look = gallery(page);

// What has been looked at, and what must not be opened by the way.
const known = new Set(["/", "/sign-out", "/account", "/select-account", "/sign-in/another", "/account/data"]);

/** Looks at every page that links lead to from the one that is open. */
async function explore() {
  const paths = await page.$$eval("a[href]", (anchors) => anchors.map((anchor) => anchor.href));
  for (const path of paths.filter((href) => href.startsWith(issuer)).map((href) => new URL(href).pathname)) {
    if (known.has(path) || known.size > 40) continue;
    known.add(path);
    await page.goto(issuer + path);
    await look(`page${path.replaceAll("/", "-")}`);
    await explore();
  }
}

for (const [name, url] of Object.entries(links)) {
  known.add(new URL(url).pathname);
  await page.goto(url);
  await look(name);
  await explore();
}

await check("a new password is rated while it is typed", async () => {
  await page.goto(`${issuer}/sign-up`);
  await page.locator("#password").pressSequentially("Summer2024!");
  await page.locator(".strength:not(.good) meter").waitFor({ timeout: 5_000 });
  assert.match(await page.locator(".strength span").innerText(), /more unrelated words/);
});
await look("sign-up-rated");

await step("the sign-in page of an application", async () => page.goto((await application.begin()).url));
await look("sign-in");

await step("a wrong password is told, and nothing is lost", async () => {
  await fillSignIn(page, { ...person, password: "wrong-on-purpose" });
  await press(page, "#login");
  assert.equal(await page.locator("#username").inputValue(), person.username);
  assert.equal(await page.locator("#password").inputValue(), "");
});
await look("sign-in-refused");

await check("ASVS 5.0 V6.2.6, V6.2.7: passwords are masked, may be pasted, and are known to password managers", async () => {
  const reader = await (await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] })).newPage();
  for (const [path, kind] of [["/sign-in", "current-password"], ["/sign-up", "new-password"]]) {
    await reader.goto(issuer + path);
    const field = reader.locator("#password");
    assert.equal(await field.getAttribute("type"), "password");
    assert.equal(await field.getAttribute("autocomplete"), kind);
    await reader.evaluate(() => navigator.clipboard.writeText("pasted by a manager of passwords"));
    await field.focus();
    await reader.keyboard.press("Control+V");
    assert.equal(await field.inputValue(), "pasted by a manager of passwords");
    assert.equal(await field.getAttribute("type"), "password");
  }
  await reader.context().close();
});

await check("with the keyboard alone: name, password, Enter", async () => {
  await page.locator("#username").focus();
  await page.keyboard.press("Tab");
  for (let i = 0; i < 3 && !(await page.locator("#password").evaluate((element) => element === document.activeElement)); i++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type(person.password);
  await Promise.all([page.waitForEvent("domcontentloaded"), page.keyboard.press("Enter")]);
});
await step("the consent page", () => page.locator("#allow").waitFor({ timeout: 10_000 }));
await rememberCookies(context);
await look("consent");

await step("consent given, back at the application", async () => {
  await press(page, "#allow");
  await page.locator("#application").waitFor({ timeout: 10_000 });
});

const asked = `/sign-out?client_id=${client.client_id}&post_logout_redirect_uri=`;
const ways = { account: "/account", "sign-out": "/sign-out", "sign-out-asked": asked + client.post_logout_redirect_uris[0], "sign-out-flaw": `${asked}x:y` };
for (const [name, path] of Object.entries(ways)) {
  await page.goto(issuer + path);
  await look(name);
  await explore();
}

// An application with a logo: transparent, so that the letter behind it would show.
const drawing = await context.newPage();
await drawing.setContent(`<svg width="96" height="96" style="display:block"><circle cx="48" cy="48" r="40" fill="none" stroke="#0b57d0" stroke-width="14"/></svg>`);
const logo = await drawing.locator("svg").screenshot({ omitBackground: true });
await drawing.close();
let fetched = 0;
const pictures = createServer((request, response) => {
  fetched += 1;
  if (request.url === "/logo.png") response.end(logo);
  else if (request.url !== "/never.png") response.writeHead(404).end();
});
await new Promise((resolve) => pictures.listen(picturePort, "127.0.0.1", resolve));

for (const [name, registered] of Object.entries({ "consent-logo": pictured, "consent-no-logo": unpictured })) {
  await step(`${name}: the consent page`, async () => {
    const other = await RelyingParty.discover(issuer, registered);
    await page.goto((await other.begin()).url);
    await page.locator("#allow").waitFor({ timeout: 10_000 });
  });
  await look(name);
  await check(`${name}: the logo comes from the provider, or is not asked for`, async () => {
    const drawn = await page.$$eval(".face img", (images) => images.map(({ src, naturalWidth }) => [new URL(src).origin, naturalWidth]));
    assert.deepEqual(drawn, registered === pictured ? [[issuer, 96]] : []);
    assert.equal(fetched, registered === pictured ? 1 : 2);
  });
}

await check("a logo that never comes keeps nobody waiting: a letter stands for it", async () => {
  const other = await RelyingParty.discover(issuer, waiting);
  await page.goto((await other.begin()).url);
  await page.locator("#allow").waitFor({ timeout: 3_000 });
  assert.equal(await page.locator(".face").innerText(), "W");
  assert.equal(await page.locator(".face img").count(), 0);
});

await step("two more people sign in, and one of their sessions ends elsewhere", async () => {
  for (const one of [second, third]) {
    await page.goto(`${issuer}/sign-in/another`);
    await fillSignIn(page, one);
    await press(page, "#login");
  }
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(`${issuer}/sign-in`);
  await fillSignIn(elsewhere, second);
  await press(elsewhere, "#login");
  await rememberCookies(elsewhere.context());
  await press(elsewhere, 'form[action="/account/sessions/end"] button');
});
await rememberCookies(context);

await step("an application asks for an account to be chosen", async () => {
  await page.goto((await application.begin({ prompt: "select_account" })).url);
  await page.locator("#another").waitFor({ timeout: 10_000 });
  assert.deepEqual(await page.locator("button.person .tag").allInnerTexts(), ["In use", "Sign in again", "Signed in"]);
});
await look("select-account");

await check("with the keyboard alone: an account whose session has ended is signed in to again", async () => {
  await page.locator("#account-2").focus();
  await Promise.all([page.waitForEvent("domcontentloaded"), page.keyboard.press("Enter")]);
  assert.equal(await page.locator("#username").inputValue(), second.username);
  await page.locator("#password").fill(second.password);
  await press(page, "#login");
  await page.locator("#allow").waitFor({ timeout: 10_000 });
});
await rememberCookies(context);
await look("consent-long-name");

for (const [name, path] of Object.entries({ "select-account-plain": "/select-account", "account-long-name": "/account" })) {
  await page.goto(issuer + path);
  await look(name);
}

await step("signed out of one, and of all", async () => {
  await page.goto(`${issuer}/sign-out`);
  await press(page, "#logout");
});
await look("signed-out-of-one");

await step("signed out", async () => {
  await page.goto(`${issuer}/select-account`);
  await press(page, "#logout_all");
  await page.goto(`${issuer}/sign-in`);
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(context);
  await page.goto(`${issuer}/sign-out`);
  await press(page, "#logout");
});
await look("signed-out");
await page.goto(issuer + ways["sign-out-asked"]);
await look("signed-out-continue");

pictures.close();
application.close();
await browser.close();
