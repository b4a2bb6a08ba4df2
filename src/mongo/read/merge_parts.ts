import { distanceOf, type Nearest } from "../../query/statement/position.ts";
import type { FindStatement, Sort } from "../../query/statement/statement.ts";
import { rowComparator } from "../codec/compare_values.ts";
import { rowClass } from "../codec/row_decoder.ts";

type Batches = AsyncGenerator<readonly object[]>;

/**
 * Reads the rows of all parts of a condition in their common order, from the
 * offset to the limit.
 *
 * @param parts reads the rows of one part, by a statement without offset
 */
export async function* mergeParts(
  { offset, limit, ...statement }: FindStatement,
  parts: readonly ((statement: FindStatement) => Batches)[],
  batchSize: number,
): Batches {
  const { model, fields, order } = statement;
  const end = limit === undefined ? Infinity : offset + limit;
  if (end === offset) return;
  const sortFields = order.map(({ field }) => field)
    .filter(({ name }) => !fields.some((field) => field.name === name));
  const Row = rowClass(model, fields);
  const withoutSortFields = (row: object): object =>
    sortFields.length === 0
      ? row
      : new Row(...fields.map(({ name }) => Reflect.get(row, name)));
  const streams = parts.map((read) =>
    read({
      ...statement,
      fields: sortFields.length === 0 ? fields : [...fields, ...sortFields],
      offset: 0,
      limit: end === Infinity ? undefined : end,
    })
  );
  const { nearest } = statement;
  const rows = order.length === 0 && nearest === undefined
    ? concatenate(streams)
    : merge(streams, comparatorOf(nearest, order));
  let index = 0;
  let batch: object[] = [];
  for await (const row of rows) {
    if (index++ < offset) continue;
    batch.push(withoutSortFields(row));
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
    if (index === end) break;
  }
  if (batch.length > 0) yield batch;
}

function comparatorOf(
  nearest: Nearest | undefined,
  order: readonly Sort[],
): (left: object, right: object) => number {
  const compare = rowComparator(order);
  return nearest === undefined
    ? compare
    : (left, right) =>
      distanceOf(nearest, left) - distanceOf(nearest, right) ||
      compare(left, right);
}

async function* concatenate(
  streams: readonly Batches[],
): AsyncGenerator<object> {
  for (const stream of streams) {
    for await (const batch of stream) yield* batch;
  }
}

/** Merges sorted streams. */
async function* merge(
  streams: readonly Batches[],
  compare: (left: object, right: object) => number,
): AsyncGenerator<object> {
  const heads = streams.map((stream): Head => ({
    rows: concatenate([stream]),
    row: undefined,
  }));
  try {
    await Promise.all(heads.map(advance));
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
      await advance(least);
    }
  } finally {
    await Promise.all(heads.map(({ rows }) => rows.return(undefined)));
  }
}

/** A stream and its next row. */
interface Head {
  readonly rows: AsyncGenerator<object>;
  row: object | undefined;
}

async function advance(head: Head): Promise<void> {
  const { done, value } = await head.rows.next();
  head.row = done === true ? undefined : value;
}
