import type { Handover, WriterCall } from "./handover.ts";
import type { AnyModel } from "../model/types.ts";
import type { RowList } from "../query/statement/column_rows.ts";
import { parentsFirst } from "./parents_first.ts";

/** A row, and where it comes from. */
export interface PlannedRow {
  readonly row: object;
  /** The index of the row among those of its call. */
  readonly index: number;
  /** The index of the row among those of the write. */
  readonly position: number;
}

/** Rows that one bulk write can write: calls on the same model with the same options. */
export interface PlannedWrite {
  readonly model: AnyModel;
  readonly call: WriterCall;
  /** The calls that passed the rows, in their order. */
  readonly handovers: readonly Handover[];
}

/**
 * Returns the writes of a flush: the tables of foreign keys before those that
 * refer to them, and for each table its calls in their order.
 */
export function planOf(handovers: readonly Handover[]): PlannedWrite[] {
  const byModel = Map.groupBy(handovers, ({ model }) => model);
  return parentsFirst([...byModel.keys()]).flatMap((model) =>
    joined(model, byModel.get(model) ?? [])
  );
}

/** Returns the rows of a write, in their order. */
export function rowsOf({ handovers }: PlannedWrite): RowList {
  const [first, ...others] = handovers;
  return first !== undefined && others.length === 0
    ? first.rows
    : handovers.flatMap(({ rows }) => [...rows]);
}

/** Returns the rows of a write, each with its index. */
export function plannedRows({ handovers }: PlannedWrite): PlannedRow[] {
  let position = 0;
  return handovers.flatMap(({ rows }) =>
    Array.from(rows, (row, index) => ({ row, index, position: position++ }))
  );
}

/** Joins neighbours with the same options. */
function joined(
  model: AnyModel,
  handovers: readonly Handover[],
): PlannedWrite[] {
  const writes: { call: WriterCall; text: string; handovers: Handover[] }[] =
    [];
  for (const handover of handovers) {
    if (handover.rows.length === 0) continue;
    const { call } = handover;
    const text = JSON.stringify(call);
    const last = writes.at(-1);
    if (last?.text === text) last.handovers.push(handover);
    else writes.push({ call, text, handovers: [handover] });
  }
  return writes.map(({ call, handovers }) => ({
    model,
    call,
    handovers,
  }));
}
