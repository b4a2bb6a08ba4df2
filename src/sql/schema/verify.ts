import { SchemaError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Change } from "./change.ts";
import { isValidation } from "./change.ts";
import { compareAll } from "./compare_tables.ts";
import { createTables } from "./create_tables.ts";
import { enumDifferences, enumDifferenceTexts } from "./enum_types.ts";
import { differenceOf } from "./difference_of.ts";
import { definedTables, type LiveTable } from "./introspect.ts";
import { withoutRedundantChecks } from "./redundant_checks.ts";
import { aside, run } from "../link/run.ts";
import { withAnyCollation } from "./any_collation.ts";
import type { WantedTable } from "./table.ts";

/**
 * Compares existing tables with the models, which are created as temporary
 * tables briefly, so that the server writes types, defaults and
 * expressions of both the same way. Names of constraints and indexes, comments, and additional
 * indexes and constraints do not matter.
 *
 * @throws {SchemaError} with every difference
 */
export async function verifyTables(
  tx: SqlTransaction,
  models: readonly AnyModel[],
  tables: readonly WantedTable[],
  live: ReadonlyMap<string, LiveTable>,
): Promise<void> {
  const lacking = enumDifferenceTexts(
    await enumDifferences(
      tx,
      models.filter(({ table }) => live.has(table)),
    ),
  ).map(({ state }) => state);
  if (lacking.length > 0) throw verifyError(lacking);
  const made = await aside(tx, async () => {
    for (const statement of createTables(tables, "pg_temp")) {
      await run(tx, statement);
    }
    const names = tables.map(({ name }) => name);
    return withAnyCollation(await definedTables(tx, "pg_temp", names), tables);
  });
  const wanted = new Map(
    [...made].map(([name, table]): [string, LiveTable] => {
      const model = models.find((model) => model.table === name);
      return [
        name,
        model === undefined
          ? table
          : withoutRedundantChecks(model, table, live.get(name)),
      ];
    }),
  );
  const { changes } = await compareAll(tx, live, wanted, {
    managed: { has: () => true },
    renamed: new Set(),
  });
  const differences = changes.filter(matters)
    .map((change) => differenceOf(change).state);
  if (differences.length === 0) return;
  throw verifyError(differences);
}

function verifyError(differences: readonly string[]): SchemaError {
  return new SchemaError(
    [
      "The tables do not match the models:",
      ...differences.map((difference) => `  ${difference}`),
      "Correct the models, or change the tables",
    ],
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
    default:
      return true;
  }
}
