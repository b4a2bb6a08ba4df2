import { sql } from "../link/kysely.ts";
import { DuplicateKeyError } from "../../base/errors/mod.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import { writtenFields } from "../../model/server_filling.ts";
import type { Field } from "../../model/field.ts";
import type {
  InsertStatement,
  Outcome,
} from "../../query/statement/statement.ts";
import {
  columnOf,
  columnsOf,
  insertTarget,
  plainText,
  type Sql,
  tableOf,
} from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { isDeadlock } from "../link/server_error.ts";
import { checkKeysNow } from "./check_keys_now.ts";
import type { Layer } from "./layer.ts";
import { keepsOrder } from "./insert_layering.ts";
import { lockColumns } from "./lock_columns.ts";
import { retryMerge } from "./retry_merge.ts";
import { missingRows } from "./missing_rows.ts";
import { send } from "./send.ts";
import { sharesKeys } from "./shares_keys.ts";
import {
  type LayerGroup,
  layerGroups,
  layersOfShapes,
  mixedInsert,
  sharedColumns,
  takesMixedRows,
} from "./mixed_rows.ts";
import { sendWrite, sendWriteText, type WrittenRows } from "./send_write.ts";
import { isStagedAsValues } from "./create_stage.ts";
import { createTableOrder } from "./table_order.ts";
import type { Stage } from "./stage.ts";
import { acceptsEncoding } from "../codec/written_value.ts";
import { createStagedWriter } from "./staged_writer.ts";
import { createValuesStage } from "./values_stage.ts";
import {
  lostRowCondition,
  lostRowsError,
  withSequenceAdvice,
} from "./taken_numbers.ts";
import type { BulkTarget, BulkWriter } from "./writer.ts";

/** Remembers, from one call to the next, whether inserts of a model meet existing keys. */
export interface CollisionMemory {
  get(): boolean;
  set(value: boolean): void;
  /** Whether the whole insert is retried after a deadlock, so that retrying a part of it is pointless. */
  readonly isRetried: boolean;
}

/** Whether COPY can write straight into a table: not past row-level security, and not into views. */
function canCopy(written: readonly Field[], facts: TableFacts): boolean {
  const { kind, hasPolicies, rules, isLockable, columns } = facts;
  return kind === undefined ||
    ((kind === "r" || kind === "p") && !hasPolicies && !rules.insert &&
      isLockable &&
      written.every((field) =>
        acceptsEncoding(field, columns.get(field.column))
      ));
}

/**
 * Inserts rows: straight into the table until a key collides, each batch in a
 * savepoint; after that through stages, merged in key order.
 */
export function insertWriter(
  tx: SqlTransaction,
  statement: InsertStatement,
  target: BulkTarget,
  collisions: CollisionMemory,
): BulkWriter<Outcome<InsertStatement>> {
  const { model, onConflict, returning } = statement;
  const { facts, schema, isInside } = target;
  const table = tableOf(model, schema);
  const outcome = { inserted: 0, ignored: 0 };
  const written: object[] = [];
  const isApart = onConflict === "ignore" && !facts.takesOnConflict &&
    facts.kind !== undefined;
  let isStaged = returning !== undefined ||
    !canCopy(writtenFields(model), facts) ||
    (onConflict === "ignore" &&
      (isApart || isStagedAsValues(writtenFields(model), facts) ||
        collisions.get()));
  const isMixable = !isApart && takesMixedRows(facts);
  let isLocked: boolean | undefined;
  let hasCollided = false;
  const order = createTableOrder(model, facts);

  async function copyToTable(layer: Layer): Promise<boolean> {
    isLocked ??= await lockColumns(tx, model, facts, schema);
    // COPY cannot leave out all columns.
    if (!isLocked || layer.shape.columns.length === 0) return false;
    const into = plainText(sql`${table} (${columnsOf(layer.shape.columns)})`);
    const copy = async (): Promise<void> => {
      count(layer.rows, await tx.copyIn(into, [order.bytesOf(layer)]));
      order.end(layer);
    };
    if (onConflict === "error") {
      try {
        await copy();
      } catch (error) {
        throw withSequenceAdvice(error, model, layer.shape.columns);
      }
      return true;
    }
    await send(tx, sql`savepoint dbp_bulk`);
    try {
      await copy();
    } catch (error) {
      if (isDeadlock(error)) retryWholeInsert(error);
      else if (!(error instanceof DuplicateKeyError)) throw error;
      await send(tx, sql`rollback to savepoint dbp_bulk`);
      return false;
    }
    await send(tx, sql`release savepoint dbp_bulk`);
    return true;
  }

  /** A trigger may discard rows, which are ignored too. */
  function count(rows: number, inserted: number): void {
    outcome.inserted += inserted;
    outcome.ignored += rows - inserted;
  }

  /** Earlier batches, which are not in key order, may hold the locks of the deadlock: then only a retry of the whole insert helps. */
  function retryWholeInsert(error: unknown): void {
    if (
      !collisions.isRetried || outcome.inserted === 0 || !isDeadlock(error)
    ) return;
    collisions.set(true);
    throw error;
  }

  // Rows that keep their order can make many layers of few rows.
  const isSmall = target.isSmall || keepsOrder(statement);
  const stages = { facts, isSmall };
  const staged = createStagedWriter(tx, stages, async (_shape, stage) => {
    const isInKeyOrder = !keepsOrder(statement) &&
      !await sharesKeys(tx, model, stage);
    if (isApart && !isInside) await checkKeysNow(tx);
    const inserted = await insertRows(
      stage.rows(),
      stage.columns,
      () => sendWrite(tx, statement, mergeSql(stage, isInKeyOrder)),
    );
    if (inserted < stage.rows()) await refuseLostRows(stage);
  });

  /**
   * Inserts rows, and counts them.
   *
   * @param columns the columns that all rows have
   */
  async function insertRows(
    rows: number,
    columns: readonly Field[],
    insert: () => Promise<WrittenRows>,
  ): Promise<number> {
    const { count: inserted, rows: returned } = await retryMerge(tx, insert, {
      onRetry: retryWholeInsert,
      isRetryable: (error) => isApart && error instanceof DuplicateKeyError,
    }).catch((error) => {
      throw withSequenceAdvice(error, model, columns);
    });
    count(rows, inserted);
    for (const row of returned) written.push(row);
    hasCollided ||= inserted < rows;
    return inserted;
  }

  async function insertMixed(group: LayerGroup): Promise<void> {
    await staged.flush();
    const { text, values } = mixedInsert(table, group, facts);
    const rule = onConflict === "ignore" ? " on conflict do nothing" : "";
    const rows = group.reduce((sum, { rows }) => sum + rows, 0);
    const inserted = await insertRows(
      rows,
      sharedColumns(group),
      () => sendWriteText(tx, statement, { text: `${text}${rule}`, values }),
    );
    if (inserted === rows) return;
    for (const layer of layersOfShapes(group)) {
      const stage = createValuesStage(tx, layer.shape.columns, facts);
      await stage.fill(layer);
      await refuseLostRows(stage);
    }
  }

  /** Refuses to ignore a row only because the server gave it a number that another row has. */
  async function refuseLostRows({ source, columns }: Stage) {
    const condition = lostRowCondition(model, table, columns);
    if (condition === undefined) return;
    const lost = await send(
      tx,
      sql`select from (select * from ${source}) as staged where ${condition}`,
    );
    if (lost > 0) throw lostRowsError(model, columns, lost);
  }

  function mergeSql(stage: Stage, isInKeyOrder: boolean): Sql {
    const [key = []] = isInKeyOrder ? keysOf(model) : [];
    const order = isInKeyOrder && stage.isAscending()
      ? sql``
      : sql`order by ${
        sql.join([
          ...fieldsNamed(model, key)
            .filter((field) => stage.columns.includes(field)).map(columnOf),
          stage.position,
        ])
      }`;
    const rule = onConflict === "ignore" && !isApart
      ? sql`on conflict do nothing`
      : sql``;
    const source = isApart ? missingRows(model, table, stage) : stage.source;
    return sql`insert into ${table} ${insertTarget(stage.columns)} select ${
      columnsOf(stage.columns)
    } from ${source} ${order} ${rule}`;
  }

  return {
    prepare(layers) {
      if (!isStaged) { for (const layer of layers) order.bytesOf(layer); }
    },
    async write(layers) {
      for (const group of layerGroups(layers, () => isMixable)) {
        const [layer, ...others] = group;
        if (others.length > 0) {
          await insertMixed(group);
          continue;
        }
        isStaged ||= !(await copyToTable(layer));
        if (isStaged) await staged.add(layer);
      }
    },
    async finish() {
      await staged.finish();
      collisions.set(hasCollided);
      return returning === undefined ? outcome : { ...outcome, rows: written };
    },
  };
}
