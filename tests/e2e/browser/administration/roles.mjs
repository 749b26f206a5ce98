// Those who may do a part of it: what is not allowed is neither shown nor possible.
import { press } from "../chromium.mjs";
import { gallery } from "../gallery.mjs";
import { assert, check, input } from "../harness.mjs";
import { auroras } from "./applications.mjs";
import { done, enter, fill, navigation, open, SECTIONS, status } from "./desk.mjs";
import { mailbox } from "./root.mjs";

const ROLES = {
  mira: { sees: ["clients", "resources"], writes: ["clients", "resources"] },
  ugo: { sees: ["users", "sessions", "groups", "roles"], writes: ["users", "sessions", "groups"] },
  aldo: { sees: SECTIONS, writes: [] },
};
for (const [name, { sees, writes }] of Object.entries(ROLES)) {
  const page = await enter(input.people[name]);
  const lookAt = gallery(page);
  await check(`${name}: the navigation has what is allowed, and the rest cannot be reached`, async () => {
    assert.equal(await status(page, "/admin"), 200);
    assert.deepEqual(await navigation(page), ["/admin", ...sees]);
    for (const section of SECTIONS) {
      assert.equal(await status(page, `/admin/${section}`), sees.includes(section) ? 200 : 403, section);
      const makes = { clients: "new", resources: "new", users: "new", sessions: "end-all", groups: "new", roles: "new", organisations: "new", keys: "rotate" }[section];
      if (!makes) continue;
      if (sees.includes(section)) assert.equal(await page.locator(`#${makes}`).count(), writes.includes(section) ? 1 : 0, section);
      assert.equal(await status(page, `/admin/${section}/${makes}`), writes.includes(section) ? 200 : 403, `${section}/${makes}`);
    }
  });
  await open(page, "/admin");
  await lookAt(`overview-${name}`);
  await check(`${name}: the overview leads on`, async () => {
    assert.equal(await page.locator(".desk .list a").count(), name === "aldo" ? 0 : sees.length);
  });
  await check(`${name}: no page has a button that is not for them`, async () => {
    for (const section of sees.filter((one) => !writes.includes(one))) {
      await open(page, `/admin/${section}`);
      const pages = await page.$$eval(".desk .list a", (links) => links.slice(0, 3).map((link) => link.href));
      for (const one of [page.url(), ...pages]) {
        await page.goto(one);
        assert.equal(await page.locator('.desk form[method="post"]').count(), 0, one);
        const acting = await page.$$eval(".desk a", (links) => links.map((link) => link.href).filter((href) => /\/(new|edit|delete|disable|enable|reset|secret|grant|revoke|rotate|end|end-all)$/.test(href)));
        assert.deepEqual(acting, [], one);
      }
    }
  });
  if (name === "aldo") {
    await open(page, auroras);
    await lookAt("client-auditor");
    for (const action of ["edit", "secret", "delete", "disable"]) {
      await check(`aldo: ${action} of an application is refused`, async () => assert.equal(await status(page, `${auroras}/${action}`), 403));
    }
  }
  await page.context().close();
}
await check("mira registers an application, ugo invites somebody", async () => {
  const mira = await enter(input.people.mira);
  await open(mira, "/admin/clients/new?kind=spa");
  await fill(mira, { client_name: "Mira's", redirect_uris: "https://mira.example/" });
  await press(mira, "#create");
  await done(mira);
  const ugo = await enter(input.people.ugo);
  await open(ugo, "/admin/users/new");
  await fill(ugo, { username: "ines", email: "ines@example.com" });
  await press(ugo, "#invite");
  await done(ugo);
  await mailbox.take("ines@example.com");
});
