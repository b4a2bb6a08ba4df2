import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { PlanOptions, Script } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlTransaction } from "../../link/link.ts";
import { withoutConcurrently } from "../file/concurrent_statements.ts";
import type { Change } from "../compare/change.ts";
import { difference } from "./difference.ts";
import { withUsers } from "../compare/dependents.ts";
import { canonical } from "../compare/fingerprint.ts";
import { underNewNames } from "../../../migrations/plan/renames.ts";
import { refusal } from "../decide/refused.ts";
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
import { inWords } from "../compare/change_text.ts";

/**
 * Runs a plan's files on copies of the tables, in a transaction that is rolled
 * back: after `up` nothing is left to do but what is left to a person, after
 * `down` all is as it was. A way back that loses something is not tried.
 *
 * @throws {MigrationError} naming the statement that failed, or the difference
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
    // The file must make extensions itself.
    const { made: wanted, lacking } = await aside(
      scratch.tx,
      () => wantedTables(scratch, models),
    );
    if (wanted === undefined) {
      throw new MigrationError(`Cannot prove the files: ${lacking.change}`, {
        exitCode: EXIT.undecided,
      });
    }
    const live: Tables = options.empty === true ? new Map() : scratch.live;
    await copyTables(scratch, [...live.values()]);
    const before = await state(scratch);
    await runScript(scratch.tx, up, "up");
    await nothingLeft(scratch, models, live, wanted, options);
    if (down === undefined || down.irreversible !== undefined) return;
    await runScript(scratch.tx, down, "down");
    const after = await state(scratch);
    if (before === after) return;
    throw new MigrationError(
      `The way back does not lead back: ${firstDifference(before, after)}`,
    );
  });
}

/** What is there besides tables that an extension brought. */
async function state(scratch: Scratch): Promise<string> {
  const [brought] = await row(scratch.tx, BROUGHT);
  const others: string[] = JSON.parse(brought ?? "[]");
  const tables = [...await scratchTables(scratch)].filter(([name]) =>
    !others.includes(name)
  );
  return JSON.stringify(canonical(new Map(tables)), null, 1);
}

/** The tables of extensions, wherever names are made without a schema. */
const BROUGHT = `
select json_agg(c.relname)
from pg_depend d
join pg_class c on c.oid = d.objid
join pg_namespace n on n.oid = c.relnamespace
where d.classid = cast('pg_class' as regclass) and d.deptype = 'e' and n.nspname = current_schema()`;

async function runScript(
  tx: SqlTransaction,
  { steps }: Script,
  direction: string,
): Promise<void> {
  for (const [place, { statements }] of steps.entries()) {
    for (const statement of statements) {
      try {
        await run(tx, withoutConcurrently(statement));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new MigrationError(
          `Step ${
            place + 1
          } of ${direction} fails on copies of the tables: ${reason}. The statement: ${statement}`,
          { cause: error },
        );
      }
    }
  }
}

async function nothingLeft(
  scratch: Scratch,
  models: readonly AnyModel[],
  before: Tables,
  wanted: Tables,
  { intent, managed }: PlanOptions,
): Promise<void> {
  const renames = tableRenames(models, intent, before);
  const live = withUsers(await scratchTables(scratch), before, renames);
  const now = underNewNames(managed, renames);
  const found = await difference(scratch, models, live, wanted, {
    intent,
    managed: [...managed, ...now],
  });
  const left: Change[] = [];
  for (const change of found.changes) {
    const settling = { scratch, models, intent, ...found };
    if (await refusal(change, found.changes, settling) === undefined) {
      left.push(change);
    }
  }
  if (left.length === 0) return;
  throw new MigrationError(
    `After up there is still something to do: ${left.map(inWords).join("; ")}`,
  );
}

/** The first line in which two texts differ. */
function firstDifference(before: string, after: string): string {
  const [left, right] = [before.split("\n"), after.split("\n")];
  const place = left.findIndex((line, place) => line !== right[place]);
  return `${right[place]?.trim() ?? "nothing"} where ${
    left[place]?.trim() ?? "nothing"
  } was`;
}
