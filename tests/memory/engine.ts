// A third engine, outside src/, with arrays in memory as tables. It is an example for engine authors, and passes the contract suite.
import {
  type AnyModel,
  Connection,
  DuplicateKeyError,
  QueryError,
  SchemaError,
} from "@alerce/db-plugins";
import {
  assertFilled,
  assertNotGenerated,
  type Backend,
  type Condition,
  type DeleteStatement,
  type Engine,
  type Executor,
  type Field,
  type FindStatement,
  newRow,
  type Returned,
  runner,
  type UpdateEachStatement,
  type UpdateStatement,
} from "@alerce/db-plugins/engine";
import type { EngineUnderTest } from "@alerce/db-plugins/testing";
import { aggregated } from "./aggregate.ts";
import { operated } from "./operations.ts";
import {
  compare,
  holds,
  identityOf,
  record,
  type Row,
  sorted,
} from "./rows.ts";
import { upserted } from "./upsert.ts";

type Tables = Map<string, readonly Row[]>;

/** The engine of `ENGINE: "memory"`. */
export const memory: Engine = {
  name: "memory",
  open: (_settings, { models }) => Promise.resolve(openMemory(models)),
};

/** The engine for the contract suite. */
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
  for (const model of models) assertNotGenerated(model, "the memory engine");
  const store: { tables: Tables } = { tables: new Map() };
  return {
    ...inTurn(executor(store, false)),
    createDb({ models: requested = models }) {
      const missing = requested.filter(({ table }) => !store.tables.has(table));
      const present = [...store.tables.keys()];
      for (const { table } of missing) store.tables.set(table, []);
      return Promise.resolve({
        created: missing.map(({ table }) => table),
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

/** Returns an executor whose statements and transactions run one after the other, as on one connection. */
function inTurn(inside: Executor): Executor {
  let last: Promise<unknown> = Promise.resolve();
  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
  return {
    run: async (statement) => {
      // Reads all rows first, because their source may use the database.
      const ready = "rows" in statement
        ? { ...statement, rows: await Array.fromAsync(statement.rows) }
        : statement;
      return await enqueue(() => inside.run(ready));
    },
    stream: (statement, batchSize) => inside.stream(statement, batchSize),
    transaction: (fn) => enqueue(() => inside.transaction(fn)),
  };
}

/** @param isInside whether it is that of a transaction, which no other runs beside */
function executor(store: { tables: Tables }, isInside: boolean): Executor {
  const rowsOf = ({ table }: AnyModel): readonly Row[] => {
    const rows = store.tables.get(table);
    if (rows === undefined) throw new SchemaError(`Missing table ${table}`);
    return rows;
  };
  /** Replaces all rows of a table, or none if a key is duplicate. */
  const write = (model: AnyModel, rows: readonly Row[]): void => {
    const keys = new Map(
      uniqueKeys(model).map((key) => [key, new Set<string>()]),
    );
    for (const row of rows) {
      for (const [key, seen] of keys) {
        const identity = identityOf(row, key);
        if (identity !== undefined && seen.has(identity)) {
          throw duplicateKey(model, key);
        }
        if (identity !== undefined) seen.add(identity);
      }
    }
    store.tables.set(model.table, rows);
  };
  const matching = (statement: FindStatement): Row[] => {
    const { model, where, order, nearest, offset, limit = Infinity } =
      statement;
    return sorted(
      rowsOf(model).filter((row) => holds(where, row, rowsOf)),
      order,
      nearest,
    )
      .slice(offset, offset + limit);
  };
  /** Updates rows, and returns them. */
  const updated = (
    { model, where, set, operations }: Omit<UpdateStatement, "kind">,
  ): Row[] => {
    const news: Row[] = [];
    const after = rowsOf(model).map((row) => {
      if (!holds(where, row, rowsOf)) return row;
      const changed = {
        ...row,
        ...record(operated(model, row, set, operations)),
      };
      news.push(changed);
      return changed;
    });
    write(model, after);
    return news;
  };
  /** Updates each row by its key, and returns them. */
  const updatedEach = (
    { model, where, key: fields, set, operations, changes }: Omit<
      UpdateEachStatement,
      "kind"
    >,
  ): Row[] => {
    const rows = [...rowsOf(model)];
    const indexes = new Set<number>();
    for (const { key, values } of changes) {
      const index = rows.findIndex((row) =>
        fields.every(({ name }, at) => compare(row[name], key[at]) === 0) &&
        (where === undefined || holds(where, row, rowsOf))
      );
      if (index < 0) continue;
      indexes.add(index);
      const row = rows[index] ?? {};
      const given = set.map((field, at) => [field, values[at]] as const);
      rows[index] = {
        ...row,
        ...record(operated(model, row, given, operations)),
      };
    }
    write(model, rows);
    return [...indexes].map((index) => rows[index] ?? {});
  };
  /** Deletes rows, and returns them. */
  const deleted = (
    { model, where }: Omit<DeleteStatement, "kind">,
  ): Row[] => {
    const rows = rowsOf(model);
    const deleted = new Set(rows.filter((row) => holds(where, row, rowsOf)));
    write(model, rows.filter((row) => !deleted.has(row)));
    return [...deleted];
  };
  const run = runner({
    find: (statement) =>
      statement.lock === undefined || isInside
        ? Promise.resolve(
          matching(statement).map((row) =>
            copyOf(statement.model, row, statement.fields)
          ),
        )
        : Promise.reject(
          new QueryError(
            "Cannot lock rows outside a transaction: call findAll on tx",
            { field: "lock" },
          ),
        ),
    findEach({ model, key, keys, where, order, fields, limit }) {
      const rows = sorted(
        rowsOf(model).filter((row) => holds(where, row, rowsOf)),
        order,
      );
      return Promise.resolve(
        keys.flatMap((values) =>
          rows.filter((row) =>
            holds({ kind: "keys", fields: key, keys: [values] }, row, rowsOf)
          )
            .slice(0, limit)
            .map((row) => copyOf(model, row, fields))
        ),
      );
    },
    findNear: ({ model, position, targets, where, order, fields, limit }) =>
      Promise.resolve(
        targets.map(({ ra, dec, radius }) => {
          const cone: Condition = {
            kind: "sky",
            position,
            region: { kind: "cone", ra, dec, radius },
          };
          return matching({
            kind: "find",
            model,
            where: { kind: "and", terms: [cone, where] },
            nearest: { position, ra, dec },
            order,
            fields,
            limit,
            offset: 0,
          }).map((row) => copyOf(model, row, fields));
        }),
      ),
    count: ({ model, where, max = Infinity }) =>
      Promise.resolve(
        Math.min(
          max,
          rowsOf(model).filter((row) => holds(where, row, rowsOf)).length,
        ),
      ),
    exists: ({ model, where }) =>
      Promise.resolve(rowsOf(model).some((row) => holds(where, row, rowsOf))),
    aggregate: (statement) =>
      Promise.resolve(
        aggregated(
          statement,
          rowsOf(statement.model).filter((row) =>
            holds(statement.where, row, rowsOf)
          ),
        ),
      ),
    getOrCreate({ model, where, row }) {
      const existing = rowsOf(model).find((other) =>
        holds(where, other, rowsOf)
      );
      const created = record(row);
      if (existing === undefined) {
        assertFilled(model, row, 0, "the memory engine");
        write(model, [...rowsOf(model), created]);
      }
      return Promise.resolve({
        row: copyOf(model, existing ?? created, model.fields),
        created: existing === undefined,
      });
    },
    insertRow({ model, row }) {
      assertFilled(model, row, 0, "the memory engine");
      const created = record(row);
      write(model, [...rowsOf(model), created]);
      return Promise.resolve(copyOf(model, created, model.fields));
    },
    async insert({ model, rows, onConflict, returning }) {
      const news = await Array.fromAsync(rows);
      const all = [...rowsOf(model)];
      const seen = new Set(all.flatMap((row) => identities(model, row)));
      const inserted: Row[] = [];
      for (const [index, row] of news.entries()) {
        const values = newRow(model, row, index);
        assertFilled(model, values, index, "the memory engine");
        const created = record(values);
        const clash = uniqueKeys(model).find((key) =>
          seen.has(labelled(created, key) ?? "")
        );
        if (clash !== undefined && onConflict === "error") {
          throw duplicateKey(model, clash);
        }
        if (clash === undefined) {
          for (const identity of identities(model, created)) {
            seen.add(identity);
          }
          all.push(created);
          inserted.push(created);
        }
      }
      write(model, all);
      return {
        inserted: inserted.length,
        ignored: news.length - inserted.length,
        ...copiesOf(model, inserted, returning),
      };
    },
    async upsert({ rows, ...statement }) {
      const news = await Array.fromAsync(rows);
      const { model, returning } = statement;
      const { after, counts, written } = upserted(
        rowsOf(model),
        statement,
        news,
      );
      write(model, after);
      return { ...counts, ...copiesOf(model, written, returning) };
    },
    update: (statement) => Promise.resolve(updated(statement).length),
    updateReturning: (statement) =>
      Promise.resolve(returned(statement, updated(statement))),
    updateEach: (statement) => Promise.resolve(updatedEach(statement).length),
    updateEachReturning: (statement) =>
      Promise.resolve(
        updatedEach(statement).map((row) =>
          copyOf(statement.model, row, statement.returning)
        ),
      ),
    delete: (statement) => Promise.resolve(deleted(statement).length),
    deleteReturning: (statement) =>
      Promise.resolve(returned(statement, deleted(statement))),
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
      // A copy: calls that have not ended when it ends change nothing.
      const own = { tables: new Map(store.tables) };
      const result = await fn(inTurn(executor(own, true)));
      store.tables = new Map(own.tables);
      return result;
    },
  };
}

function returned(
  { model, returning, order }: Returned & { readonly model: AnyModel },
  rows: readonly Row[],
): object[] {
  return sorted(rows, order).map((row) => copyOf(model, row, returning));
}

/** Returns rows as an outcome has them; nothing if the statement returns no rows. */
function copiesOf(
  model: AnyModel,
  rows: readonly Row[],
  fields: readonly Field[] | undefined,
): { rows?: readonly object[] } {
  return fields === undefined
    ? {}
    : { rows: rows.map((row) => copyOf(model, row, fields)) };
}

function copyOf(model: AnyModel, row: Row, fields: readonly Field[]): object {
  const copy: object = Object.create(model.prototype);
  for (const { name } of fields) {
    Reflect.set(copy, name, structuredClone(row[name]));
  }
  return copy;
}

function uniqueKeys(model: AnyModel): readonly (readonly string[])[] {
  return [model.primaryKey.map(String), ...model.unique]
    .filter(({ length }) => length > 0);
}

function labelled(row: Row, key: readonly string[]): string | undefined {
  const identity = identityOf(row, key);
  return identity === undefined ? undefined : `${key}:${identity}`;
}

function identities(model: AnyModel, row: Row): string[] {
  return uniqueKeys(model).flatMap((key) => labelled(row, key) ?? []);
}

function duplicateKey(
  { table }: AnyModel,
  fields: readonly string[],
): DuplicateKeyError {
  return new DuplicateKeyError(
    `a row with the same ${fields.join(", ")} exists`,
    {
      table,
      fields,
      constraint: fields.join("_"),
    },
  );
}
