import type { Document } from "mongodb";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../../query/statement/condition.ts";
import type { DeleteStatement } from "../../query/statement/statement.ts";
import { compileFilter, compileFilters } from "../compile/filter.ts";
import { matchesOneRow } from "../compile/matches_one_row.ts";
import type { WriteContext } from "./base/write_context.ts";
import { runParts } from "./run_parts.ts";

/** Keys of several fields in one command: the server compares each document to delete with every key, so few keys are many times as fast. */
const KEYS_PER_COMMAND = 100;

/**
 * Deletes all matching rows.
 *
 * @returns the number of deleted rows
 */
export async function deleteRows(
  context: WriteContext,
  { model, where }: DeleteStatement,
): Promise<number> {
  const run = (filter: Document) => deleteMatches(context, model, filter);
  return matchesOneRow(model, where)
    ? await run(compileFilter(model, where))
    : await runParts(context, "deleted", filtersOf(model, where), run);
}

function filtersOf(model: AnyModel, where: Condition): readonly Document[] {
  if (where.kind !== "keys" || where.fields.length === 1) {
    return compileFilters(model, where);
  }
  const { keys } = where;
  return Array.from(
    { length: Math.ceil(keys.length / KEYS_PER_COMMAND) },
    (_, index) => {
      const from = index * KEYS_PER_COMMAND;
      const part = keys.slice(from, from + KEYS_PER_COMMAND);
      return compileFilter(model, { ...where, keys: part });
    },
  );
}

async function deleteMatches(
  { link, undoLog }: WriteContext,
  model: AnyModel,
  filter: Document,
): Promise<number> {
  await undoLog?.recordMatches(model, filter);
  return await link.send({
    table: model.table,
    command: { name: "delete", parts: { filter } },
    work: async (collection, options) => {
      const { deletedCount } = await collection.deleteMany(filter, options);
      return deletedCount;
    },
    rows: (count) => count,
  });
}
