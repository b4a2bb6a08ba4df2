import { sql } from "../link/kysely.ts";
import { TransactionError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { Bound, columnOf, plainText, type Sql } from "../codec/sql_piece.ts";
import { OID } from "../codec/wire/types.ts";
import type { RawRow, SqlTransaction } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import type { Merge } from "./create_merge.ts";
import { send } from "./send.ts";

/** Types whose equal values have the same text, if their collation is deterministic. */
const WITH_ONE_TEXT: ReadonlySet<number> = new Set([
  ...[OID.int2, OID.int4, OID.int8, OID.text, OID.varchar, OID.uuid, OID.bool],
]);
/** The half of the key of an advisory lock that stands for the whole table. */
const WHOLE_TABLE = 0;
const LAST_KEY = 2 ** 31 - 1;
/** The number of rows whose keys are counted first. */
const SAMPLE = 1_000;

/**
 * Makes other upserts without a unique key wait until the end of the transaction
 * if they have one of these keys. It locks the values of the first field of the
 * key, in the order of the model, so that all such upserts of a table agree, also
 * with other fields. If there are more values than the server has room for locks
 * per transaction, or if the call merges further stages, whose locks could be in
 * another order, it locks the table against all such upserts.
 *
 * @param isWhole whether the call merges no other stage
 * @throws {TransactionError} if the transaction cannot see rows that others committed before it got the lock
 */
export async function lockKeys(
  tx: SqlTransaction,
  merge: Merge,
  isWhole: boolean,
): Promise<void> {
  const { table, facts, stage: { source, rows }, statement } = merge;
  const { model, conflict } = statement;
  const field = model.fields.find((field) => conflict.includes(field));
  const keys = isWhole && field !== undefined && hasOneText(field, facts)
    ? (limit: Sql = sql``) =>
      sql`(select distinct ${
        keyOf(field)
      } as key from (select * from ${source}${limit}) as rows) as keys`
    : undefined;
  const tableKey = sql`cast(cast(${
    sql.val(new Bound(plainText(table)))
  } as regclass) as oid)`;
  const lock = (name: string, key: Sql): Sql =>
    sql`${sql.raw(name)}(cast(${tableKey} as int4), ${key})`;
  if (!await hasRoom(tx, keys, rows(), model.name) || keys === undefined) {
    await send(
      tx,
      sql`select ${lock("pg_advisory_xact_lock", sql.lit(WHOLE_TABLE))}`,
    );
    return;
  }
  await send(
    tx,
    sql`select ${lock("pg_advisory_xact_lock_shared", sql.lit(WHOLE_TABLE))}`,
  );
  await send(
    tx,
    sql`select ${
      lock("pg_advisory_xact_lock", sql.raw("key"))
    } from (select key from ${keys()} order by key offset 0) as ordered`,
  );
}

/** The half of the key of an advisory lock that stands for a value. Different values may share it. */
function keyOf(field: Field): Sql {
  return sql`greatest(1, cast(hashtextextended(cast(${
    columnOf(field)
  } as text) collate "C", 0) & ${sql.lit(LAST_KEY)} as int4))`;
}

function hasOneText({ column }: Field, { columns }: TableFacts): boolean {
  const facts = columns.get(column);
  return facts !== undefined && facts.isDeterministic &&
    WITH_ONE_TEXT.has(facts.baseType);
}

/**
 * Returns whether the server has room for these locks even if each connection had
 * as many.
 *
 * @throws {TransactionError} if the transaction keeps the snapshot of its first statement
 */
async function hasRoom(
  tx: SqlTransaction,
  keys: ((limit?: Sql) => Sql) | undefined,
  rows: number,
  name: string,
): Promise<boolean> {
  const most = sql`cast(current_setting('max_locks_per_transaction') as int4)`;
  const isBelow = (keys: Sql) => sql`(select count(*) from ${keys}) < ${most}`;
  // Some of many rows often have too many keys already.
  const isEnough = keys === undefined
    ? sql`false`
    : rows > SAMPLE
    ? sql`case when ${isBelow(keys(sql` limit ${sql.lit(SAMPLE)}`))} then ${
      isBelow(keys())
    } else false end`
    : isBelow(keys());
  let answer: RawRow = [];
  await send(
    tx,
    sql`select current_setting('transaction_isolation'), ${isEnough}`,
    (row) => void (answer = row),
  );
  const [level, hasRoom] = answer;
  if (level !== "repeatable read" && level !== "serializable") {
    return hasRoom === "t";
  }
  throw new TransactionError(
    `Cannot upsert ${name}: the fields of conflict are not a unique key, and a transaction with the isolation level ${level} does not see the rows that other upserts commit after it began. Run it with read committed`,
  );
}
