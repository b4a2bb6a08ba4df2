// A third engine, outside src/: tables are arrays in memory. It is what an engine's author writes, and the contract suite runs on it.
import {
  type AnyModel,
  type Backend,
  changes,
  Connection,
  DuplicateKeyError,
  type Engine,
  type Executor,
  type Field,
  type FindStatement,
  newRow,
  runner,
  SchemaError,
  type UpsertStatement,
  ValidationError,
  type Values,
} from "@alerce/db-plugins";
import type { EngineUnderTest } from "@alerce/db-plugins/testing";
import { compare, holds, sorted } from "./memory_rows.ts";

type Row = Readonly<Record<string, unknown>>;
type Tables = Map<string, readonly Row[]>;

/** `ENGINE: "memory"`. */
export const memory: Engine = {
  name: "memory",
  open: (_settings, { models }) => Promise.resolve(openMemory(models)),
};

/** The engine under test. */
export const memoryEngine: EngineUnderTest = {
  name: "memory",
  async open(models) {
    const db = new Connection(
      (settings, options) => memory.open(settings, options),
      { models },
    );
    await db.connect({});
    return db;
  },
};

function openMemory(models: readonly AnyModel[]): Backend {
  const store: { tables: Tables } = { tables: new Map() };
  let turn: Promise<unknown> = Promise.resolve();
  /** One at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };
  const inside = executor(store);
  return {
    run: async (statement) => {
      // Rows are taken first: their source may itself use the database.
      const ready = "rows" in statement
        ? { ...statement, rows: await Array.fromAsync(statement.rows) }
        : statement;
      return await inTurn(() => inside.run(ready));
    },
    stream: (statement, batchSize) => inside.stream(statement, batchSize),
    transaction: (fn) => inTurn(() => inside.transaction(fn)),
    createDb() {
      const absent = models.filter(({ table }) => !store.tables.has(table));
      const present = [...store.tables.keys()];
      for (const { table } of absent) store.tables.set(table, []);
      return Promise.resolve({
        created: absent.map(({ table }) => table),
        present,
      });
    },
    dropDb() {
      const dropped = [...store.tables.keys()];
      store.tables.clear();
      return Promise.resolve(dropped);
    },
    close: () => Promise.resolve(),
  };
}

function executor(store: { tables: Tables }): Executor {
  const rowsOf = ({ table }: AnyModel): readonly Row[] => {
    const rows = store.tables.get(table);
    if (rows === undefined) throw new SchemaError(`There is no table ${table}`);
    return rows;
  };
  /** Replaces a table's rows, all of them or none. */
  const write = (model: AnyModel, rows: readonly Row[]): void => {
    const keys = new Map(
      uniqueKeys(model).map((key) => [key, new Set<string>()]),
    );
    for (const row of rows) {
      for (const [key, seen] of keys) {
        const identity = identityOf(row, key);
        if (identity !== undefined && seen.has(identity)) {
          throw taken(model, key);
        }
        if (identity !== undefined) seen.add(identity);
      }
    }
    store.tables.set(model.table, rows);
  };
  const found = (statement: FindStatement): Row[] => {
    const { model, where, order, offset, limit = Infinity } = statement;
    return sorted(rowsOf(model).filter((row) => holds(where, row)), order)
      .slice(offset, offset + limit);
  };
  const run = runner({
    find: (statement) =>
      Promise.resolve(
        found(statement).map((row) =>
          given(statement.model, row, statement.fields)
        ),
      ),
    count: ({ model, where, max = Infinity }) =>
      Promise.resolve(
        Math.min(max, rowsOf(model).filter((row) => holds(where, row)).length),
      ),
    exists: ({ model, where }) =>
      Promise.resolve(rowsOf(model).some((row) => holds(where, row))),
    getOrCreate({ model, where, row }) {
      const there = rowsOf(model).find((other) => holds(where, other));
      const made = record(row);
      if (there === undefined) write(model, [...rowsOf(model), made]);
      return Promise.resolve({
        row: given(model, there ?? made, model.fields),
        created: there === undefined,
      });
    },
    async insert({ model, rows, onConflict }) {
      const all = [...rowsOf(model)];
      const seen = new Set(all.flatMap((row) => identities(model, row)));
      let [index, ignored] = [0, 0];
      for await (const row of rows) {
        const made = record(newRow(model, row, index++));
        const mine = identities(model, made);
        const clash = uniqueKeys(model).find((key) =>
          seen.has(labelled(made, key) ?? "")
        );
        if (clash !== undefined && onConflict === "error") {
          throw taken(model, clash);
        }
        if (clash !== undefined) ignored++;
        else {
          for (const identity of mine) seen.add(identity);
          all.push(made);
        }
      }
      write(model, all);
      return { inserted: index - ignored, ignored };
    },
    upsert: (statement) => upsert(rowsOf(statement.model), statement, write),
    update({ model, where, set }) {
      let count = 0;
      write(
        model,
        rowsOf(model).map((row) =>
          holds(where, row) ? (count++, { ...row, ...record(set) }) : row
        ),
      );
      return Promise.resolve(count);
    },
    updateEach({ model, set, changes }) {
      const rows = [...rowsOf(model)];
      let count = 0;
      for (const { key, values } of changes) {
        const place = rows.findIndex((row) =>
          model.primaryKey.every((name, at) =>
            compare(row[String(name)], key[at]) === 0
          )
        );
        if (place < 0) continue;
        count++;
        rows[place] = {
          ...rows[place],
          ...Object.fromEntries(set.map(({ name }, at) => [name, values[at]])),
        };
      }
      write(model, rows);
      return Promise.resolve(count);
    },
    delete({ model, where }) {
      const kept = rowsOf(model).filter((row) => !holds(where, row));
      const count = rowsOf(model).length - kept.length;
      write(model, kept);
      return Promise.resolve(count);
    },
  });
  return {
    run,
    async *stream(statement, batchSize) {
      const rows = await run(statement);
      for (let at = 0; at < rows.length; at += batchSize) {
        yield rows.slice(at, at + batchSize);
      }
    },
    async transaction(fn) {
      const before = new Map(store.tables);
      try {
        return await fn(executor(store));
      } catch (error) {
        store.tables = before;
        throw error;
      }
    },
  };
}

/** Rows in turn, each as if it came alone; a batch's rows with one key count once. */
async function upsert(
  there: readonly Row[],
  { model, rows, conflict, update, prefer }: UpsertStatement,
  write: (model: AnyModel, rows: readonly Row[]) => void,
): Promise<{ inserted: number; updated: number; unchanged: number }> {
  const names = conflict.map(({ name }) => name);
  const all = new Map(there.map((row) => [identityOf(row, names), row]));
  const before = new Map(all);
  let index = 0;
  for await (const row of rows) {
    const given: Values = changes(model, row, index);
    const rank = ranked(model, row, given, prefer, index);
    const identity = identityOf(record(given), names);
    if (identity === undefined) throw keyless(model, row, conflict, index);
    const old = all.get(identity);
    if (old === undefined) all.set(identity, record(newRow(model, row, index)));
    else if (wins(rank, old, prefer)) {
      all.set(identity, changed(old, row, given, rank, names, update));
    }
    index++;
  }
  write(model, [...all.values()]);
  return outcome(before, all, index);
}

/** What a row is preferred by: what it gives, or what a new row would have. */
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
  conflict: readonly Field[],
  index: number,
): ValidationError {
  const fields = conflict.filter(({ name }) =>
    (Reflect.get(row, name) ?? null) === null
  );
  return new ValidationError(
    model.name,
    fields.map((field) => ({
      index,
      field: field.name,
      value: Reflect.get(row, field.name),
      reason: field.nullable
        ? "is in the key by which the row is found"
        : "is required",
    })),
  );
}

function changed(
  old: Row,
  row: object,
  given: Values,
  rank: Row,
  key: readonly string[],
  update: readonly Field[] | undefined,
): Row {
  const allowed = (field: Field): boolean =>
    !key.includes(field.name) &&
    (update === undefined || update.includes(field));
  const own = record(
    [...given].filter(([field]) =>
      allowed(field) && Reflect.get(row, field.name) !== undefined
    ),
  );
  if (update?.length !== 0) Object.assign(own, rank);
  const differs = Object.entries(own).some(([name, value]) =>
    compare(old[name] ?? null, value ?? null) !== 0
  );
  const stamps = record(
    [...given].filter(([field]) =>
      allowed(field) && field.onUpdate !== undefined
    ),
  );
  return differs ? { ...old, ...stamps, ...own } : old;
}

function outcome(
  before: ReadonlyMap<unknown, Row>,
  after: ReadonlyMap<unknown, Row>,
  total: number,
) {
  const inserted = [...after.keys()].filter((key) => !before.has(key)).length;
  const updated =
    [...after].filter(([key, row]) =>
      before.has(key) && before.get(key) !== row
    ).length;
  return { inserted, updated, unchanged: total - inserted - updated };
}

function wins(row: Row, old: Row, prefer: readonly Field[]): boolean {
  for (const { name } of prefer) {
    const [mine, theirs] = [row[name] ?? null, old[name] ?? null];
    const order = mine === null || theirs === null
      ? Number(mine !== null) - Number(theirs !== null)
      : compare(mine, theirs);
    if (order !== 0) return order > 0;
  }
  return true;
}

function given(model: AnyModel, row: Row, fields: readonly Field[]): object {
  const made: object = Object.create(model.prototype);
  for (const { name } of fields) {
    Reflect.set(made, name, structuredClone(row[name]));
  }
  return made;
}

function record(values: Iterable<readonly [Field, unknown]>): Row {
  return Object.fromEntries(
    [...values].map(([{ name }, value]) => [name, value]),
  );
}

function uniqueKeys(model: AnyModel): readonly (readonly string[])[] {
  return [model.primaryKey.map(String), ...model.unique];
}

function identityOf(row: Row, key: readonly string[]): string | undefined {
  const values = key.map((name) => row[name] ?? null);
  return values.includes(null) ? undefined : JSON.stringify(values.map(String));
}

function labelled(row: Row, key: readonly string[]): string | undefined {
  const identity = identityOf(row, key);
  return identity === undefined ? undefined : `${key}:${identity}`;
}

function identities(model: AnyModel, row: Row): string[] {
  return uniqueKeys(model).flatMap((key) => labelled(row, key) ?? []);
}

function taken(
  { table }: AnyModel,
  fields: readonly string[],
): DuplicateKeyError {
  return new DuplicateKeyError(`${fields.join(", ")} is taken`, {
    table,
    fields,
    constraint: fields.join("_"),
  });
}
