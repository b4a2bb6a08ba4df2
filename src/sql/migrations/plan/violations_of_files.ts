import type { Script } from "../../../engine/migrations/mod.ts";
import type { SqlDriver } from "../../link/link.ts";
import { compareAll } from "../../schema/compare_tables.ts";
import {
  copyTables,
  inScratch,
  scratchTables,
} from "../compare/scratch_schema.ts";
import { violations } from "../decide/violations.ts";
import { isNext, readerOf } from "../file/reader.ts";
import { runOnCopies } from "./run_on_copies.ts";
import { aside } from "../../link/run.ts";

/** Words of statements that existing rows can break. */
const RULES = ["unique", "primary", "check", "references", "null"];

/**
 * Counts the existing rows that would make files fail, in the order in which the
 * files would run. The server says which rules the files add, on copies of the
 * tables in a transaction that is rolled back.
 */
export async function violationsOfFiles(
  driver: SqlDriver,
  schema: string | undefined,
  scripts: readonly Pick<Script, "steps">[],
): Promise<readonly string[]> {
  const statements = scripts.flatMap(({ steps }) =>
    steps.flatMap(({ statements }) => statements)
  );
  if (!statements.some(addsRule)) return [];
  return await inScratch(driver, schema, async (scratch) => {
    const { live } = scratch;
    if (live.size === 0) return [];
    const wanted = await aside(scratch.tx, async () => {
      await copyTables(scratch, [...live.values()]);
      for (const script of scripts) await runOnCopies(scratch, script);
      return await scratchTables(scratch);
    });
    const { changes } = await compareAll(scratch.tx, live, wanted, {
      managed: { has: () => false },
      renamed: new Set(),
    });
    return await violations({
      scratch,
      changes: changes.map((change) =>
        // A file fills a column before it requires a value.
        change.kind === "nullability" && fills(statements, change.table)
          ? { ...change, fill: "" }
          : change
      ),
      renames: { tables: new Map(), columns: new Map() },
    });
  });
}

function addsRule(statement: string): boolean {
  return readerOf(statement).tokens.some(({ kind, value }) =>
    kind === "word" && RULES.includes(value)
  );
}

function fills(statements: readonly string[], table: string): boolean {
  return statements.some((statement) => {
    const reader = readerOf(statement);
    return isNext(reader, "update") &&
      reader.tokens.some(({ value }) => value === table);
  });
}
