// Codes by text message and links by mail, in Chromium: with scripts and without.
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { Gateway } from "./gateway.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, people, client } = input;
const browser = await launch();
const mailbox = await new Mailbox().listen(input.mailPort);
const gateway = await new Gateway(input.gateway.secret).listen(input.gateway.port);

async function visit(options, action) {
  const context = await browser.newContext(options);
  try {
    const result = await action(await context.newPage());
    await rememberCookies(context);
    return result;
  } finally {
    await context.close();
  }
}

async function signIn(page, person) {
  await page.goto(`${issuer}/sign-in`);
  await fillSignIn(page, person);
  await press(page, "#login");
}

async function enterCode(page, code, button = "#verify") {
  await page.locator("#code").fill(code);
  await press(page, button);
}

async function askForLink(page, person) {
  await press(page, "#email-link");
  await page.locator("#identifier").fill(person.username);
  await press(page, "#send");
  let letter;
  do letter = await mailbox.take(person.email);
  while (!letter.link.includes("/sign-in/link"));
  return letter.link;
}

const isAt = (page, path) => assert.equal(new URL(page.url()).pathname, path);

for (const [name, number, javaScriptEnabled] of [["ada", "+4915112345678", true], ["grace", "+436641234567", false]]) {
  const person = people[name];
  const how = javaScriptEnabled ? "with scripts" : "without JavaScript";
  await visit({ javaScriptEnabled }, async (page) => {
    const look = javaScriptEnabled ? gallery(page) : async () => {};
    await step(`${how}: a number is confirmed by the code that was sent to it`, async () => {
      await signIn(page, person);
      await press(page, "#phone");
      await look("sms-phone-empty");
      await page.locator("input#phone").fill("0151 12345678");
      await press(page, "#send");
      await page.locator("#phone-problem").waitFor();
      await look("sms-phone-refused");
      await page.locator("input#phone").fill(number);
      // The telephone company is in trouble for a while.
      gateway.attempts = [];
      gateway.trouble = [503, 500];
      await press(page, "#send");
      const message = await gateway.take(number);
      assert.equal(message.kind, "confirm_number");
      assert.ok(message.text.startsWith(`${message.code} `));
      assert.deepEqual(gateway.attempts, Array(3).fill(message.id), "one id for all three attempts");
      await look("sms-phone-sent");
      await enterCode(page, "12345", "#confirm");
      await page.locator("#code-problem").waitFor();
      await enterCode(page, message.code, "#confirm");
      const codes = await page.locator("#recovery-codes code").allInnerTexts();
      codes.forEach(remember);
      assert.equal(codes.length, 10);
      await press(page, "#done");
      isAt(page, "/account");
      await look("sms-account");
      await press(page, "#phone");
      await look("sms-phone");
    });
  });
  await visit({ javaScriptEnabled }, async (page) => {
    const look = javaScriptEnabled ? gallery(page) : async () => {};
    await check(`${how}: the next sign-in asks for a code by text message`, async () => {
      await signIn(page, person);
      isAt(page, "/sign-in/step");
      await look("sms-step-send");
      await press(page, "#send");
      const { code } = await gateway.take(number);
      await look("sms-step");
      await enterCode(page, code);
      isAt(page, "/account");
      await visit({ javaScriptEnabled }, async (other) => {
        await signIn(other, person);
        await press(other, "#send");
        const fresh = await gateway.take(number);
        if (fresh.code !== code) {
          await enterCode(other, code);
          await other.locator("#code-problem").waitFor();
        }
      });
    });
    await check(`${how}: the number is removed, and no code is asked for any more`, async () => {
      await page.goto(`${issuer}/account/phone`);
      await press(page, "#remove");
      await page.locator("#remove").waitFor({ state: "detached" });
      await visit({ javaScriptEnabled }, async (other) => {
        await signIn(other, person);
        isAt(other, "/account");
      });
    });
  });
}

await check("everything that arrived was signed", async () => {
  assert.equal(gateway.forged, 0);
  const forged = await fetch(`http://127.0.0.1:${input.gateway.port}/texts`, { method: "POST", body: "{}" });
  assert.equal(forged.status, 401);
});

for (const [name, javaScriptEnabled] of [["hedy", true], ["grace", false]]) {
  const person = people[name];
  const how = javaScriptEnabled ? "with scripts" : "without JavaScript";
  await visit({ javaScriptEnabled }, async (page) => {
    const look = javaScriptEnabled ? gallery(page) : async () => {};
    await check(`${how}: a link by mail signs in the browser that asked for it, once, and no other`, async () => {
      await page.goto(`${issuer}/sign-in`);
      await look("link-sign-in");
      const link = await askForLink(page, person);
      await look("link-check-mail");
      await visit({ javaScriptEnabled }, async (other) => {
        assert.equal((await other.goto(link)).status(), 403);
        assert.equal(await other.locator("#login").count(), 0, await text(other));
        if (javaScriptEnabled) await gallery(other)("link-elsewhere");
        await other.goto(`${issuer}/account`);
        isAt(other, "/sign-in");
      });
      // As software does that looks through mail; nothing is spent by it.
      for (const _ of [1, 2]) assert.equal((await page.goto(link)).status(), 200);
      await look("link-use");
      await press(page, "#login");
      isAt(page, "/account");
      assert.equal((await page.goto(link)).status(), 410);
      await look("link-spent");
    });
  });
}

await visit({}, async (page) => {
  await check("a link by mail goes on with the request that waits", async () => {
    const application = await (await RelyingParty.discover(issuer, client)).listen();
    const { url, done } = await application.begin();
    await page.goto(url);
    await page.goto(await askForLink(page, people.hedy));
    await gallery(page)("link-for-application");
    await press(page, "#login");
    await press(page, "#allow");
    await page.locator("#application").waitFor();
    const { claims, error } = await done;
    assert.ok(!error, String(error));
    assert.deepEqual([claims.acr, claims.amr], ["aal1", ["otp"]]);
    application.close();
  });
});

mailbox.close();
gateway.close();
await browser.close();
