import {
  type AnyModel,
  defineModel,
  type Insertable,
  type Model,
} from "@alerce/db-plugins";
import { z } from "zod";

/** A row of `item`. */
export interface ItemRow {
  id: bigint;
  /** The call that inserted the row. */
  op: string;
  /** The call that updated the row. */
  mark: string | null;
}

/** A row of `pair`. */
export interface PairRow {
  id: bigint;
  op: string;
}

/** A row of `entry`. */
export interface EntryRow {
  op: string;
  n: number;
}

/** A table with a key, whose rows are inserted, updated and deleted once each. */
export const Item: Model<
  ItemRow,
  Insertable<ItemRow>,
  "item",
  object,
  "id"
> = defineModel("item", {
  fields: z.object({
    id: z.int64(),
    op: z.string(),
    mark: z.string().nullable(),
  }),
  primaryKey: ["id"],
});

/** A second table with a key, for transactions over both. */
export const Pair: Model<PairRow, PairRow, "pair", object, "id"> = defineModel(
  "pair",
  {
    fields: z.object({ id: z.int64(), op: z.string() }),
    primaryKey: ["id"],
  },
);

/** A table without a unique key, which shows rows that are written twice. */
export const Entry: Model<EntryRow, EntryRow, "entry", object> = defineModel(
  "entry",
  {
    fields: z.object({ op: z.string(), n: z.int32() }),
  },
);

/** The models of the writers. */
export const FAULT_MODELS: readonly AnyModel[] = [Item, Pair, Entry];

/** Every row of the three tables. */
export interface Rows {
  readonly item: readonly ItemRow[];
  readonly pair: readonly PairRow[];
  readonly entry: readonly EntryRow[];
}

/** Returns the state of each row by its table and key. A row that is stored twice has another state than a row that is stored once. */
export function statesOf({ item, pair, entry }: Rows): Map<string, string> {
  const states = new Map<string, string>();
  const add = (key: string, state: string): void => {
    const stored = states.get(key);
    states.set(key, stored === undefined ? state : `${stored} and ${state}`);
  };
  for (const { id, op, mark } of item) add(itemKey(id), itemState(op, mark));
  for (const { id, op } of pair) add(pairKey(id), op);
  for (const { op, n } of entry) add(entryKey(op, n), op);
  return states;
}

/** The key of a row of `item` among the states. */
export function itemKey(id: bigint): string {
  return `item ${id}`;
}

/** The state of a row of `item`. */
export function itemState(op: string, mark: string | null): string {
  return mark === null ? op : `${op} marked by ${mark}`;
}

/** The key of a row of `pair` among the states. */
export function pairKey(id: bigint): string {
  return `pair ${id}`;
}

/** The key of a row of `entry` among the states. */
export function entryKey(op: string, n: number): string {
  return `entry ${op} ${n}`;
}
