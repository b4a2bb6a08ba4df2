import type { Document } from "mongodb";
import type { Field } from "../../../model/field.ts";
import type {
  Combination,
  UpsertStatement,
} from "../../../query/statement/statement.ts";
import { onUpdateValues } from "../../../query/write/values.ts";
import { compareValues } from "../../codec/compare_values.ts";
import { refuseUnstorable } from "../../codec/refusal.ts";
import { encodeValues } from "../../codec/row_encoder.ts";
import { isSameValue } from "../../codec/same_value.ts";
import { newDocumentOf, type UpsertRow } from "./upsert_row.ts";

/** The result of all rows of a batch with one key; a class for the reason of {@link UpsertRow}. */
export class FoldedRow {
  /** The changes of the existing document; undefined if it does not change. */
  changes: Document | undefined = undefined;
  /** The changes without the values of `onUpdate`. */
  own: Document | undefined = undefined;

  /**
   * @param identity the identity of the key; undefined if the key contains null
   * @param before the existing document, if there is one
   * @param after the document after all rows
   */
  constructor(
    readonly identity: string | undefined,
    readonly before: Document | undefined,
    public after: Document,
  ) {}
}

/** Applies the rows of a batch to the existing documents in memory, one after the other. */
export function foldRows(
  statement: UpsertStatement,
  batch: readonly UpsertRow[],
  existing: ReadonlyMap<string, Document>,
): readonly FoldedRow[] {
  const changesOf = createChangesOf(statement);
  const folded: FoldedRow[] = [];
  const byIdentity = new Map<string, FoldedRow>();
  for (const row of batch) {
    const { identity } = row;
    let current = identity === undefined ? undefined : byIdentity.get(identity);
    if (current === undefined) {
      const before = identity === undefined
        ? undefined
        : existing.get(identity);
      const after = before ?? newDocumentOf(row);
      current = new FoldedRow(identity, before, after);
      folded.push(current);
      if (identity !== undefined) byIdentity.set(identity, current);
      if (before === undefined) continue;
    }
    const changes = changesOf(current.after, row);
    if (changes === undefined) continue;
    const { own, stamps } = changes;
    const { before } = current;
    const total = current.own && { ...current.own, ...own };
    // A later row can undo what earlier ones changed.
    if (before !== undefined && total !== undefined && isSame(before, total)) {
      current.after = before;
      current.changes = undefined;
      current.own = undefined;
      continue;
    }
    current.own = total ?? own;
    current.after = { ...current.after, ...own, ...stamps };
    current.changes = { ...current.changes, ...own, ...stamps };
  }
  return folded;
}

/** Whether a document has all of these values. */
function isSame(document: Document, values: Document): boolean {
  return Object.entries(values).every(([column, value]) =>
    isSameValue(document[column] ?? null, value)
  );
}

/** What a row changes in a document. */
interface Changes {
  readonly own: Document;
  /** The values of `onUpdate`. */
  readonly stamps: Document;
}

const NO_STAMPS: Document = Object.freeze({});

/** The function that returns a row's changes of a document; undefined if the document wins or nothing differs. */
function createChangesOf(
  { model, conflict, update, prefer, merge }: UpsertStatement,
): (document: Document, row: UpsertRow) => Changes | undefined {
  const rules = new Map([...merge].map(([{ column }, rule]) => [column, rule]));
  const key = new Set(conflict.map(({ column }) => column));
  const updated = new Set((update ?? model.fields).map(({ column }) => column))
    .difference(key);
  const hasStamps = model.fields.some(({ onUpdate }) => onUpdate !== undefined);
  return (document, { document: given, rank }) => {
    // The stored document is the given one.
    if (document === given) return undefined;
    if (!isPreferred(prefer, rank, document)) return undefined;
    const changes: Document = {};
    for (const column in given) {
      if (!updated.has(column)) continue;
      const rule = rules.get(column);
      if (
        rule === undefined || isStored(rule, given[column], document[column])
      ) changes[column] = given[column];
    }
    // The next row is compared with the winner.
    if (update?.length !== 0) {
      for (const column in rank) {
        if (!key.has(column)) changes[column] = rank[column];
      }
    }
    if (isSame(document, changes)) return undefined;
    if (!hasStamps) return { own: changes, stamps: NO_STAMPS };
    const ownFields = model.fields.filter(({ column }) =>
      given[column] !== undefined || rank[column] !== undefined
    );
    const stamps = onUpdateValues(model, new Set(ownFields));
    refuseUnstorable(model, stamps, 0);
    return { own: changes, stamps: encodeValues(stamps) };
  };
}

/** Whether the value of a row is stored in place of the existing one, by a rule that combines them. */
function isStored(
  rule: Combination,
  given: unknown,
  existing: unknown,
): boolean {
  if ((given ?? null) === null) return false;
  if ((existing ?? null) === null) return true;
  if (rule === "ifNull") return false;
  const order = compareValues(given, existing);
  return rule === "least" ? order < 0 : order > 0;
}

/** Whether a row wins over a document by the `prefer` fields. Null is least; on a tie the row wins. */
function isPreferred(
  prefer: readonly Field[],
  rank: Document,
  document: Document,
): boolean {
  for (const { column } of prefer) {
    const own: unknown = rank[column] ?? null;
    const other: unknown = document[column] ?? null;
    const order = own === null || other === null
      ? Number(own !== null) - Number(other !== null)
      : compareValues(own, other);
    if (order !== 0) return order > 0;
  }
  return true;
}
