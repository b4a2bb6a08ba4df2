import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { PlanOptions, Script } from "../../../engine/migrations/mod.ts";
import { proveFiles } from "../../../migrations/plan/prove.ts";
import { underNewNames } from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver } from "../../link/link.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import { aside, row, run } from "../../link/run.ts";
import { withDependents } from "../compare/dependents.ts";
import { addsScratchValue, createScratchEnums } from "../compare/enum_types.ts";
import { canonical } from "../compare/fingerprint.ts";
import { tableRenames } from "../compare/renames.ts";
import {
  copyTables,
  inScratch,
  type Scratch,
  scratchTables,
  type Tables,
} from "../compare/scratch_schema.ts";
import { wantedTables } from "../compare/wanted_tables.ts";
import { refusal } from "../decide/refusal.ts";
import { withoutConcurrently } from "../file/concurrent_statements.ts";
import { statementTitle } from "../file/statement_title.ts";
import { withoutStatementLiterals } from "../file/without_statement_literals.ts";
import { differenceBetween } from "./schema_difference.ts";

/**
 * Tests the files of a plan on copies of the tables, in a transaction that is
 * rolled back. Refused changes may remain, and an irreversible down migration
 * is not run.
 *
 * @throws {MigrationError} with the statement that failed, or the difference
 */
export async function proveScripts(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  up: Script,
  down: Script | undefined,
  { empty, adopting, intent, managed }: PlanOptions,
): Promise<void> {
  await inScratch(driver, schema, async (scratch) => {
    // The file must create the extensions itself.
    const { value: wanted, missing } = await aside(
      scratch.tx,
      () => wantedTables(scratch, models, { adopting }),
    );
    if (wanted === undefined) {
      throw new MigrationError(
        `Cannot test the files: first ${missing?.change}`,
        { exitCode: EXIT.undecided },
      );
    }
    const live: Tables = empty === true ? new Map() : scratch.live;
    if (empty !== true) {
      await createScratchEnums(scratch, models, ({ isNew }) => !isNew);
    }
    await copyTables(scratch, [...live.values()]);
    await proveFiles(
      {
        what: "tables",
        state: () => stateOf(scratch),
        async run({ statements }) {
          for (const statement of statements) {
            if (addsScratchValue(statement)) continue;
            if (scratch.schema === "pg_temp" && FUNCTION.test(statement)) {
              continue;
            }
            await run(scratch.tx, withoutConcurrently(statement)).catch(
              (error: Error) => {
                throw new Error(
                  `${
                    withoutStatementLiterals(error.message, statement)
                  }. The statement is: ${statementTitle(statement, Infinity)}`,
                  { cause: error },
                );
              },
            );
          }
        },
        async remaining() {
          const renames = tableRenames(models, intent, live);
          const found = await differenceBetween(
            scratch,
            models,
            withDependents(await scratchTables(scratch), live, renames),
            wanted,
            {
              intent,
              managed: [...managed, ...underNewNames(managed, renames)],
            },
          );
          const context = { scratch, models, intent, ...found };
          const remaining: string[] = [];
          for (const change of found.changes) {
            if (await refusal(change, context) !== undefined) continue;
            remaining.push(differenceOf(change).change);
          }
          return remaining;
        },
      },
      up,
      down?.irreversible === undefined ? down : undefined,
    );
  });
}

/** A statement for a function. The server never searches pg_temp for functions, so those of the live schema serve there. */
const FUNCTION = /^(?:CREATE|DROP) FUNCTION /;

/** Returns the tables as text, without those of extensions. */
async function stateOf(scratch: Scratch): Promise<Map<string, string>> {
  const [found] = await row(scratch.tx, EXTENSION_TABLES);
  const others: string[] = JSON.parse(found ?? "[]");
  const tables = await scratchTables(scratch);
  return new Map(
    [...tables].filter(([name]) => !others.includes(name)).map((
      [name, table],
    ) => [name, JSON.stringify(canonical(table), null, 1)]),
  );
}

/** The tables of extensions in the current schema. */
const EXTENSION_TABLES = `
select json_agg(c.relname)
from pg_depend d
join pg_class c on c.oid = d.objid
join pg_namespace n on n.oid = c.relnamespace
where d.classid = cast('pg_class' as regclass) and d.deptype = 'e' and n.nspname = current_schema()`;
