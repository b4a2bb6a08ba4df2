import { QueryError } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { versionOf } from "../../model/version.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { assertRows } from "../checks/rows.ts";
import { neverUpdatedText } from "../checks/updatable.ts";
import { assertIdentifying } from "./identifying_fields.ts";
import { compileRules, type MergePlan } from "./merge_rules.ts";
import type { Executor } from "../statement/executor.ts";
import type {
  InsertStatement,
  Outcome,
  Rows,
  UpsertStatement,
} from "../statement/statement.ts";
import {
  type GivenKey,
  insertedKey,
  returnedKey,
  withGivenKeys,
} from "./given_order.ts";
import { returnedFields, returnedRows, withKeyFields } from "./returning.ts";

/** Unchecked options of `bulkUpsert`. */
interface RawUpsertOptions {
  readonly conflict?: unknown;
  readonly update?: unknown;
  readonly prefer?: unknown;
  readonly merge?: unknown;
  readonly returning?: unknown;
}

/** Inserts rows; ignores or rejects those with a duplicate key. */
export function bulkInsert(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
  { onConflict = "ignore", returning: requested }: {
    readonly onConflict?: unknown;
    readonly returning?: unknown;
  },
): Promise<Outcome<InsertStatement>> {
  if (onConflict !== "ignore" && onConflict !== "error") {
    throw new QueryError(
      `Cannot insert into ${model.name}: onConflict must be "ignore" or "error"`,
      {
        model: model.name,
        field: "onConflict",
        nearest: nearest(String(onConflict), ["ignore", "error"]),
      },
    );
  }
  assertRows(model, rows);
  const returning = returnedFields(model, requested);
  const statement = { kind: "insert", model, rows, onConflict } as const;
  return returning === undefined
    ? executor.run(statement)
    : runReturning(executor, statement, insertedKey(model), returning);
}

/** Runs a statement that returns rows, and returns them in the order of its own. */
async function runReturning<S extends InsertStatement | UpsertStatement>(
  executor: Executor,
  statement: S,
  key: GivenKey,
  returning: readonly Field[],
): Promise<Outcome<S>> {
  const { model } = statement;
  const given = withGivenKeys(statement.rows, key);
  const outcome = await executor.run({
    ...statement,
    rows: given.rows,
    returning: withKeyFields(returning, returnedKey(key)),
  });
  const { rows } = outcome;
  return {
    ...outcome,
    rows: await returnedRows(executor, model, returning, given, rows),
  };
}

/** Inserts rows, or updates the existing rows of their keys. */
export function bulkUpsert(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
  options: RawUpsertOptions,
): Promise<Outcome<UpsertStatement>> {
  assertRows(model, rows);
  const version = versionOf(model);
  if (version !== undefined) {
    throw new QueryError(
      `Cannot upsert ${model.name}: an upsert does not compare ${version.name}, the version of the row, and would overwrite what others changed; use insert, bulkInsert, and bulkUpdate`,
      { model: model.name, field: version.name },
    );
  }
  const conflict = options.conflict === undefined
    ? fieldsNamed(model, model.primaryKey)
    : fieldList(model, "conflict", options.conflict);
  const names = new Set(conflict.map(({ name }) => name));
  const isUnique = keysOf(model).some((key) =>
    key.length === names.size && key.every((name) => names.has(name))
  );
  if (!isUnique) assertIdentifying(model, conflict);
  const update = options.update === undefined
    ? undefined
    : fieldList(model, "update", options.update);
  const prefer = fieldList(model, "prefer", options.prefer ?? []);
  refuseFields(model, "conflict", conflict.filter(isGenerated));
  refuseFields(model, "prefer", prefer.filter(isNeverUpdated));
  refuseFields(model, "update", update?.filter(isNeverUpdated) ?? []);
  const unordered = prefer.find(({ type }) => type.kind === "json");
  if (unordered !== undefined) {
    throw new QueryError(
      `Cannot upsert ${model.name}: prefer cannot compare ${unordered.name}, because JSON has no order`,
      { model: model.name, field: unordered.name },
    );
  }
  if (options.merge !== undefined && prefer.length > 0) {
    throw new QueryError(
      `Cannot upsert ${model.name}: prefer decides between whole rows, and merge about each field; pass one of them`,
      { model: model.name, field: "prefer" },
    );
  }
  const plan: MergePlan = options.merge === undefined
    ? {
      update: (update ?? updatableFields(model))
        ?.filter(({ name }) => !names.has(name)),
      merge: NO_RULES,
    }
    : compileRules(model, names, update, options.merge);
  const returning = returnedFields(model, options.returning);
  const statement = {
    kind: "upsert",
    model,
    rows,
    conflict,
    isUnique,
    ...plan,
    prefer,
  } as const;
  return returning === undefined
    ? executor.run(statement)
    : runReturning(executor, statement, { fields: conflict }, returning);
}

const NO_RULES: MergePlan["merge"] = new Map();

/** Returns the fields that updates may write; undefined if they may write all. */
function updatableFields(model: AnyModel): readonly Field[] | undefined {
  return model.fields.some(isNeverUpdated)
    ? model.fields.filter((field) => !isNeverUpdated(field))
    : undefined;
}

function fieldList(model: AnyModel, option: string, given: unknown): Field[] {
  if (!Array.isArray(given)) {
    throw new QueryError(
      `Cannot upsert ${model.name}: ${option} must be an array of field names`,
      { model: model.name, field: option },
    );
  }
  return [...new Set(given)].map((name) =>
    fieldNamed(model, String(name), "upsert")
  );
}

/** Refuses fields of an option whose values only the server writes. */
function refuseFields(
  model: AnyModel,
  option: string,
  [field]: readonly Field[],
): void {
  if (field === undefined) return;
  throw new QueryError(
    `Cannot upsert ${model.name}: ${option} cannot name ${field.name}: it ${
      neverUpdatedText(field)
    }`,
    { model: model.name, field: option },
  );
}

function isGenerated({ filled }: Field): boolean {
  return filled === "generated";
}
