// Steps for the programs of this folder; support/node.py reads them from standard output.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

export { assert };
export const input = JSON.parse(process.env.E2E_INPUT);

const report = (step, ok, started, needed, error) => {
  const detail = error ? `${error.name}: ${error.message}${error.cause ? `\ncaused by ${describe(error.cause)}` : ""}\n${places(error)}` : "";
  console.log(JSON.stringify({ step, ok, needed, seconds: (performance.now() - started) / 1000, detail }));
};

const describe = (cause) => (cause instanceof Error ? cause.message : JSON.stringify(cause));

/** The lines of the tests, not of the libraries, that led to an error. */
const places = (error) =>
  (error.stack ?? "").split("\n").filter((line) => line.includes("/e2e/browser/")).map((line) => line.trim()).join("\n");

async function attempt(name, needed, action) {
  const started = performance.now();
  try {
    const result = await action();
    report(name, true, started, needed);
    return result;
  } catch (error) {
    report(name, false, started, needed, error);
    if (needed) process.exit(1);
  }
}

/** What follows needs this: a failure ends the program. */
export const step = (name, action) => attempt(name, true, action);

/** Nothing else needs this: a failure is counted, and the program goes on. */
export const check = (name, action) => attempt(name, false, action);

/** The command line beside the running server. */
export const tessera = (...args) =>
  execFileSync(input.tessera.binary, args, { cwd: input.tessera.cwd, env: input.tessera.env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** The first truthy answer of `probe`, within a deadline. */
export async function until(what, probe, seconds = 10) {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const answer = await probe();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}
