import { sql } from "kysely";
import { SchemaError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { plainText, type Sql } from "../codec/sql_piece.ts";
import type { SqlLink, SqlTransaction } from "../link/link.ts";
import { type Change, isValidation } from "./change.ts";
import { compareTables } from "./compare_tables.ts";
import type { Comparison } from "./comparison.ts";
import { createTables } from "./ddl.ts";
import { differenceOf } from "./difference_of.ts";
import {
  type LiveConstraint,
  type LiveIndex,
  type LiveTable,
  liveTables,
} from "./introspect.ts";
import { wantedTable } from "./table.ts";

/** Names, comments, and additional indexes and constraints do not matter. */
const COMPARISON: Comparison = {
  managed: { has: () => true },
  byName: false,
  sameDefault: () => false,
  constraintKey: partsOf,
  indexKey: partsOf,
  names: new Set(),
  renamed: false,
};

/**
 * Compares existing tables with the models, which are created as temporary
 * tables until a savepoint is rolled back, so that the server writes types,
 * defaults and expressions of both the same way.
 *
 * @throws {SchemaError} with every difference
 */
export async function verifyTables(
  tx: SqlTransaction,
  models: readonly AnyModel[],
  live: ReadonlyMap<string, LiveTable>,
): Promise<void> {
  const wanted = await temporaryTables(tx, models);
  const differences = [...live.values()].flatMap((table) => {
    const model = wanted.get(table.name);
    return model === undefined
      ? []
      : compareTables(table, model, COMPARISON).changes.filter(matters)
        .map((change) => differenceOf(change).state);
  });
  if (differences.length === 0) return;
  throw new SchemaError(
    `The tables do not match the models:\n  ${differences.join("\n  ")}`,
    { differences },
  );
}

function matters(change: Change): boolean {
  switch (change.kind) {
    case "comment":
    case "rename":
      return false;
    case "index":
      return change.to !== undefined;
    case "constraint":
      return change.to === undefined
        ? change.from?.kind === "primary"
        : !isValidation(change);
    case "type":
      return change.from.type !== change.to.type ||
        change.from.made !== change.to.made ||
        (change.to.made !== null && change.from.default !== change.to.default);
    default:
      return true;
  }
}

/** A constraint or an index without its name and its definition, which may contain the names of temporary tables. */
function partsOf(rule: LiveConstraint | LiveIndex): string {
  return JSON.stringify({
    ...rule,
    name: "",
    definition: "",
    validated: true,
    storage: null,
  });
}

async function temporaryTables(
  tx: SqlTransaction,
  models: readonly AnyModel[],
): Promise<ReadonlyMap<string, LiveTable>> {
  await send(tx, sql`savepoint dbp_scratch`);
  const tables = models.map((model) => wantedTable(model, models));
  for (const statement of createTables(tables, "pg_temp")) {
    await send(tx, statement);
  }
  const created = await liveTables(
    tx,
    "pg_temp",
    tables.map(({ name }) => name),
  );
  await send(tx, sql`rollback to savepoint dbp_scratch`);
  return created;
}

/** Sends a statement that has no values. */
export async function send(link: SqlLink, statement: Sql): Promise<void> {
  await link.query({ text: plainText(statement), values: [] });
}
