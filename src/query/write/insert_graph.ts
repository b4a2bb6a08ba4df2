import { QueryError, ValidationError } from "../../base/errors/mod.ts";
import { canonical, keyText } from "../../model/canonical.ts";
import type { Field } from "../../model/field.ts";
import { relatedValue } from "../../model/related_value.ts";
import { isLeftToServer } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { withReadableRows } from "../checks/unreadable_row.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import { outlasting } from "../statement/outlast.ts";
import { withExtra } from "./extra_fields.ts";
import { compileGraph, type GraphNode } from "./graph_node.ts";
import { newRow, type Values } from "./values.ts";

/** The maximum number of retries after a conflict with another transaction. */
const RETRIES = 3;

type Given = Readonly<Record<string, unknown>>;

/** Inserts a row and its related rows in one transaction, and returns the row as it is stored, with them. */
export async function insertGraph(
  executor: Executor,
  model: AnyModel,
  row: unknown,
  models: Models,
): Promise<object> {
  const graph = compileGraph(model, row, models);
  check(graph, { given: graph.given, open: NONE });
  return await executor.transaction(
    (tx) => write(tx, graph, graph.given),
    outlasting({ retries: RETRIES }),
  );
}

/** Writes the rows to which a row refers, the row, and the rows that refer to it. */
async function write(
  executor: Executor,
  node: GraphNode,
  given: Given,
): Promise<object> {
  const { model, parents, children } = node;
  const related: [string, object | null | object[]][] = [];
  let own = given;
  for (const { relation, nodes } of parents) {
    const [parent] = nodes;
    const stored = parent === undefined
      ? null
      : await write(executor, parent, parent.given);
    if (stored !== null) {
      const { local, foreign, target } = relation;
      own = filled(node, own, local, foreign, target, stored);
    }
    related.push([relation.name, stored]);
  }
  const stored = await executor.run({
    kind: "insertRow",
    model,
    row: checkedRow(node, own),
  });
  for (
    const { relation: { name, relation, local, foreign }, nodes } of children
  ) {
    const rows: object[] = [];
    for (const child of nodes) {
      const given = filled(child, child.given, foreign, local, model, stored);
      rows.push(await write(executor, child, given));
    }
    related.push([name, relation.kind === "many" ? rows : rows[0] ?? null]);
  }
  for (const [name, value] of related) Reflect.set(stored, name, value);
  return stored;
}

/** What is known of a row before it is written. */
interface Known {
  readonly given: Given;
  /** Fields whose values are known only when the rows before it are written. */
  readonly open: ReadonlySet<string>;
}

/**
 * Checks all rows before the first one is written, as far as their values are known.
 *
 * @throws {ValidationError} with the position of an invalid row
 * @throws {QueryError} if a row contradicts the one that contains it
 */
function check(node: GraphNode, known: Known): Known {
  let own = known;
  for (const { relation: { local, foreign }, nodes } of node.parents) {
    for (const parent of nodes) {
      const source = check(parent, { given: parent.given, open: NONE });
      own = linked(node, own, local, foreign, parent.model, source);
    }
  }
  checkedRow(node, own.given, own.open);
  for (const { relation: { local, foreign }, nodes } of node.children) {
    for (const child of nodes) {
      const given = { given: child.given, open: NONE };
      check(child, linked(child, given, foreign, local, node.model, own));
    }
  }
  return own;
}

const NONE: ReadonlySet<string> = new Set();

/** Returns what is known of a row that refers to another one. */
function linked(
  node: GraphNode,
  { given, open }: Known,
  fields: readonly Field[],
  sources: readonly Field[],
  sourceModel: AnyModel,
  source: Known,
): Known {
  const opened = new Set(open);
  const values: Record<string, unknown> = {};
  for (const [index, from] of sources.entries()) {
    const value = source.given[from.name];
    const isOpen = source.open.has(from.name) ||
      (value === undefined &&
        (from.default !== undefined || isLeftToServer(from)));
    const field = fields[index];
    if (isOpen && field !== undefined) opened.add(field.name);
    values[from.name] = isOpen ? given[field?.name ?? ""] : value ?? null;
  }
  return {
    given: filled(node, given, fields, sources, sourceModel, values, opened),
    open: opened,
  };
}

/**
 * Returns the fields of a row that refers to another one, with the values of that.
 *
 * @param open fields to leave out
 * @throws {QueryError} if a given value differs, or the other row has no value
 */
function filled(
  { path, model }: GraphNode,
  given: Given,
  fields: readonly Field[],
  sources: readonly Field[],
  sourceModel: AnyModel,
  source: object,
  open: ReadonlySet<string> = NONE,
): Given {
  const subject = path === "" ? model.name : path;
  const values: Record<string, unknown> = { ...given };
  for (const [index, field] of fields.entries()) {
    const from = sources[index];
    if (from === undefined || open.has(field.name)) continue;
    const value: unknown = Reflect.get(source, from.name) ?? null;
    if (value === null) {
      throw new QueryError(
        `Cannot insert ${subject}: ${from.name} of the ${sourceModel.name} that it refers to is null`,
        { model: model.name, field: field.name },
      );
    }
    const own = values[field.name];
    if (own !== undefined && textOf(field, own) !== textOf(from, value)) {
      throw new QueryError(
        `Cannot insert ${subject}: ${field.name} is ${
          shown(own)
        }, but ${from.name} of the ${sourceModel.name} that it refers to is ${
          shown(value)
        }; leave ${field.name} out`,
        { model: model.name, field: field.name },
      );
    }
    values[field.name] = relatedValue(from.type, field.type, value) ?? value;
  }
  return values;
}

/** A text that is equal for equal values. */
function textOf({ type }: Field, value: unknown): string {
  return keyText([canonical(type, value)]);
}

/** A value as an error shows it. */
function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/**
 * Returns the checked values of a row.
 *
 * @param open fields that may be missing
 * @throws {ValidationError} with the position of the row
 */
function checkedRow(
  { model, path }: GraphNode,
  given: Given,
  open: ReadonlySet<string> = NONE,
): Values {
  const values = withReadableRows(
    model,
    (row) => newRow(model, withExtra(model, row), 0),
  );
  try {
    return values(given, 0);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const { cause } = error;
    const rows = error.rows.filter(({ field }) => !open.has(field));
    if (rows.length === 0) return new Map();
    throw new ValidationError(
      model.name,
      rows.map((problem) => ({
        ...problem,
        field: path === "" ? problem.field : `${path}.${problem.field}`,
      })),
      { isOneRow: true, ...(cause === undefined ? {} : { cause }) },
    );
  }
}
