import type {
  Condition,
  CountStatement,
  ExistsStatement,
  FindStatement,
} from "../../query/statement/statement.ts";
import { rowOrder } from "../codec/value_order.ts";
import { partsOf } from "../compile/split_lists.ts";
import { rowMaker } from "../codec/decode.ts";
import type { MongoLink } from "../link/link.ts";
import * as read from "./read.ts";

/** Rows that are asked for at a time. */
const BATCH = 5_000;

/** Rows, whatever the length of the lists in the filter. */
export async function find(
  link: MongoLink,
  statement: FindStatement,
): Promise<object[]> {
  const parts = partsOf(statement.where);
  const [where = statement.where] = parts;
  if (parts.length === 1) return await read.find(link, { ...statement, where });
  const rows: object[] = [];
  for await (const batch of streamParts(link, statement, parts, BATCH)) {
    for (const row of batch) rows.push(row);
  }
  return rows;
}

/** How many there are, counted no further than asked for. */
export async function count(
  link: MongoLink,
  { model, where, max }: CountStatement,
  primary = false,
): Promise<number> {
  let found = 0;
  for (const part of partsOf(where)) {
    const rest = max === undefined ? undefined : max - found;
    found += await read.count(
      link,
      { kind: "count", model, where: part, max: rest },
      primary,
    );
    if (found === max) break;
  }
  return found;
}

/** Whether there is one. */
export async function exists(
  link: MongoLink,
  { model, where }: Pick<ExistsStatement, "model" | "where">,
): Promise<boolean> {
  for (const part of partsOf(where)) {
    if (await read.exists(link, { model, where: part })) return true;
  }
  return false;
}

/** Rows in batches. */
export function streamRows(
  link: MongoLink,
  statement: FindStatement,
  batchSize: number,
): AsyncGenerator<readonly object[]> {
  const parts = partsOf(statement.where);
  const [where = statement.where] = parts;
  return parts.length === 1
    ? read.streamRows(link, { ...statement, where }, batchSize)
    : streamParts(link, statement, parts, batchSize);
}

/** The rows of all parts in their one order, from the offset to the limit. */
async function* streamParts(
  link: MongoLink,
  { offset, limit, ...statement }: FindStatement,
  parts: readonly Condition[],
  batchSize: number,
): AsyncGenerator<readonly object[]> {
  const { model, fields, order } = statement;
  const beside = order.map(({ field }) => field)
    .filter(({ name }) => !fields.some((field) => field.name === name));
  const end = limit === undefined ? Infinity : offset + limit;
  if (end === offset) return;
  const Row = rowMaker(model, fields);
  const asAsked = (row: object): object =>
    beside.length === 0
      ? row
      : new Row(...fields.map(({ name }) => Reflect.get(row, name)));
  const streams = parts.map((where) =>
    read.streamRows(link, {
      ...statement,
      where,
      fields: beside.length === 0 ? fields : [...fields, ...beside],
      offset: 0,
      limit: end === Infinity ? undefined : end,
    }, batchSize)
  );
  const rows = order.length === 0
    ? oneByOne(streams)
    : merged(streams, rowOrder(order));
  let place = 0;
  let batch: object[] = [];
  for await (const row of rows) {
    if (place++ < offset) continue;
    batch.push(asAsked(row));
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
    if (place === end) break;
  }
  if (batch.length > 0) yield batch;
}

type Rows = AsyncGenerator<readonly object[]>;

async function* oneByOne(streams: readonly Rows[]): AsyncGenerator<object> {
  for (const stream of streams) {
    for await (const batch of stream) yield* batch;
  }
}

/** Rows of streams that are each in order, in that order. */
async function* merged(
  streams: readonly Rows[],
  compare: (left: object, right: object) => number,
): AsyncGenerator<object> {
  const heads = streams.map((stream): Head => ({
    rows: oneByOne([stream]),
    row: undefined,
  }));
  try {
    await Promise.all(heads.map(forward));
    for (;;) {
      let least: Head | undefined;
      for (const head of heads) {
        if (head.row === undefined) continue;
        if (least?.row === undefined || compare(head.row, least.row) < 0) {
          least = head;
        }
      }
      if (least?.row === undefined) return;
      yield least.row;
      await forward(least);
    }
  } finally {
    await Promise.all(heads.map(({ rows }) => rows.return(undefined)));
  }
}

/** A stream, and the row that is its next. */
interface Head {
  readonly rows: AsyncGenerator<object>;
  row: object | undefined;
}

async function forward(head: Head): Promise<void> {
  const { done, value } = await head.rows.next();
  head.row = done === true ? undefined : value;
}
