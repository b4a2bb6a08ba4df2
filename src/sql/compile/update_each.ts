import { ALL } from "../../query/statement/condition.ts";
import type { UpdateEachStatement } from "../../query/statement/statement.ts";
import { assignment } from "./assignment.ts";
import { comparedPair } from "./compared_pair.ts";
import { writeWhere } from "./condition.ts";
import { columnText, type SqlWriter } from "./sql_writer.ts";

/** Updates many rows at once: keys and values are sent as one array for each column. */
export function writeUpdateEach(
  to: SqlWriter,
  { key, where = ALL, set, operations, changes, needsAll }: UpdateEachStatement,
  table: string,
): void {
  const source = (index: number): string => `"source"."v${index}"`;
  const assignments = set.map((field, index) =>
    `${columnText(field)} = ${
      assignment(
        to,
        field,
        operations.get(field),
        source(key.length + index),
        `"target".`,
      )
    }`
  );
  if (needsAll === true) to.outline += "with updated as (";
  to.outline += `update ${table} as target set ${
    assignments.join(", ")
  } from unnest(`;
  for (const [index, field] of [...key, ...set].entries()) {
    if (index > 0) to.outline += ", ";
    to.array(
      field,
      changes.map(({ key: keys, values }) =>
        index < key.length ? keys[index] : values[index - key.length]
      ),
    );
  }
  const names = [...key, ...set].map((_, index) => `"v${index}"`);
  const matches = key.map((field, index) =>
    comparedPair(to, field, `"target".${columnText(field)}`, source(index))
      .join(" = ")
  );
  to.outline += `) as source(${names.join(", ")}) where ${
    matches.join(" and ")
  }`;
  to.named('"target"', () => writeWhere(to, where, " and "));
  if (needsAll !== true) return;
  to.outline += " returning 1) select case when count(*) = cast(";
  to.value(String(changes.length));
  // The cast fails, and its error undoes the update.
  to.outline +=
    " as bigint) then 1 else cast('only ' || count(*) || ' of the rows exist' as integer) end from updated";
}
