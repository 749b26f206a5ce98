// The administration's pages, by the ids that docs/automation.md promises: a super administrator, those of the
// built-in roles, somebody without scripts, and names that want to be more than text.
import { browser } from "./administration/desk.mjs";
import { mailbox } from "./administration/root.mjs";

// One after the other, on one server: what one makes, the next ones see.
for (const part of ["overview", "applications", "apis", "people", "belongings", "groups", "keys", "looks", "names", "roles", "german", "plain", "revoked_key", "deleted"]) {
  await import(`./administration/${part}.mjs`);
}

mailbox.close();
await browser.close();
