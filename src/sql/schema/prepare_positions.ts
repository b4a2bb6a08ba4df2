import { commandHint } from "../../base/hints.ts";
import type { AnyModel } from "../../model/types.ts";
import type { PositionExtension } from "../compile/position_index.ts";
import type { SqlTransaction } from "../link/link.ts";
import { createExtension } from "./create_extension.ts";
import type { LiveTable } from "./introspect.ts";
import { lacksPositionIndex, positionPrefixes } from "./position_prefixes.ts";
import { row } from "../link/run.ts";
import {
  NO_POSITION_INDEXES,
  positionIndexKind,
  positionIndexName,
  type PositionPrefixes,
} from "./table.ts";

/** How the tables of models get their position indexes. */
interface PreparedPositions {
  /** Returns the text before the functions of the index of a model. */
  prefixesOf(model: AnyModel): PositionPrefixes;
  /** The position indexes that are missing, and what to do. */
  readonly notes: readonly string[];
}

/**
 * Creates the extensions that the position indexes of new tables need. A
 * position index only makes searches fast, so a missing one is a note, not an
 * error.
 *
 * @param checked the models whose tables are created or verified
 * @param home the schema of the tables
 */
export async function preparePositions(
  tx: SqlTransaction,
  checked: readonly AnyModel[],
  live: ReadonlyMap<string, LiveTable>,
  home: string,
): Promise<PreparedPositions> {
  const withIndex = checked.filter((model) =>
    positionIndexKind(model) !== undefined
  );
  if (withIndex.length === 0) {
    return { prefixesOf: () => NO_POSITION_INDEXES, notes: [] };
  }
  const problems = new Map<PositionExtension, string>();
  const created = withIndex.filter(({ table }) => !live.has(table));
  for (const using of new Set(created.map(positionIndexKind))) {
    if (using === undefined || using === "zones") continue;
    if (await hasExtension(tx, using)) continue;
    const problem = await createExtension(tx, { name: using, schema: home });
    // Another process may have created it in the meantime.
    if (problem === undefined || await hasExtension(tx, using)) continue;
    problems.set(using, problem.change.replace(/^add /, ""));
  }
  const found = await positionPrefixes(tx);
  const prefixes: PositionPrefixes = {
    zones: found.zones,
    cube: problems.has("cube") ? undefined : found.cube,
    q3c: problems.has("q3c") ? undefined : found.q3c,
  };
  const notes: string[] = [];
  const lacking = new Set<AnyModel>();
  for (const model of withIndex) {
    const using = positionIndexKind(model);
    const existing = live.get(model.table);
    const problem = using === undefined || using === "zones" ||
        existing !== undefined
      ? undefined
      : problems.get(using);
    if (problem === undefined && !lacksPositionIndex(model, existing)) continue;
    lacking.add(model);
    notes.push(note(model, problem));
  }
  return {
    prefixesOf: (model) => lacking.has(model) ? NO_POSITION_INDEXES : prefixes,
    notes,
  };
}

function note({ table }: AnyModel, problem: string | undefined): string {
  const index = `The index ${positionIndexName(table)} of ${table} is missing`;
  return problem === undefined
    ? `${index}, so searches by position are slow: ${
      commandHint("make_migrations")
    } adds it`
    : `${index}, so searches by position are slow: it requires ${problem}. Afterwards, ${
      commandHint("make_migrations")
    } adds the index`;
}

async function hasExtension(
  tx: SqlTransaction,
  name: string,
): Promise<boolean> {
  const [found] = await row(
    tx,
    "select exists (select from pg_catalog.pg_extension where extname = $1)",
    [name],
  );
  return found === "t";
}
