// The Node half of support/vault.py: secrets go to the same file, to be looked for in the logs at the end.
import { appendFileSync } from "node:fs";

const SECRET_FIELDS = [
  "password", "client_secret", "code", "code_verifier", "access_token", "refresh_token", "id_token", "token",
  "client_assertion", "registration_access_token",
];
const SHORTEST = 8;
const seen = new Set();

export function remember(...values) {
  for (const value of values) {
    if (typeof value !== "string" || value.length < SHORTEST || seen.has(value)) continue;
    seen.add(value);
    appendFileSync(process.env.E2E_SECRETS, JSON.stringify(value) + "\n");
  }
}

export const rememberFields = (fields) => remember(...SECRET_FIELDS.map((name) => fields[name]));
export const rememberForm = (body) => rememberFields(Object.fromEntries(new URLSearchParams(body)));
export const rememberCookies = async (context) => remember(...(await context.cookies()).map(({ value }) => value));

/** A `fetch` that remembers what it sends and gets. */
export async function fetchAndRemember(url, options) {
  if (options?.body) rememberForm(options.body.toString());
  const response = await fetch(url, options);
  if (response.headers.get("content-type")?.startsWith("application/json")) {
    rememberFields(await response.clone().json().catch(() => ({})));
  }
  return response;
}
