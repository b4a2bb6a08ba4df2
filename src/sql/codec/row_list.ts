import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { RowReader } from "../link/link.ts";
import { decoderOf, type ModelDecoder } from "./model_rows.ts";
import type { HeldRow } from "./row_decoder.ts";

/**
 * The number of rows of a long list. It fills V8's young generation, so that
 * rows of shorter lists may be garbage at the next collection.
 */
const LONG = 50_000;
/** The number of rows from which on a list is as long as the last one of many rows. */
const MANY = 5_000;

/** The rows of a result. */
export interface RowList {
  /** Reads the rows. */
  readonly reader: RowReader;
  /** Returns the rows, once. */
  take(): object[];
}

/** Creates a list of rows of a model, read from a result that has the columns of these fields, in this order. */
export function createRowList(
  model: AnyModel,
  fields: readonly Field[],
): RowList {
  const rows: object[] = [];
  let held: HeldRow[] = [];
  let opened: ModelDecoder | undefined;
  return {
    reader: {
      open(columns) {
        opened = decoderOf(model, fields, columns);
        const { decoder: { decode, hold }, explain, wasLong } = opened;
        const most = wasLong ? MANY : LONG;
        return (bytes, view, at) => {
          try {
            if (rows.length < most) rows.push(decode(bytes, view, at));
            else held.push(hold(bytes, view, at));
          } catch (error) {
            throw explain(error, bytes, view, at);
          }
        };
      },
    },
    take() {
      for (const { row } of held) rows.push(row);
      held = [];
      if (opened !== undefined && rows.length >= MANY) {
        opened.wasLong = rows.length >= LONG;
      }
      return rows;
    },
  };
}
