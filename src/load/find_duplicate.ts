import { canonical, keyText } from "../model/canonical.ts";
import { fieldsNamed } from "../model/keys.ts";
import type { AnyModel } from "../model/types.ts";
import type { FullFilter } from "../query/filter/filter.ts";
import type { WriterTarget } from "../writer/types.ts";

/** Keys that one query looks for. */
const KEYS = 500;

/**
 * Returns the index of the first row whose key an existing row or an earlier row
 * has. The database compares the keys with those of existing rows. Undefined if
 * there is none now, or the database does not answer.
 *
 * @param names the fields of the key
 */
export async function findDuplicate(
  db: WriterTarget,
  model: AnyModel,
  rows: readonly object[],
  names: readonly string[],
): Promise<number | undefined> {
  if (names.length === 0) return undefined;
  const repeated = firstRepeated(model, rows, names);
  try {
    for (let from = 0; from < rows.length; from += KEYS) {
      const found = await firstExisting(db, model, rows, names, {
        from,
        end: Math.min(from + KEYS, rows.length),
      });
      if (found !== undefined) return Math.min(found, repeated ?? Infinity);
      if (repeated !== undefined && repeated < from + KEYS) break;
    }
  } catch {
    // The error of the write is reported without the row.
  }
  return repeated;
}

function firstRepeated(
  model: AnyModel,
  rows: readonly object[],
  names: readonly string[],
): number | undefined {
  const fields = fieldsNamed(model, names);
  const seen = new Set<string>();
  const index = rows.findIndex((row) => {
    const key = keyText(
      fields.map(({ name, type }) => canonical(type, Reflect.get(row, name))),
    );
    const isRepeated = seen.has(key);
    seen.add(key);
    return isRepeated;
  });
  return index < 0 ? undefined : index;
}

/** Halves a range of rows until one is left whose key exists. */
async function firstExisting(
  db: WriterTarget,
  model: AnyModel,
  rows: readonly object[],
  names: readonly string[],
  { from, end }: { readonly from: number; readonly end: number },
): Promise<number | undefined> {
  const keys = rows.slice(from, end).map((row) =>
    Object.fromEntries(names.map((name) => [name, Reflect.get(row, name)]))
  );
  const filterBy: FullFilter<AnyModel> = { or: keys };
  if (!await db.query(model).checkExists({ filterBy })) return undefined;
  if (end - from === 1) return from;
  const middle = from + Math.ceil((end - from) / 2);
  return await firstExisting(db, model, rows, names, { from, end: middle }) ??
    await firstExisting(db, model, rows, names, { from: middle, end });
}
