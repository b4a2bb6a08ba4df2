import type { Executor } from "../statement/executor.ts";
import type { Sort } from "../statement/statement.ts";
import type { CursorPosition, CursorScope } from "./cursor.ts";
import type { Read } from "./find.ts";
import { completeRows } from "./load_relations.ts";

/** The rows of a page, and the values of the order's fields in its first and its last row. */
interface Items {
  readonly items: object[];
  readonly edges: {
    readonly before: CursorPosition["row"] | undefined;
    readonly after: CursorPosition["row"] | undefined;
  };
  /** Whether more rows follow in the order of the read. */
  readonly isCut: boolean;
}

/** Reads the rows of a page. */
export async function fetchItems(
  executor: Executor,
  { statement, additions }: Read,
  { order }: CursorScope,
  perPage: number,
  isBackwards: boolean,
): Promise<Items> {
  const rows = perPage === 0 ? [] : await executor.run(statement);
  const isCut = rows.length > perPage;
  const items = isCut ? rows.slice(0, perPage) : rows;
  if (isBackwards) items.reverse();
  const positionOf = (row: object | undefined) =>
    row && Object.fromEntries(
      order.map(({ field: { name } }) => [name, Reflect.get(row, name)]),
    );
  const edges = {
    before: positionOf(items[0]),
    after: positionOf(items.at(-1)),
  };
  await completeRows(executor, items, additions);
  return { items, edges, isCut };
}

/** Returns a part of the opposite order. */
export function reversed({ field, direction, nulls }: Sort): Sort {
  return {
    field,
    direction: direction === "asc" ? "desc" : "asc",
    nulls: nulls === "first" ? "last" : "first",
  };
}
