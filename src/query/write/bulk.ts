import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed, keyListText, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";
import type { Outcome, Rows, UpsertStatement } from "../statement/statement.ts";
import type { Executor } from "../statement/executor.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { assertRows } from "../checks/rows.ts";

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
        field: "onConflict",
        nearest: nearest(String(onConflict), ["ignore", "error"]),
      },
    );
  }
  assertRows(model, rows);
  return executor.run({ kind: "insert", model, rows, onConflict });
}

/** New rows, and changes to those whose key is there. */
export function bulkUpsert(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
  options: RawUpsertOptions,
): Promise<Outcome<UpsertStatement>> {
  assertRows(model, rows);
  const conflict = options.conflict === undefined
    ? fieldsNamed(model, model.primaryKey)
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
          keyListText(keys)
        }`,
      { model: model.name, field: "conflict" },
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
      { model: model.name, field: unordered.name },
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

function fieldList(model: AnyModel, name: string, given: unknown): Field[] {
  if (!Array.isArray(given)) {
    throw new QueryError(
      `Cannot upsert ${model.name}: ${name} takes a list of fields`,
      { model: model.name, field: name },
    );
  }
  return [...new Set(given)].map((field) =>
    fieldNamed(model, String(field), "upsert")
  );
}
