import {
  type AnyModel,
  MultipleRowsError,
  ValidationError,
} from "@alerce/db-plugins";
import {
  assertFilled,
  changes,
  type Field,
  newRow,
  type Outcome,
  type UpsertStatement,
  type Values,
} from "@alerce/db-plugins/engine";
import { operated } from "./operations.ts";
import { compare, identityOf, record, type Row } from "./rows.ts";

type Counts = Outcome<UpsertStatement>;

/** Upserts rows one after the other; rows of a batch with the same key count once. */
export function upserted(
  existing: readonly Row[],
  { model, conflict, update, prefer, merge }: Omit<UpsertStatement, "rows">,
  rows: readonly object[],
): {
  readonly after: readonly Row[];
  readonly counts: Counts;
  readonly written: readonly Row[];
} {
  const names = conflict.map(({ name }) => name);
  const all = new Map<unknown, Row>();
  const repeated = new Set<unknown>();
  for (const row of existing) {
    const identity = identityOf(row, names);
    const isKnown = identity !== undefined && all.has(identity);
    if (isKnown) repeated.add(identity);
    // A key with null equals no other.
    all.set(identity === undefined || isKnown ? Symbol() : identity, row);
  }
  const before = new Map(all);
  const net = new Map<string, Row>();
  for (const [index, row] of rows.entries()) {
    const given: Values = changes(model, row, index);
    const rank = ranked(model, row, given, prefer, index);
    const identity = identityOf(record(given), names);
    if (identity === undefined) {
      throw keyless(model, row, given, conflict, index);
    }
    if (repeated.has(identity)) {
      throw new MultipleRowsError(
        `Cannot upsert ${model.name}: several existing rows have ${
          names.map((name) => `${name} ${Reflect.get(row, name)}`).join(", ")
        }`,
      );
    }
    const old = all.get(identity);
    if (old === undefined) {
      const values = newRow(model, row, index);
      assertFilled(model, values, index, "the memory engine");
      all.set(identity, record(values));
    } else if (wins(rank, old, prefer)) {
      const { own, stamps } = changesOf(
        row,
        merged(model, old, row, given, merge),
        rank,
        names,
        update,
      );
      if (isSame(old, own)) continue;
      all.set(identity, { ...old, ...stamps, ...own });
      const existing = before.get(identity);
      if (existing === undefined) continue;
      const total = { ...net.get(identity), ...own };
      net.set(identity, total);
      // A later row can undo what an earlier one changed.
      if (isSame(existing, total)) all.set(identity, existing);
    }
  }
  return {
    after: [...all.values()],
    ...outcome(before, all, rows.length),
  };
}

/** Returns the values of a row, combined with the existing ones by the rules. */
function merged(
  model: AnyModel,
  old: Row,
  row: object,
  given: Values,
  rules: UpsertStatement["merge"],
): Values {
  const ofGiven = [...rules].filter(([{ name }]) =>
    Reflect.get(row, name) !== undefined
  );
  return operated(model, old, given, new Map(ofGiven));
}

/** Returns the values that `prefer` compares: those of the row, or those of a new row. */
function ranked(
  model: AnyModel,
  row: object,
  given: Values,
  prefer: readonly Field[],
  index: number,
): Row {
  return Object.fromEntries(prefer.map((field) => {
    const value = given.get(field) ?? field.default?.() ?? null;
    if (value === null && !field.nullable) newRow(model, row, index);
    return [field.name, value];
  }));
}

function keyless(
  model: AnyModel,
  row: object,
  given: Values,
  conflict: readonly Field[],
  index: number,
): ValidationError {
  const fields = conflict.filter((field) =>
    (given.get(field) ?? null) === null
  );
  return new ValidationError(
    model.name,
    fields.map((field) => ({
      index,
      field: field.name,
      value: Reflect.get(row, field.name),
      reason: field.nullable
        ? "is required: it is part of the key that finds the row"
        : "is required",
    })),
  );
}

/** What a row changes in an existing one: its own values, and those of `onUpdate`. */
function changesOf(
  row: object,
  given: Values,
  rank: Row,
  key: readonly string[],
  update: readonly Field[] | undefined,
): { own: Row; stamps: Row } {
  const allowed = (field: Field): boolean =>
    !key.includes(field.name) &&
    (update === undefined || update.includes(field));
  const own = record(
    [...given].filter(([field]) =>
      allowed(field) && Reflect.get(row, field.name) !== undefined
    ),
  );
  const stamps = record(
    [...given].filter(([field]) =>
      allowed(field) && field.onUpdate !== undefined
    ),
  );
  return { own: update?.length === 0 ? own : { ...own, ...rank }, stamps };
}

function isSame(row: Row, values: Row): boolean {
  return Object.entries(values).every(([name, value]) =>
    compare(row[name] ?? null, value ?? null) === 0
  );
}

function outcome(
  before: ReadonlyMap<unknown, Row>,
  after: ReadonlyMap<unknown, Row>,
  total: number,
): { counts: Counts; written: readonly Row[] } {
  const written = [...after].filter(([key, row]) => before.get(key) !== row);
  const updated = written.filter(([key]) => before.has(key)).length;
  const inserted = written.length - updated;
  return {
    counts: { inserted, updated, unchanged: total - written.length },
    written: written.map(([, row]) => row),
  };
}

function wins(row: Row, old: Row, prefer: readonly Field[]): boolean {
  for (const { name } of prefer) {
    const [own, theirs] = [row[name] ?? null, old[name] ?? null];
    const order = own === null || theirs === null
      ? Number(own !== null) - Number(theirs !== null)
      : compare(own, theirs);
    if (order !== 0) return order > 0;
  }
  return true;
}
