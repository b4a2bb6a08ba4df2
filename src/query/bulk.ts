import { QueryError, ValidationError } from "../errors.ts";
import type { Field } from "../model/field.ts";
import { keysOf } from "../model/model.ts";
import type { AnyModel } from "../model/types.ts";
import { keyText } from "../model/value.ts";
import { nearest } from "../nearest.ts";
import type { Expr, Outcome, Rows, UpsertStatement } from "./ast.ts";
import type { Executor } from "./executor.ts";
import { fieldNamed, whereOf } from "./where.ts";
import { changes, valueOf, type Values } from "./write.ts";

/** How many changes go to the engine at a time. */
const BATCH = 10_000;

/** Options of `bulkUpsert`, unchecked. */
export interface RawUpsertOptions {
  readonly conflict?: unknown;
  readonly update?: unknown;
  readonly prefer?: unknown;
}

/** New rows; those whose key is taken are passed over or refused. */
export function bulkInsert(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
  onConflict: unknown = "ignore",
): Promise<{ inserted: number; ignored: number }> {
  if (onConflict !== "ignore" && onConflict !== "error") {
    throw new QueryError(
      `Cannot insert into ${model.name}: onConflict takes "ignore" or "error"`,
      {
        model: model.name,
        name: "onConflict",
        nearest: nearest(String(onConflict), ["ignore", "error"]),
      },
    );
  }
  checkRows(model, rows);
  return executor.run({ kind: "insert", model, rows, onConflict });
}

/** New rows, and changes to those whose key is there. */
export function bulkUpsert(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
  options: RawUpsertOptions,
): Promise<Outcome<UpsertStatement>> {
  checkRows(model, rows);
  const conflict = options.conflict === undefined
    ? model.primaryKey.map((name) => fieldNamed(model, String(name), "upsert"))
    : fieldList(model, "conflict", options.conflict);
  const names = new Set(conflict.map(({ name }) => name));
  const keys = keysOf(model);
  if (
    !keys.some((key) =>
      key.length === names.size && key.every((f) => names.has(f))
    )
  ) {
    throw new QueryError(
      keys.length === 0
        ? `Cannot upsert ${model.name}: it has no primary or unique key`
        : `Cannot upsert ${model.name}: conflict must be a primary or unique key: ${
          keys.map((key) => `(${key.join(", ")})`).join(" or ")
        }`,
      { model: model.name, name: "conflict" },
    );
  }
  const update = options.update === undefined
    ? undefined
    : fieldList(model, "update", options.update).filter((field) =>
      !names.has(field.name)
    );
  const prefer = fieldList(model, "prefer", options.prefer ?? []);
  const unordered = prefer.find(({ type }) => type.kind === "json");
  if (unordered !== undefined) {
    throw new QueryError(
      `Cannot upsert ${model.name}: ${unordered.name} holds JSON, which has no order to prefer by`,
      { model: model.name, name: unordered.name },
    );
  }
  return executor.run({
    kind: "upsert",
    model,
    rows,
    conflict,
    update,
    prefer,
  });
}

/** A change of its own to each row, by key or by filter, in one transaction, which begins when all are read: their source may use the database. */
export async function bulkUpdate(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
): Promise<{ updated: number; missing: number }> {
  checkRows(model, rows);
  const steps = await stepsOf(model, rows);
  return await executor.transaction(async (on) => {
    const total = { updated: 0, missing: 0 };
    for (const step of steps) {
      if (Array.isArray(step)) {
        for (const [set, group] of bySet(step)) {
          const updated = await on.run({
            kind: "updateEach",
            model,
            set,
            changes: group.map(({ key, values }) => ({
              key,
              values: set.map((field) => values.get(field)),
            })),
          });
          total.updated += updated;
          total.missing += group.length - updated;
        }
      } else {
        const updated = await updateWhere(on, model, step.where, step.set);
        if (updated === 0) total.missing++;
        else total.updated += updated;
      }
    }
    return total;
  });
}

/** The same change to every row that matches. */
export function updateWhere(
  executor: Executor,
  model: AnyModel,
  where: Expr,
  set: Values,
): Promise<number> {
  if (set.size === 0) {
    throw new QueryError(`Cannot update ${model.name}: nothing is to be set`, {
      model: model.name,
    });
  }
  return executor.run({ kind: "update", model, where, set });
}

interface Change {
  readonly key: readonly unknown[];
  readonly values: Values;
}

/** Changes by key that go together, or one by filter. */
type Step = Change[] | { readonly where: Expr; readonly set: Values };

/** What is to be done, checked, in the order of the rows. */
async function stepsOf(
  model: AnyModel,
  rows: Rows<object>,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  let index = 0;
  for await (const row of rows) {
    const last = steps.at(-1);
    if (Array.isArray(row)) {
      const [filterBy, attributes] = row;
      steps.push({
        where: whereOf(model, filterBy),
        set: changes(model, attributes, index),
      });
    } else if (Array.isArray(last) && last.length < BATCH) {
      last.push(keyedChange(model, row, index));
    } else steps.push([keyedChange(model, row, index)]);
    index++;
  }
  return steps;
}

/**
 * Changes that set the same fields go together, in the order they came; a
 * change to a row that a waiting group changes too begins a new group, so that
 * the later one wins.
 */
function bySet(batch: readonly Change[]): [Field[], Change[]][] {
  const groups: { set: Field[]; changes: Change[] }[] = [];
  const lastGroup = new Map<string, number>();
  for (const change of batch) {
    const set = [...change.values.keys()];
    const key = keyText(change.key);
    const from = lastGroup.get(key) ?? -1;
    let place = groups.findIndex((group, index) =>
      index > from && group.set.length === set.length &&
      group.set.every((field, at) => field === set[at])
    );
    if (place < 0) {
      place = groups.push({ set, changes: [] }) - 1;
    }
    groups[place]?.changes.push(change);
    lastGroup.set(key, place);
  }
  return groups.map(({ set, changes }) => [set, changes]);
}

function keyedChange(model: AnyModel, row: object, index: number): Change {
  if (model.primaryKey.length === 0) {
    throw new QueryError(
      `Cannot update ${model.name} by key: it has no primary key; give [filter, attributes] pairs`,
      { model: model.name },
    );
  }
  const checked = new Map(changes(model, row, index));
  const key = model.primaryKey.map((name) => {
    const field = fieldNamed(model, String(name), "update");
    const value = checked.get(field);
    checked.delete(field);
    if (value !== undefined && value !== null) return value;
    throw new ValidationError(model.name, [{
      index,
      field: field.name,
      value: valueOf(row, field),
      reason: "is in the primary key, by which the row is found",
    }]);
  });
  if (checked.size === 0) {
    throw new ValidationError(model.name, [{
      index,
      field: model.fields.map(({ name }) => name).join(", "),
      value: row,
      reason: "gives nothing to change beside the key",
    }]);
  }
  return { key, values: checked };
}

function fieldList(model: AnyModel, name: string, given: unknown): Field[] {
  if (!Array.isArray(given)) {
    throw new QueryError(
      `Cannot upsert ${model.name}: ${name} takes a list of fields`,
      { model: model.name, name },
    );
  }
  return [...new Set(given)].map((field) =>
    fieldNamed(model, String(field), "upsert")
  );
}

function checkRows(model: AnyModel, rows: unknown): void {
  const iterable = typeof rows === "object" && rows !== null &&
    (Symbol.iterator in rows || Symbol.asyncIterator in rows);
  if (!iterable) {
    throw new QueryError(
      `Cannot write ${model.name}: rows must be an array, an iterable or an async iterable`,
      { model: model.name, name: "rows" },
    );
  }
}
