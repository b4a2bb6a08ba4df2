import { QueryError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import { unknownNames } from "../../base/known_names.ts";
import type { AnyModel } from "../../model/types.ts";
import { type KnownRelation, relationNamed } from "../checks/relation.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { ALL, all, type Condition, hasKeys } from "../statement/condition.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import {
  differentKeys,
  identifier,
  type Keys,
  keysOf,
} from "./related_keys.ts";
import { requestedRelations } from "./requested_relations.ts";

/** The property of a row that holds the numbers of its related rows. */
const PROPERTY = "counts";
/** The options of a relation whose rows are counted. */
const OPTIONS: ReadonlySet<string> = new Set(["filterBy"]);
/** The most keys in one statement: MongoDB's limit for a command is 16 MB. Tests set fewer. */
export const LIMITS = { keys: 100_000 };

/** A relation whose rows are counted. */
export interface RelatedCount extends KnownRelation {
  /** The condition on the related rows. */
  readonly where: Condition;
}

/**
 * Compiles the option `counts`.
 *
 * @throws {QueryError} if a relation is unknown, or a value is neither true nor an object with `filterBy`
 */
export function compileCounts(
  model: AnyModel,
  counts: unknown,
  models: Models,
): readonly RelatedCount[] {
  if (counts === undefined) return [];
  const requested = requestedRelations(
    model,
    counts,
    PROPERTY,
    "count related rows of",
  );
  if (
    requested.length > 0 &&
    (model.byName.has(PROPERTY) || model.relations.has(PROPERTY))
  ) {
    throw new QueryError(
      `Cannot count related rows of ${model.name}: it has a field or relation with the name ${PROPERTY}, which would hold the numbers; use db.query(…).aggregate`,
      { model: model.name, field: PROPERTY },
    );
  }
  return requested.map(([name, value]) => {
    const known = relationNamed(model, name, models, "count");
    return { ...known, where: compileWhere(model, known, value, models) };
  });
}

/** Counts the related rows of each row, with one statement for each relation, and adds the numbers to the rows. */
export async function loadCounts(
  executor: Executor,
  rows: readonly object[],
  counts: readonly RelatedCount[],
  rowKeys: readonly Keys[],
): Promise<void> {
  if (counts.length === 0) return;
  const numbers = rows.map((): Record<string, number> => ({}));
  for (const [index, count] of counts.entries()) {
    const numberOf = await countRelated(executor, count, rowKeys[index] ?? []);
    for (const [at, of] of numbers.entries()) of[count.name] = numberOf(at);
  }
  for (const [at, row] of rows.entries()) {
    Reflect.set(row, PROPERTY, numbers[at]);
  }
}

async function countRelated(
  executor: Executor,
  { target, foreign, where }: RelatedCount,
  rowKeys: Keys,
): Promise<(row: number) => number> {
  const keys = keysOf(rowKeys);
  // Two statements must not count the rows of one key.
  const asked = keys.length > LIMITS.keys
    ? await differentKeys(executor, target, foreign, keys)
    : keys;
  const groups: (readonly unknown[])[] = [];
  for (let at = 0; at < asked.length; at += LIMITS.keys) {
    groups.push(
      ...await executor.run({
        kind: "aggregate",
        model: target,
        where: all([
          hasKeys(foreign, asked.slice(at, at + LIMITS.keys)),
          where,
        ]),
        groupBy: foreign,
        measures: [{ kind: "count" }],
        having: [],
        order: [],
        limit: undefined,
      }),
    );
  }
  const counted = groups.map((group) => group.slice(0, foreign.length));
  const identityOf = await identifier(executor, target, foreign, () => [
    ...keys,
    ...counted,
  ]);
  const totals = new Map<unknown, number>();
  for (const [index, group] of groups.entries()) {
    const identity = identityOf(counted[index] ?? []);
    totals.set(
      identity,
      (totals.get(identity) ?? 0) + Number(group[foreign.length]),
    );
  }
  return (row) => totals.get(identityOf(rowKeys[row] ?? [])) ?? 0;
}

function compileWhere(
  model: AnyModel,
  { name, target }: KnownRelation,
  value: unknown,
  models: Models,
): Condition {
  if (value === true) return ALL;
  if (!isPlain(value)) {
    throw new QueryError(
      `Cannot count ${name} of ${model.name}: the value must be true or an object like { filterBy: … }; leave out the relation to skip it`,
      { model: model.name, field: name },
    );
  }
  const [unknown] = unknownNames(value, OPTIONS);
  if (unknown !== undefined) {
    throw new QueryError(
      `Cannot count ${name} of ${model.name}: it has no option ${unknown.name}`,
      { model: model.name, field: unknown.name, nearest: unknown.nearest },
    );
  }
  return compileFilter(target, value["filterBy"], models);
}
