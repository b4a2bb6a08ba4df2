import type { z } from "zod";
import { ModelError } from "../base/errors/mod.ts";

/**
 * A schema whose value the server fills: optional in the input of a write, and
 * always present in a row.
 */
export type ServerFilled<T extends z.ZodType> = z.ZodType<
  z.output<T>,
  z.input<T> | undefined
>;

/**
 * A column with a default of the server. A write that omits it leaves the value
 * to the server. The same as `schema.meta({ sqlDefault: sql })`, but TypeScript
 * knows that writes may omit it.
 *
 * @param sql an SQL expression
 * @example
 * ```ts
 * import { defineModel, serverDefault, SQLConnection } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Run = defineModel("run", {
 *   fields: z.object({
 *     id: serverDefault(z.uuid(), "gen_random_uuid()"),
 *     name: z.string(),
 *   }),
 *   primaryKey: ["id"],
 * });
 * await using db = new SQLConnection({ models: [Run] });
 * await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const run = await db.query(Run).insert({ name: "first" });
 * assert.equal(run.id.length, 36);
 * ```
 */
export function serverDefault<T extends z.ZodType>(
  schema: T,
  sql: string,
): ServerFilled<T> {
  return filledByServer(schema, { sqlDefault: sql });
}

/**
 * A `serial` column, whose values come from a sequence: `smallserial`, `serial`,
 * or `bigserial` for the column types `smallint`, `integer`, and `bigint`. New
 * tables should use {@link identity}.
 *
 * @param schema `z.int32()` or `z.int64()`
 * @example
 * ```ts
 * import { defineModel, type InsertOf, serial } from "@alerce/db-plugins";
 * import { z } from "zod";
 *
 * const Log = defineModel("log", {
 *   fields: z.object({ id: serial(z.int32()), text: z.string() }),
 *   primaryKey: ["id"],
 * });
 * const row: InsertOf<typeof Log> = { text: "no id" };
 * ```
 */
export function serial<T extends z.ZodType>(schema: T): ServerFilled<T> {
  return filledByServer(schema, { sqlFill: "serial" });
}

/**
 * An identity column, whose values come from a sequence of its own.
 *
 * @param schema `z.int32()` or `z.int64()`
 * @param options `always`: whether the column is GENERATED ALWAYS, so that
 * updates never change it (default: BY DEFAULT). Inserts may give a value for
 * both. `start`: its first value; `increment`: the difference between two values,
 * not 0 (default: those of the database, which are 1 for a new column)
 * @throws {ModelError} if `start` or `increment` is not such an integer
 * @example
 * ```ts
 * import { defineModel, identity, SQLConnection } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Job = defineModel("job", {
 *   fields: z.object({ id: identity(z.int64()), name: z.string() }),
 *   primaryKey: ["id"],
 * });
 * await using db = new SQLConnection({ models: [Job] });
 * await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * assert.deepEqual({ ...await db.query(Job).insert({ name: "a" }) }, { id: 1n, name: "a" });
 * ```
 */
export function identity<T extends z.ZodType>(
  schema: T,
  { always = false, start, increment }: {
    readonly always?: boolean;
    readonly start?: number | bigint;
    readonly increment?: number | bigint;
  } = {},
): ServerFilled<T> {
  if (increment !== undefined && Number(increment) === 0) {
    throw new ModelError("Cannot define an identity: increment must not be 0");
  }
  const options = [
    ...sequenceOption("start", "start with", start),
    ...sequenceOption("increment", "increment by", increment),
  ].join(" ");
  return filledByServer(schema, {
    sqlFill: `generated ${always ? "always" : "by default"} as identity${
      options === "" ? "" : ` (${options})`
    }`,
  });
}

function sequenceOption(
  name: string,
  words: string,
  value: number | bigint | undefined,
): string[] {
  if (value === undefined) return [];
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
    throw new ModelError(
      `Cannot define an identity: ${name} must be an integer, such as 1 or 1n, not ${
        String(value)
      }`,
    );
  }
  return [`${words} ${value}`];
}

/**
 * A generated column: the server computes it from other columns of the row.
 * Writes ignore a value for it, and updates reject one. MongoDB has no generated
 * columns.
 *
 * @param sql an SQL expression over other columns
 * @param options `stored`: whether the server stores the value (default); if not,
 * it computes the value on read, which requires PostgreSQL 18
 * @example
 * ```ts
 * import { defineModel, generatedAs, SQLConnection } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Flux = defineModel("flux", {
 *   fields: z.object({
 *     id: z.int32(),
 *     mag: z.float64().meta({ unit: "mag" }),
 *     flux: generatedAs(z.float64(), "10 ^ (-0.4 * (mag + 48.6))"),
 *   }),
 *   primaryKey: ["id"],
 * });
 * await using db = new SQLConnection({ models: [Flux] });
 * await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const row = await db.query(Flux).insert({ id: 1, mag: -48.6 });
 * assert.equal(row.flux, 1);
 * ```
 */
export function generatedAs<T extends z.ZodType>(
  schema: T,
  sql: string,
  { stored = true }: { readonly stored?: boolean } = {},
): ServerFilled<T> {
  return filledByServer(schema, {
    sqlFill: `generated always as (${sql}) ${stored ? "stored" : "virtual"}`,
  });
}

function filledByServer<T extends z.ZodType>(
  schema: T,
  meta: { readonly sqlDefault: string } | { readonly sqlFill: string },
): ServerFilled<T> {
  // zod has no schema for a value that the database fills; values are checked by the schema itself.
  return schema.meta(meta) as unknown as ServerFilled<T>;
}
