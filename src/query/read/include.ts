import { LimitError, QueryError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import { MAX_INCLUDE_LEVELS } from "../../base/max_levels.ts";
import { type NamesOf, namesOf, unknownNames } from "../../base/known_names.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { type KnownRelation, relationNamed } from "../checks/relation.ts";
import { wholeNumberOption } from "../checks/whole_number.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import type { Models } from "../statement/models.ts";
import type { Nearest } from "../statement/position.ts";
import type { Condition } from "../statement/condition.ts";
import type { Sort } from "../statement/statement.ts";
import { compileOrder } from "./order.ts";
import { compileCounts, type RelatedCount } from "./related_counts.ts";
import { requestedRelations } from "./requested_relations.ts";
import { selectedFields } from "./select.ts";

/** The relations, counts, and distances that a read adds to its rows. */
export interface Additions {
  readonly inclusions: readonly Inclusion[];
  readonly counts: readonly RelatedCount[];
  /** The position whose distance each row has as `distance`. */
  readonly nearest?: Nearest;
  /** Fields that are read for the relations only, and that rows must not have; the last fields of a row. */
  readonly extra: readonly Field[];
}

/** A relation to load. */
export interface Inclusion extends KnownRelation {
  /** The condition on the related rows. */
  readonly where: Condition;
  /** The order of the related rows of each row. */
  readonly order: readonly Sort[];
  /** The maximum number of related rows of each row. */
  readonly limit: number | undefined;
  /** The fields to read. */
  readonly fields: readonly Field[];
  /** The additions to the related rows. */
  readonly additions: Additions;
}

/** Unchecked options for the properties of a row. */
interface ShapeOptions {
  readonly select?: unknown;
  readonly include?: unknown;
  readonly counts?: unknown;
}

/** Unchecked options of a relation. */
type RelationOptions = Readonly<Record<string, unknown>>;

const MANY: NamesOf<
  Record<"filterBy" | "orderBy" | "select" | "limit" | "include", unknown>
> = { filterBy: true, orderBy: true, select: true, limit: true, include: true };
/** The options of each kind of relation. */
const OPTIONS = {
  many: namesOf(MANY),
  one: new Set(["select", "include"]),
} as const;

/** The additions of a read without relations, counts, and distances. */
export const NO_ADDITIONS: Additions = Object.freeze({
  inclusions: [],
  counts: [],
  extra: [],
});

/**
 * Compiles `select`, `include`, and `counts`.
 *
 * @param models the models of the connection
 * @param needed fields to read in any case
 * @param level the nesting level of these options, from 1
 * @returns the fields to read, and the additions to the rows
 * @throws {QueryError} if a name is unknown, or a value does not fit
 * @throws {LimitError} if `include` has too many levels, or contains itself
 */
export function compileShape(
  model: AnyModel,
  { select, include, counts }: ShapeOptions,
  models: Models,
  needed: readonly Field[] = [],
  level = 1,
): { readonly fields: readonly Field[]; readonly additions: Additions } {
  const selected = selectedFields(model, select);
  if (include === undefined && counts === undefined && needed.length === 0) {
    return { fields: selected, additions: NO_ADDITIONS };
  }
  const inclusions = compileInclude(model, include, models, level);
  const counted = compileCounts(model, counts, models);
  const extra = [
    ...new Set([
      ...needed,
      ...[...inclusions, ...counted].flatMap(({ local }) => local),
    ]),
  ].filter((field) => !selected.includes(field));
  return {
    fields: extra.length === 0 ? selected : [...selected, ...extra],
    additions: { inclusions, counts: counted, extra },
  };
}

function compileInclude(
  model: AnyModel,
  include: unknown,
  models: Models,
  level: number,
): readonly Inclusion[] {
  if (include === undefined) return [];
  const requested = requestedRelations(model, include, "include", "include in");
  if (requested.length > 0 && level > MAX_INCLUDE_LEVELS) {
    throw new LimitError(
      `Cannot include in ${model.name}: include has more than ${MAX_INCLUDE_LEVELS} levels, or contains itself`,
      { limit: "levels", allowed: MAX_INCLUDE_LEVELS },
    );
  }
  return requested.map(([name, value]) => {
    const known = relationNamed(model, name, models, "include");
    const { relation, target, foreign } = known;
    const options = optionsOf(model, known, value);
    const shape = compileShape(
      target,
      { select: options["select"], include: options["include"] },
      models,
      foreign,
      level + 1,
    );
    return {
      ...known,
      ...shape,
      where: compileFilter(target, options["filterBy"], models),
      order: compileOrder(target, options["orderBy"], relation.orderBy),
      limit: wholeNumberOption(target, "limit", options["limit"]),
    };
  });
}

function optionsOf(
  model: AnyModel,
  { name, relation: { kind } }: KnownRelation,
  value: unknown,
): RelationOptions {
  if (value === true) return {};
  const refuse = (
    problem: string,
    field: string,
    nearest?: string,
  ): QueryError =>
    new QueryError(`Cannot include ${name} in ${model.name}: ${problem}`, {
      model: model.name,
      field,
      nearest,
    });
  if (!isPlain(value)) {
    const example = kind === "many" ? "{ limit: 5 }" : "{ select: [ … ] }";
    throw refuse(
      `the value must be true or an object of options like ${example}; leave out the relation to skip it`,
      name,
    );
  }
  const [unknown] = unknownNames(value, OPTIONS[kind]);
  if (unknown === undefined) return value;
  if (OPTIONS.many.has(unknown.name)) {
    throw refuse(
      `${name} is one row, so it has no option ${unknown.name}, only select and include`,
      unknown.name,
    );
  }
  throw refuse(
    `it has no option ${unknown.name}`,
    unknown.name,
    unknown.nearest,
  );
}
