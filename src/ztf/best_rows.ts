import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import { rowError } from "../writer/valid_rows.ts";

/** A map by the first field of a key, of maps by the next field, down to places in a list. */
type Places = Map<unknown, Places | number>;

/**
 * Returns for each primary key the row that `bulkUpsert` with `prefer` keeps: the
 * greatest one, and the last of equal ones. Also returns rows that cannot be
 * compared here, and rows that the model refuses.
 */
export function bestRows<M extends AnyModel>(
  model: M,
  rows: readonly InsertOf<M>[],
  prefer: readonly (keyof RowOf<M> & string)[],
): InsertOf<M>[] {
  // Few rows share an object, so that there are few maps.
  const key = model.primaryKey.toSorted((one) => one === "oid" ? -1 : 1);
  const best: InsertOf<M>[] = [];
  const places: Places = new Map();
  for (const row of rows) {
    const at = placeOf(places, key.map((name) => valueOf(row, name)), best);
    const other = best[at];
    if (other === undefined) {
      best.push(row);
      continue;
    }
    const order = compared(row, other, prefer);
    const lesser = order === undefined || order < 0 ? row : other;
    best[at] = lesser === row ? other : row;
    if (order === undefined || rowError(model, "upsert", lesser, 0)) {
      best.push(lesser);
    }
  }
  return best;
}

/** Returns the place of the row with a key; adds the end of the list if there is none. */
function placeOf(
  places: Places,
  key: readonly unknown[],
  { length }: readonly unknown[],
): number {
  let from = places;
  for (const value of key.slice(0, -1)) {
    const known = from.get(value);
    const next = known instanceof Map ? known : new Map();
    from.set(value, next);
    from = next;
  }
  const last = key.at(-1);
  const at = from.get(last);
  if (typeof at === "number") return at;
  from.set(last, length);
  return length;
}

/** Returns whether a row is greater than another one, as a number above, at, or below 0; undefined if that is for the database to say. */
function compared(
  row: object,
  other: object,
  fields: readonly string[],
): number | undefined {
  for (const name of fields) {
    const [one, two] = [valueOf(row, name), valueOf(other, name)];
    if (one === null || two === null) {
      if (one === two) continue;
      return one === null ? -1 : 1;
    }
    if (!isOrdered(one) || !isOrdered(two) || typeof one !== typeof two) {
      return undefined;
    }
    if (one !== two) return one > two ? 1 : -1;
  }
  return 0;
}

function isOrdered(value: unknown): value is boolean | number | bigint {
  return typeof value === "boolean" || typeof value === "bigint" ||
    (typeof value === "number" && !Number.isNaN(value));
}

function valueOf(row: object, name: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[name] ?? null;
}
