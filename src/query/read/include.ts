import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { keyText } from "../../model/canonical.ts";
import { type KnownRelation, relationNamed } from "../checks/relation.ts";
import type { Condition } from "../statement/statement.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import { compileOrder } from "./order.ts";

/** A relation to load. */
export type Inclusion = KnownRelation;

/** Compiles the option `include`. */
export function compileInclude(
  model: AnyModel,
  include: unknown,
  models: Models,
): readonly Inclusion[] {
  return [...new Set(relationNames(model, include))].map((name) =>
    relationNamed(model, name, models, "include")
  );
}

/** Returns the names of `["detections"]` or `{ detections: true }`. */
function relationNames(
  model: AnyModel,
  include: unknown,
): readonly string[] {
  if (Array.isArray(include)) return include.map(String);
  if (typeof include !== "object" || include === null) {
    throw new QueryError(
      `Cannot include in ${model.name}: include must be an array of relation names, or an object like { name: true }`,
      { model: model.name, field: "include" },
    );
  }
  return Object.entries(include).map(([name, value]) => {
    if (value === true) return name;
    throw new QueryError(
      `Cannot include ${name} in ${model.name}: the only value is true; leave out the relation to skip it`,
      { model: model.name, field: name },
    );
  });
}

/** Loads each relation with one query and adds the related rows to the rows. */
export async function loadRelations(
  executor: Executor,
  rows: readonly object[],
  inclusions: readonly Inclusion[],
): Promise<void> {
  for (const inclusion of inclusions) {
    const keys = new Map<unknown, readonly unknown[]>();
    for (const row of rows) {
      const key = valuesOf(row, inclusion.local);
      if (!key.includes(null)) keys.set(keyIdentity(key), key);
    }
    const related = keys.size === 0
      ? []
      : await fetchRelated(executor, inclusion, [...keys.values()]);
    const identityOf = await identifier(executor, inclusion, () => [
      ...keys.values(),
      ...related.map((row) => valuesOf(row, inclusion.foreign)),
    ]);
    attach(rows, related, inclusion, identityOf);
  }
}

/** The function that returns a map key for one of these keys: equal for two keys exactly if the database takes them as equal. */
async function identifier(
  executor: Executor,
  { target, foreign }: Inclusion,
  keysOf: () => readonly (readonly unknown[])[],
): Promise<(key: readonly unknown[]) => unknown> {
  const identities = await executor.keyIdentities?.(target, foreign, keysOf);
  if (identities === undefined) return keyIdentity;
  const known = new Map(
    keysOf().map((key, index) => [keyIdentity(key), identities[index]]),
  );
  return (key) => known.get(keyIdentity(key));
}

function fetchRelated(
  executor: Executor,
  { relation, target, foreign }: Inclusion,
  keys: readonly (readonly unknown[])[],
): Promise<object[]> {
  const [only] = foreign;
  const where: Condition = foreign.length === 1 && only !== undefined
    ? { kind: "in", field: only, values: keys.map(([value]) => value) }
    : { kind: "keys", fields: foreign, keys };
  return executor.run({
    kind: "find",
    model: target,
    where: Object.freeze(where),
    order: compileOrder(target, relation.orderBy),
    fields: target.fields,
    limit: undefined,
    offset: 0,
  });
}

function attach(
  rows: readonly object[],
  related: readonly object[],
  { name, relation, local, foreign }: Inclusion,
  identityOf: (key: readonly unknown[]) => unknown,
): void {
  const groups = new Map<unknown, object[]>();
  for (const row of related) {
    const key = identityOf(valuesOf(row, foreign));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  for (const row of rows) {
    const group = groups.get(identityOf(valuesOf(row, local))) ?? [];
    Reflect.set(
      row,
      name,
      relation.kind === "many" ? [...group] : group[0] ?? null,
    );
  }
}

function valuesOf(row: object, fields: readonly Field[]): unknown[] {
  return fields.map((field) => Reflect.get(row, field.name));
}

/** Returns a map key that is equal for two keys if and only if the keys are equal. */
function keyIdentity(key: readonly unknown[]): unknown {
  const [only] = key;
  if (key.length === 1 && typeof only !== "object") return only;
  return keyText(key);
}
