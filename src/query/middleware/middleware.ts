import type { Outcome, Statement } from "../statement/statement.ts";

/** Executes a statement, through the middleware that was added later. */
export type Next = <S extends Statement>(statement: S) => Promise<Outcome<S>>;

/**
 * Sees each statement of a connection before it is executed, and passes it, or
 * another one, to `next`. Statements are frozen: to change one, pass a copy.
 *
 * It must call `next` exactly once, or throw. What it returns is the outcome of
 * the statement: rows, a count, or a report. A `find` of `stream` returns an empty
 * array when the stream has ended; its rows do not pass through middleware.
 *
 * @example
 * ```ts
 * import { connect, type Middleware } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using connection = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await connection.createDb();
 * const seen: string[] = [];
 * const log: Middleware = async (statement, next) => {
 *   seen.push(`${statement.kind} ${statement.model.table}`);
 *   return await next(statement);
 * };
 * const db = connection.use(log);
 * assert.equal(await db.query(AstroObject).count(), 0);
 * assert.deepEqual(seen, ["count object"]);
 * ```
 */
export type Middleware = (
  statement: Statement,
  next: Next,
) => Promise<unknown>;
