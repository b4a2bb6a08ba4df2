import { withoutConcurrently } from "../file/concurrent_statements.ts";
import {
  identifier,
  isNext,
  name,
  readerOf,
  skip,
  skipOneOf,
} from "../file/reader.ts";
import type { Script } from "../../../engine/migrations/mod.ts";
import type { Scratch } from "../compare/scratch_schema.ts";
import { run } from "../../link/run.ts";

/**
 * Runs the statements of a file that change tables on the copies of a scratch
 * schema, and leaves out all others: those on rows, and those that name a schema,
 * which would change the real tables.
 */
export async function runOnCopies(
  { tx }: Scratch,
  { steps }: Pick<Script, "steps">,
): Promise<void> {
  for (const statement of steps.flatMap(({ statements }) => statements)) {
    if (!isOnCopies(statement)) continue;
    await run(tx, "SAVEPOINT dbp_copy");
    try {
      await run(tx, withoutConcurrently(statement));
      await run(tx, "RELEASE SAVEPOINT dbp_copy");
    } catch {
      // The run of the file reports it; here it may also be the copy.
      await run(tx, "ROLLBACK TO SAVEPOINT dbp_copy");
    }
  }
}

/** Returns whether a statement changes only tables and indexes without a schema in their names. */
function isOnCopies(statement: string): boolean {
  const reader = readerOf(statement);
  const { tokens } = reader;
  const isRead = tokens.some((_, at) =>
    isNext({ tokens, at }, "as", "select") ||
    isNext({ tokens, at }, "as", "(", "select")
  );
  if (isRead) return false;
  if (skip(reader, "alter", "table") || skip(reader, "alter", "index")) {
    skip(reader, "if", "exists");
    skip(reader, "only");
    return hasNoSchema(name(reader)) &&
      !isNext(reader, "set", "schema") && !isNext(reader, "attach");
  }
  if (skip(reader, "create", "table")) {
    skip(reader, "if", "not", "exists");
    return hasNoSchema(name(reader));
  }
  if (skip(reader, "drop", "index") || skip(reader, "drop", "table")) {
    skip(reader, "concurrently");
    skip(reader, "if", "exists");
    return hasNoSchema(name(reader));
  }
  if (!skip(reader, "create")) return false;
  skip(reader, "unique");
  if (!skip(reader, "index")) return false;
  skip(reader, "concurrently");
  skip(reader, "if", "not", "exists");
  if (!isNext(reader, "on")) identifier(reader);
  if (skipOneOf(reader, ["on"]) === undefined) return false;
  skip(reader, "only");
  return hasNoSchema(name(reader));
}

function hasNoSchema(
  found: { readonly schema: string | undefined } | undefined,
): boolean {
  return found !== undefined && found.schema === undefined;
}
