import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type {
  Direction,
  PlanOptions,
  Script,
} from "../../../engine/migrations/mod.ts";
import { underNewNames } from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlTransaction } from "../../link/link.ts";
import type { Change } from "../../schema/change.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import { withUsers } from "../compare/dependents.ts";
import { canonical } from "../compare/fingerprint.ts";
import { tableRenames } from "../compare/renames.ts";
import {
  aside,
  copyTables,
  inScratch,
  row,
  run,
  type Scratch,
  scratchTables,
  type Tables,
} from "../compare/scratch_schema.ts";
import { wantedTables } from "../compare/wanted_tables.ts";
import { refusal } from "../decide/refusal.ts";
import { withoutConcurrently } from "../file/concurrent_statements.ts";
import { differenceBetween } from "./schema_difference.ts";

/**
 * Runs the files of a plan on copies of the tables, in a transaction that is
 * rolled back: after `up` only refused changes may remain, and `down` must
 * restore the original state. An irreversible down migration is not run.
 *
 * @throws {MigrationError} with the statement that failed, or the difference
 */
export async function proveScripts(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  up: Script,
  down: Script | undefined,
  options: PlanOptions,
): Promise<void> {
  await inScratch(driver, schema, async (scratch) => {
    // The file must create the extensions itself.
    const { made: wanted, missing } = await aside(
      scratch.tx,
      () => wantedTables(scratch, models),
    );
    if (wanted === undefined) {
      throw new MigrationError(
        `Cannot test the files: first ${missing.change}`,
        { exitCode: EXIT.undecided },
      );
    }
    const live: Tables = options.empty === true ? new Map() : scratch.live;
    await copyTables(scratch, [...live.values()]);
    const before = await stateText(scratch);
    await runScript(scratch.tx, up, "up");
    await assertNothingRemains(scratch, models, live, wanted, options);
    if (down === undefined || down.irreversible !== undefined) return;
    await runScript(scratch.tx, down, "down");
    const after = await stateText(scratch);
    if (before === after) return;
    throw new MigrationError(
      `The down migration does not restore the original state: ${
        firstDifferenceText(before, after)
      }`,
    );
  });
}

/** The tables as text, without those of extensions. */
async function stateText(scratch: Scratch): Promise<string> {
  const [found] = await row(scratch.tx, EXTENSION_TABLES);
  const others: string[] = JSON.parse(found ?? "[]");
  const tables = [...await scratchTables(scratch)].filter(([name]) =>
    !others.includes(name)
  );
  return JSON.stringify(canonical(new Map(tables)), null, 1);
}

/** The tables of extensions in the current schema. */
const EXTENSION_TABLES = `
select json_agg(c.relname)
from pg_depend d
join pg_class c on c.oid = d.objid
join pg_namespace n on n.oid = c.relnamespace
where d.classid = cast('pg_class' as regclass) and d.deptype = 'e' and n.nspname = current_schema()`;

async function runScript(
  tx: SqlTransaction,
  { steps }: Script,
  direction: Direction,
): Promise<void> {
  for (const [index, { statements }] of steps.entries()) {
    for (const statement of statements) {
      try {
        await run(tx, withoutConcurrently(statement));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new MigrationError(
          `Step ${
            index + 1
          } of the ${direction} migration fails on copies of the tables: ${reason}. The statement is: ${statement}`,
          { cause: error },
        );
      }
    }
  }
}

async function assertNothingRemains(
  scratch: Scratch,
  models: readonly AnyModel[],
  before: Tables,
  wanted: Tables,
  { intent, managed }: PlanOptions,
): Promise<void> {
  const renames = tableRenames(models, intent, before);
  const live = withUsers(await scratchTables(scratch), before, renames);
  const found = await differenceBetween(scratch, models, live, wanted, {
    intent,
    managed: [...managed, ...underNewNames(managed, renames)],
  });
  const remaining: Change[] = [];
  for (const change of found.changes) {
    const context = { scratch, models, intent, ...found };
    if (await refusal(change, context) === undefined) remaining.push(change);
  }
  if (remaining.length === 0) return;
  throw new MigrationError(
    `The up migration does not make all changes. It leaves: ${
      remaining.map((change) => differenceOf(change).change).join("; ")
    }`,
  );
}

/** The first line in which two texts differ. */
function firstDifferenceText(before: string, after: string): string {
  const [left, right] = [before.split("\n"), after.split("\n")];
  const index = left.findIndex((line, index) => line !== right[index]);
  return `it leaves ${right[index]?.trim() ?? "nothing"} instead of ${
    left[index]?.trim() ?? "nothing"
  }`;
}
