// Every error that an entry point exports has the name of its class.
import * as main from "@alerce/db-plugins";
import * as engine from "@alerce/db-plugins/engine";
import * as migrate from "@alerce/db-plugins/migrate";
import * as mongo from "@alerce/db-plugins/mongo";
import * as sql from "@alerce/db-plugins/sql";
import * as ztf from "@alerce/db-plugins/ztf";
import * as internal from "../../src/base/errors/mod.ts";
import { InterruptedError } from "../../src/cli/terminal/interrupted_error.ts";
import { UsageError } from "../../src/cli/parse/usage_error.ts";
import assert from "node:assert/strict";

/** The arguments of constructors: a message, or what the class makes its message of. */
const ARGUMENTS: readonly (readonly unknown[])[] = [["x", []], [[]]];

function create(Class: new (...args: never[]) => Error): Error {
  for (const args of ARGUMENTS) {
    try {
      return Reflect.construct(Class, args);
    } catch { /* The class takes other arguments. */ }
  }
  throw new Error(`cannot construct ${Class.name}`);
}

Deno.test("every error class has its own name in error.name, and in its text", () => {
  const exported = [main, engine, migrate, mongo, sql, ztf, internal]
    .flatMap((module) => Object.entries(module));
  const classes = new Map<string, new (...args: never[]) => Error>();
  for (
    const [name, value] of [
      ...exported,
      ["InterruptedError", InterruptedError],
      ["UsageError", UsageError],
    ] as const
  ) {
    if (typeof value !== "function") continue;
    const prototype: unknown = value.prototype;
    if (prototype instanceof Error) {
      classes.set(name, value as new (...args: never[]) => Error);
    }
  }
  assert.ok(classes.size > 24, String(classes.size));
  for (const [name, Class] of classes) {
    const error = create(Class);
    assert.equal(error.name, name);
    assert.match(String(error), new RegExp(`^${name}`));
    assert.match(error.stack ?? "", new RegExp(`^${name}`));
  }
});
