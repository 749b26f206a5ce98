// Administrators at their limits: lists longer than a page, one organisation, a role that is taken away.
import { browser } from "./administration/desk.mjs";

for (const part of ["lists", "tenant"]) await import(`./administration/${part}.mjs`);
await browser.close();
