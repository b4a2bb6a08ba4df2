import type { Field } from "../../model/field.ts";
import type {
  ColumnRows,
  ColumnValues,
} from "../../query/statement/column_rows.ts";
import { COPY_HEADER, COPY_TRAILER } from "../codec/copy_format.ts";
import { extended, type Range } from "./ascending.ts";
import { giveBackEncoders, takeEncoder } from "./layer_encoder.ts";
import type { Shape } from "./layer.ts";
import { type Batch, type Layering, shapeOfFields } from "./layers.ts";

/** The size of a batch of encoded rows, in bytes: they take little time to encode, and each batch some round trips. */
const BATCH_BYTES = 8 << 20;
/** The number of rows that are encoded before the size is looked at. */
const STEP = 500;

/**
 * Encodes rows that are stored by column, in batches of one layer. Returns
 * undefined if they write different columns, because some leave a field to the
 * server.
 */
export function encodeColumns(
  rows: ColumnRows,
  layering: Layering,
): Iterable<Batch> | undefined {
  const shape = commonShape(rows, layering);
  return shape === undefined ? undefined : batches(rows, layering, shape);
}

function commonShape(
  { columns, apart }: ColumnRows,
  layering: Layering,
): Shape | undefined {
  const { optional } = layering;
  if (optional.length > 0 && apart.size > 0) return undefined;
  const byField = new Map(columns.map((column) => [column.field, column]));
  const given: Field[] = [];
  for (const field of optional) {
    const column = byField.get(field);
    if (column === undefined) continue;
    if (leavesSome(column)) return undefined;
    given.push(field);
  }
  return shapeOfFields(layering, given);
}

/** Whether some rows leave the field to its default. */
function leavesSome({ empty, isEmpty }: ColumnValues): boolean {
  return empty === undefined && isEmpty?.includes(1) === true;
}

function* batches(
  rows: ColumnRows,
  { model, required, texts, ascending }: Layering,
  shape: Shape,
): Generator<Batch> {
  const encoder = takeEncoder(model, shape, required, texts);
  const { writer, encodeColumns } = encoder;
  const column = rows.columns.find(({ field }) => field === ascending);
  try {
    for (let from = 0; from < rows.length;) {
      let end = from;
      writer.raw(COPY_HEADER);
      while (end < rows.length && writer.length < BATCH_BYTES) {
        const next = Math.min(end + STEP, rows.length);
        encodeColumns(rows, end, next);
        if (end === from) {
          writer.reserve((rows.length - next) * writer.length / (next - end));
        }
        end = next;
      }
      writer.raw(COPY_TRAILER);
      const layer = {
        shape,
        rows: end - from,
        bytes: writer.takeAll(),
        range: rows.apart.size > 0 ? undefined : rangeOf(column, from, end),
      };
      yield { layers: [layer], isLast: end === rows.length };
      from = end;
    }
  } finally {
    giveBackEncoders(model, [encoder]);
  }
}

/** Returns the first and the last value of a column, if its values ascend. */
function rangeOf(
  column: ColumnValues | undefined,
  from: number,
  end: number,
): Range | undefined {
  if (column === undefined || column.isEmpty !== undefined) return undefined;
  let range: Range | undefined;
  for (let at = from; at < end; at++) {
    range = extended(range, at === from, column.values[at]);
    if (range === undefined) return undefined;
  }
  return range;
}
