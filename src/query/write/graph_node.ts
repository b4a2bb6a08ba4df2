import { LimitError, QueryError } from "../../base/errors/mod.ts";
import { MAX_INCLUDE_LEVELS } from "../../base/max_levels.ts";
import { nearest } from "../../base/nearest.ts";
import type { Field } from "../../model/field.ts";
import { isRecord } from "../../model/option_shape.ts";
import type { AnyModel } from "../../model/types.ts";
import { type KnownRelation, relationNamed } from "../checks/relation.ts";
import { unreadableRow } from "../checks/unreadable_row.ts";
import type { Models } from "../statement/models.ts";

/** A row to insert, with its related rows. */
export interface GraphNode {
  readonly model: AnyModel;
  /** Its position in the graph: `detections[0]`; empty for the first row. */
  readonly path: string;
  /** The given fields. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Rows to which this one refers, which are written before it. */
  readonly parents: readonly Edge[];
  /** Rows that refer to this one, which are written after it. */
  readonly children: readonly Edge[];
}

/** A relation and its rows; none if it was given as null. */
interface Edge {
  readonly relation: KnownRelation;
  readonly nodes: readonly GraphNode[];
}

/**
 * Returns the rows of a graph, with their relations.
 *
 * @throws {QueryError} with the position and the nearest name, if a name is unknown
 * @throws {LimitError} if the rows are nested too deep
 */
export function compileGraph(
  model: AnyModel,
  row: unknown,
  models: Models,
  path = "",
  level = 1,
): GraphNode {
  const subject = path === "" ? model.name : path;
  if (level > MAX_INCLUDE_LEVELS) {
    throw new LimitError(
      `Cannot insert ${subject}: the rows are nested in more than ${MAX_INCLUDE_LEVELS} levels, or contain themselves`,
      { limit: "levels of insertGraph", allowed: MAX_INCLUDE_LEVELS },
    );
  }
  if (!isRow(row)) {
    throw new QueryError(
      `Cannot insert ${subject}: a row must be an object with fields and relations of ${model.name}`,
      { model: model.name, field: path === "" ? "row" : path },
    );
  }
  const given: Record<string, unknown> = {};
  const parents: Edge[] = [];
  const children: Edge[] = [];
  for (const [name, value] of entriesOf(model, row)) {
    if (value === undefined) continue;
    if (model.byName.has(name)) given[name] = value;
    else if (model.relations.has(name)) {
      const relation = relationNamed(model, name, models, "insert");
      const at = path === "" ? name : `${path}.${name}`;
      const nodes = rowsOf(relation, value, at).map(([row, path]) =>
        compileGraph(relation.target, row, models, path, level + 1)
      );
      (isParent(model, relation) ? parents : children)
        .push({ relation, nodes });
    } else if (model.mongo.extra !== undefined) given[name] = value;
    else {
      throw new QueryError(
        `Cannot insert ${subject}: ${name} is not a field or relation of ${model.name}`,
        {
          model: model.name,
          field: name,
          nearest: nearest(name, [
            ...model.byName.keys(),
            ...model.relations.keys(),
          ]),
        },
      );
    }
  }
  return { model, path, given, parents, children };
}

function isRow(value: unknown): value is object {
  return isRecord(value) && !(value instanceof Promise);
}

function entriesOf(model: AnyModel, row: object): [string, unknown][] {
  try {
    return Object.entries(row);
  } catch (error) {
    throw unreadableRow(model, row, 0, error);
  }
}

/** Returns the rows of a relation, with their positions. */
function rowsOf(
  { relation: { kind }, target }: KnownRelation,
  value: unknown,
  path: string,
): [row: unknown, path: string][] {
  if (kind === "many" && Array.isArray(value)) {
    return value.map((row, index) => [row, `${path}[${index}]`]);
  }
  if (kind === "one" && value === null) return [];
  if (kind === "one" && isRow(value)) return [[value, path]];
  throw new QueryError(
    `Cannot insert ${path}: it must be ${
      kind === "many" ? "an array of rows" : "a row"
    } of ${target.name}`,
    { model: target.name, field: path },
  );
}

/** Whether a row refers to its related row, which must then be written first. */
function isParent(
  model: AnyModel,
  { relation, target, local, foreign }: KnownRelation,
): boolean {
  return relation.kind === "one" &&
    (refersTo(model, local, target) || !refersTo(target, foreign, model));
}

function refersTo(
  { foreignKeys }: AnyModel,
  fields: readonly Field[],
  { table }: AnyModel,
): boolean {
  const names = new Set(fields.map(({ name }) => name));
  return foreignKeys.some(({ fields, references }) =>
    references.table === table && fields.length === names.size &&
    fields.every((name) => names.has(name))
  );
}
