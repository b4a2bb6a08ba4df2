import type { AnyModel } from "../model/types.ts";
import type { PlannedRow } from "./plan.ts";

/**
 * Returns rows so that each one follows those of the same table that it refers
 * to, and otherwise in the given order. Rows of a cycle keep their order, and so
 * do rows with the same key.
 */
export function ownParentsFirst(
  model: AnyModel,
  rows: readonly PlannedRow[],
): readonly PlannedRow[] {
  const before = rowsBefore(model, rows);
  if (before.size === 0) return rows;
  const sorted: PlannedRow[] = [];
  const met = new Set<PlannedRow>();
  for (const row of rows) {
    if (met.has(row)) continue;
    met.add(row);
    // Without recursion: a chain of parents can be as long as the rows.
    const path = [row];
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const next = before.get(last)?.find((other) => !met.has(other));
      if (next === undefined) {
        sorted.push(last);
        path.pop();
      } else {
        met.add(next);
        path.push(next);
      }
    }
  }
  return sorted;
}

/** Returns the rows that must be written before some rows: the one that a row refers to, and the previous one with the same key. */
function rowsBefore(
  { foreignKeys, table }: AnyModel,
  rows: readonly PlannedRow[],
): ReadonlyMap<PlannedRow, readonly PlannedRow[]> {
  const before = new Map<PlannedRow, PlannedRow[]>();
  for (const { fields, references } of foreignKeys) {
    if (references.table !== table) continue;
    const first = new Map<string, PlannedRow>();
    const previous = new Map<string, PlannedRow>();
    const add = (row: PlannedRow, other: PlannedRow | undefined): void => {
      if (other === undefined || other === row) return;
      const others = before.get(row);
      if (others === undefined) before.set(row, [other]);
      else others.push(other);
    };
    for (const row of rows) {
      const key = keyText(row, references.fields);
      if (key === undefined) continue;
      add(row, previous.get(key));
      previous.set(key, row);
      if (!first.has(key)) first.set(key, row);
    }
    for (const row of rows) {
      const key = keyText(row, fields);
      if (key !== undefined) add(row, first.get(key));
    }
  }
  return before;
}

/** A text of the values of some fields; undefined if one of them is missing. */
function keyText(
  { row }: PlannedRow,
  fields: readonly string[],
): string | undefined {
  const values = fields.map((name): unknown => Reflect.get(row, name) ?? null);
  return values.includes(null) ? undefined : JSON.stringify(values.map(String));
}
