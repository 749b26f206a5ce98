// One-time codes in Chromium: with scripts and without.
import { hotp, scan } from "./authenticator.mjs";
import { fillSignIn, launch, press } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, people, required, late } = input;
const browser = await launch();

async function visit(options, action) {
  const context = await browser.newContext(options);
  try {
    await action(await context.newPage());
    await rememberCookies(context);
  } finally {
    await context.close();
  }
}

async function signIn(page, person, at = issuer) {
  await page.goto(`${at}/sign-in`);
  await fillSignIn(page, person);
  await press(page, "#login");
}

async function enterCode(page, code) {
  await page.locator("#code").fill(code);
  await press(page, "#verify");
}

const isAccount = (page) => assert.equal(new URL(page.url()).pathname, "/account");
const recoveryCodes = (page) => page.locator("#recovery-codes code").allInnerTexts();

for (const [name, javaScriptEnabled] of [["ada", true], ["grace", false]]) {
  const person = people[name];
  const how = javaScriptEnabled ? "with scripts" : "without JavaScript";
  let app;
  let codes;
  await visit({ javaScriptEnabled }, async (page) => {
    await step(`${how}: an app is set up, and recovery codes are shown once`, async () => {
      await signIn(page, person);
      await press(page, "#authenticator");
      app = await scan(page);
      const drawn = await page.locator("svg.qr").boundingBox();
      assert.ok(drawn.width > 150 && Math.abs(drawn.width - drawn.height) < 2);
      await page.locator("#code").fill(app.code());
      await page.locator("#name").fill("Telephone");
      await press(page, "#confirm");
      codes = await recoveryCodes(page);
      codes.forEach(remember);
      assert.equal(codes.length, 10);
      if (javaScriptEnabled) await gallery(page)("codes-recovery-shown");
      assert.equal(await page.locator("[data-copy] + .choice").count(), javaScriptEnabled ? 1 : 0);
      await press(page, "#done");
      isAccount(page);
    });
  });
  await visit({ javaScriptEnabled }, async (page) => {
    await check(`${how}: the next sign-in asks for a code, and takes each once`, async () => {
      await signIn(page, person);
      await enterCode(page, "000000");
      await page.locator("#code-problem").waitFor();
      const code = app.code();
      await enterCode(page, code);
      isAccount(page);
      await visit({ javaScriptEnabled }, async (other) => {
        await signIn(other, person);
        await enterCode(other, code);
        await other.locator("#code-problem").waitFor();
      });
    });
    await check(`${how}: a recovery code stands in for it, once`, async () => {
      for (const works of [true, false]) {
        await visit({ javaScriptEnabled }, async (other) => {
          await signIn(other, person);
          await press(other, "#with-recovery_code");
          await enterCode(other, codes[0].toLowerCase());
          if (works) isAccount(other);
          else await other.locator("#code-problem").waitFor();
        });
      }
    });
    await check(`${how}: new recovery codes, and the app removed`, async () => {
      if (javaScriptEnabled) {
        for (const path of ["/account/authenticator", "/account/recovery", "/account"]) {
          await page.goto(issuer + path);
          await gallery(page)(`codes${path.replaceAll("/", "-")}`);
        }
      }
      await press(page, "#recovery");
      await press(page, "#renew");
      const fresh = await recoveryCodes(page);
      fresh.forEach(remember);
      assert.equal(fresh.length, 10);
      assert.ok(!fresh.includes(codes[1]));
      await page.goto(`${issuer}/account/authenticator`);
      await press(page, "form:has(input[value=remove]) button");
      await page.locator("#seed").waitFor();
      await visit({ javaScriptEnabled }, async (other) => {
        await signIn(other, person);
        isAccount(other);
      });
    });
  });
}

await visit({ javaScriptEnabled: false }, async (page) => {
  const key = Buffer.from(input.seed, "hex");
  await check("a hardware token opens the door, also one that ran ahead", async () => {
    await signIn(page, people.hedy);
    await enterCode(page, hotp(key, 2));
    isAccount(page);
    await visit({ javaScriptEnabled: false }, async (other) => {
      await signIn(other, people.hedy);
      await enterCode(other, hotp(key, 200));
      await other.locator("#code-problem").waitFor();
      await other.locator("#resync").click();
      await other.locator("#first").waitFor();
      await other.locator("#first").fill(hotp(key, 200));
      await other.locator("#next").fill(hotp(key, 201));
      await press(other, "#verify-pair");
      isAccount(other);
    });
  });
});

await visit({}, async (page) => {
  await check("where everybody needs a second factor, it is set up on the way in", async () => {
    await signIn(page, late, required);
    await gallery(page)("codes-set-up");
    const app = await scan(page);
    await page.locator("#code").fill(app.code());
    await press(page, "#confirm");
    const codes = await recoveryCodes(page);
    codes.forEach(remember);
    assert.equal(codes.length, 10);
    await press(page, "#done");
    isAccount(page);
  });
});

await browser.close();
