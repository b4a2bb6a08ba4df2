import { sql } from "kysely";
import { DuplicateKeyError } from "../../base/errors/mod.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import { isLeftToServer, writtenFields } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import type { InsertStatement } from "../../query/statement/statement.ts";
import {
  columnOf,
  columnsOf,
  insertTarget,
  plainText,
  type Sql,
  tableOf,
} from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import { isDeadlock } from "../link/server_error.ts";
import type { Layer, Layering } from "./layers.ts";
import { retryMerge } from "./retry_merge.ts";
import { acceptsBinary, send, type Stage } from "./stage.ts";
import { createStagedWriter } from "./staged_writer.ts";
import {
  lostRowCondition,
  lostRowsError,
  withSequenceAdvice,
} from "./taken_numbers.ts";
import type { BulkWriter } from "./writer.ts";

/** Remembers, from one call to the next, whether inserts of a model meet existing keys. */
export interface CollisionMemory {
  get(): boolean;
  set(value: boolean): void;
  /** Whether the whole insert is retried after a deadlock, so that retrying a part of it is pointless. */
  readonly isRetried: boolean;
}

/** Returns the layering of an insert: rows leave out the columns that they leave to the server, and all rows leave out generated columns. */
export function insertLayering({ model }: InsertStatement): Layering {
  const written = writtenFields(model);
  const optional = written.filter(isLeftToServer);
  const always = written.filter((field) => !optional.includes(field));
  return {
    model,
    keys: keysOf(model).map((key) => fieldsNamed(model, key)),
    required: [],
    optional,
    columns: (given) => optional.length === 0 ? written : [...always, ...given],
  };
}

/**
 * Inserts rows: straight into the table until a key collides, each batch in a
 * savepoint; after that through stages, merged in key order.
 */
export function insertWriter(
  tx: SqlTransaction,
  { model, onConflict }: InsertStatement,
  schema: string | undefined,
  collisions: CollisionMemory,
): BulkWriter<{ inserted: number; ignored: number }> {
  const table = tableOf(model, schema);
  const outcome = { inserted: 0, ignored: 0 };
  let isStaged = onConflict === "ignore" && collisions.get();
  let isBinary: boolean | undefined;

  async function copyToTable(layer: Layer): Promise<boolean> {
    isBinary ??= await acceptsBinary(tx, model, writtenFields(model), schema);
    // COPY cannot leave out all columns.
    if (!isBinary || layer.shape.columns.length === 0) return false;
    const target = plainText(sql`${table} (${columnsOf(layer.shape.columns)})`);
    if (onConflict === "error") {
      try {
        outcome.inserted += await tx.copyIn(target, layer.bytes);
      } catch (error) {
        throw withSequenceAdvice(error, model, layer.shape.columns);
      }
      return true;
    }
    await send(tx, sql`savepoint dbp_bulk`);
    try {
      outcome.inserted += await tx.copyIn(target, layer.bytes);
    } catch (error) {
      if (isDeadlock(error)) retryWholeInsert(error);
      else if (!(error instanceof DuplicateKeyError)) throw error;
      await send(tx, sql`rollback to savepoint dbp_bulk`);
      return false;
    }
    await send(tx, sql`release savepoint dbp_bulk`);
    return true;
  }

  /** Earlier batches, which are not in key order, may hold the locks of the deadlock: then only a retry of the whole insert helps. */
  function retryWholeInsert(error: unknown): void {
    if (!collisions.isRetried || outcome.inserted === 0) return;
    collisions.set(true);
    throw error;
  }

  const staged = createStagedWriter(tx, async (_shape, stage) => {
    const isInKeyOrder = !await sharesKeys(tx, model, stage);
    const inserted = await retryMerge(
      tx,
      () => send(tx, mergeSql(stage, isInKeyOrder)),
      retryWholeInsert,
    ).catch((error) => {
      throw withSequenceAdvice(error, model, stage.columns);
    });
    if (inserted < stage.rows()) await refuseLostRows(stage);
    outcome.inserted += inserted;
    outcome.ignored += stage.rows() - inserted;
  });

  /** Refuses to ignore a row only because the server gave it a number that another row has. */
  async function refuseLostRows({ table: stage, columns }: Stage) {
    const condition = lostRowCondition(model, table, columns);
    if (condition === undefined) return;
    const lost = await send(
      tx,
      sql`select from ${stage} as staged where ${condition}`,
    );
    if (lost > 0) throw lostRowsError(model, columns, lost);
  }

  function mergeSql(stage: Stage, isInKeyOrder: boolean): Sql {
    const [key = []] = isInKeyOrder ? keysOf(model) : [];
    const order = [
      ...fieldsNamed(model, key)
        .filter((field) => stage.columns.includes(field)).map(columnOf),
      sql.ref("ctid"),
    ];
    const rule = onConflict === "ignore" ? sql`on conflict do nothing` : sql``;
    return sql`insert into ${table} ${insertTarget(stage.columns)} select ${
      columnsOf(stage.columns)
    } from ${stage.table} order by ${sql.join(order)} ${rule}`;
  }

  return {
    async write(layers) {
      for (const layer of layers) {
        isStaged ||= !(await copyToTable(layer));
        if (isStaged) await staged.add(layer);
      }
    },
    async finish() {
      await staged.finish();
      collisions.set(outcome.ignored > 0);
      return outcome;
    },
  };
}

/**
 * Returns whether two rows of a stage with different first keys share another
 * key. Then the order of the rows decides which one is inserted, so they cannot
 * be sorted by the first key.
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
    // Rows may share a key that the server computes.
    if (key.some(({ filled }) => filled === "generated")) return true;
    // The server gives each row another value for the missing columns.
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
