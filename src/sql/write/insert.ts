import { sql } from "kysely";
import { DuplicateKeyError } from "../../base/errors/mod.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { InsertStatement } from "../../query/statement/statement.ts";
import { columnOf, columnsOf, plainText, tableOf } from "../codec/sql_piece.ts";
import { isDeadlock } from "../link/server_error.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Layer, Layering } from "./layers.ts";
import {
  createStage,
  merging,
  send,
  type Stage,
  takesBinary,
} from "./stage.ts";
import type { BulkWriter } from "./writer.ts";

/** How the rows of an insert become layers: absent fields that only the server can fill leave their column out. */
export function insertLayering({ model }: InsertStatement): Layering {
  const optional = model.fields.filter((field) =>
    field.sqlDefault !== undefined && field.default === undefined &&
    field.onUpdate === undefined
  );
  const always = model.fields.filter((field) => !optional.includes(field));
  return {
    model,
    keys: keysOf(model).map((key) => fieldsNamed(model, key)),
    required: [],
    optional,
    columns: (given) =>
      optional.length === 0 ? model.fields : [...always, ...given],
  };
}

/**
 * Writes new rows: straight into the table while nothing collides, each batch
 * behind a savepoint; from the first collision on through a temporary table,
 * merged in key order at the end.
 *
 * @param collides remembers, from one call to the next, whether rows of the
 * model have been colliding
 */
export function insertWriter(
  tx: SqlTransaction,
  { model, onConflict }: InsertStatement,
  schema: string | undefined,
  collides: {
    get(): boolean;
    set(value: boolean): void;
    /** Whether all is written again where it deadlocks, so that there is no use in waiting on. */
    readonly again: boolean;
  },
): BulkWriter<{ inserted: number; ignored: number }> {
  const table = tableOf(model, schema);
  const stages = new Map<Layer["shape"], Stage>();
  const outcome = { inserted: 0, ignored: 0 };
  let staged = onConflict === "ignore" && collides.get();
  let checked: boolean | undefined;
  let pending: Layer["shape"] | undefined;

  async function direct(layer: Layer): Promise<boolean> {
    checked ??= await takesBinary(tx, model, model.fields, schema);
    if (!checked) return false;
    const into = plainText(sql`${table} (${columnsOf(layer.shape.columns)})`);
    if (onConflict === "error") {
      outcome.inserted += await tx.copyIn(into, layer.bytes);
      return true;
    }
    await send(tx, sql`savepoint dbp_bulk`);
    try {
      outcome.inserted += await tx.copyIn(into, layer.bytes);
    } catch (error) {
      if (isDeadlock(error)) passOn(error);
      else if (!(error instanceof DuplicateKeyError)) throw error;
      await send(tx, sql`rollback to savepoint dbp_bulk`);
      return false;
    }
    await send(tx, sql`release savepoint dbp_bulk`);
    return true;
  }

  /** Where rows of earlier batches hold up others in an order that is not the key's, trying on is of no use. */
  function passOn(error: unknown): void {
    if (!collides.again || outcome.inserted === 0) return;
    collides.set(true);
    throw error;
  }

  async function stage(layer: Layer): Promise<void> {
    // Rows that write other columns wait until those before them are in.
    if (pending !== undefined && pending !== layer.shape) {
      await merge();
      await stages.get(pending)?.clear();
    }
    pending = layer.shape;
    const there = stages.get(pending) ?? await createStage(tx, pending.columns);
    stages.set(pending, there);
    await there.fill(layer);
  }

  async function merge(): Promise<void> {
    const from = pending === undefined ? undefined : stages.get(pending);
    if (from === undefined) return;
    const inKeyOrder = !await sharesKeys(tx, model, from);
    const inserted = await merging(
      tx,
      () => send(tx, mergeSql(from, inKeyOrder)),
      passOn,
    );
    outcome.inserted += inserted;
    outcome.ignored += from.rows() - inserted;
  }

  function mergeSql(
    from: Stage,
    inKeyOrder: boolean,
  ): ReturnType<typeof sql> {
    const [key = []] = inKeyOrder ? keysOf(model) : [];
    const order = [
      ...fieldsNamed(model, key).filter((field) => from.columns.includes(field))
        .map(columnOf),
      sql.ref("ctid"),
    ];
    const rule = onConflict === "ignore" ? sql`on conflict do nothing` : sql``;
    return sql`insert into ${table} (${columnsOf(from.columns)}) select ${
      columnsOf(from.columns)
    } from ${from.table} order by ${sql.join(order)} ${rule}`;
  }

  return {
    async write(layers) {
      for (const layer of layers) {
        staged ||= !(await direct(layer));
        if (staged) await stage(layer);
      }
    },
    async finish() {
      await merge();
      for (const from of stages.values()) await from.drop();
      collides.set(outcome.ignored > 0);
      return outcome;
    },
  };
}

/**
 * Whether two rows of a stage that differ in the first key share another one:
 * which of them counts is told by their own order, not by that of the key.
 */
async function sharesKeys(
  tx: SqlTransaction,
  model: AnyModel,
  { table, columns }: Stage,
): Promise<boolean> {
  const [first = [], ...others] = keysOf(model).map((key) =>
    fieldsNamed(model, key)
  );
  for (const key of others) {
    // A column that the stage lacks is the server's to fill.
    if (!key.every((field) => columns.includes(field))) continue;
    const own = first.filter((field) => columns.includes(field));
    const rows = own.length === 0
      ? sql`count(*)`
      : sql`count(distinct row(${columnsOf(own)}))`;
    const given = key.map((field) => sql`${columnOf(field)} is not null`);
    const shared = sql`select from ${table} where ${
      sql.join(given, sql` and `)
    } group by ${columnsOf(key)} having ${rows} > 1 limit 1`;
    if (await send(tx, shared) > 0) return true;
  }
  return false;
}
