import type { Field } from "../../model/field.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { isCharacter } from "../codec/column_type.ts";
import { itemsOf } from "../codec/kinds.ts";
import { writeArrayText } from "../codec/value_text.ts";
import { comparedPair } from "./compared_pair.ts";
import { writeComparison, writeIn, writeNotIn } from "./comparison.ts";
import { writePath } from "./json_path.ts";
import { joinedPair } from "./joined_pair.ts";
import { writeRegion } from "./sky.ts";
import { columnText, type SqlWriter, valueText } from "./sql_writer.ts";

/**
 * Writes a WHERE clause, or its rest; nothing if all rows match.
 *
 * @param before the text before the condition
 */
export function writeWhere(
  to: SqlWriter,
  where: Condition,
  before: " where " | " and " = " where ",
): void {
  if (where.kind === "all") return;
  to.outline += before;
  writeCondition(to, where);
}

/**
 * Writes a condition as SQL. The result can be unknown by SQL's three-valued
 * logic, which matches no row either; `not` treats unknown as false.
 */
function writeCondition(to: SqlWriter, condition: Condition): void {
  switch (condition.kind) {
    case "all":
      to.outline += "true";
      break;
    case "none":
      to.outline += "false";
      break;
    case "compare":
      return writeComparison(to, condition);
    case "in":
      return writeIn(to, condition.field, condition.values);
    case "null":
      to.outline += `${to.column(condition.field)} is null`;
      break;
    case "like":
      return writeLike(to, condition);
    case "path":
      return writePath(to, condition);
    case "contains":
    case "containsAny":
      to.outline += `${to.column(condition.field)} ${
        condition.kind === "contains" ? "@>" : "&&"
      } `;
      to.value(writeArrayText(itemsOf(condition.field), condition.values));
      break;
    case "related":
      return writeRelated(to, condition);
    case "sky":
      return writeRegion(to, condition);
    case "keys":
      return writeKeys(to, condition.fields, condition.keys);
    case "and":
    case "or":
      return writeTerms(to, condition.terms, ` ${condition.kind} `);
    case "not":
      return writeNot(to, condition.term);
  }
}

function writeLike(
  to: SqlWriter,
  { field, pattern, ignoresCase }: Extract<Condition, { kind: "like" }>,
): void {
  const column = to.column(field);
  const text = isCharacter(field) ? column : `cast(${column} as text)`;
  if (ignoresCase === true) {
    // The collation C knows the cases of ASCII letters only.
    to.outline += `${text} collate "C" ilike `;
  } else {
    to.collations.assertLike(field);
    to.outline += `${text} like `;
  }
  to.value(pattern);
}

function writeTerms(
  to: SqlWriter,
  terms: readonly Condition[],
  separator: string,
): void {
  to.outline += "(";
  for (const [index, term] of terms.entries()) {
    if (index > 0) to.outline += separator;
    writeCondition(to, term);
  }
  to.outline += ")";
}

function writeNot(to: SqlWriter, term: Condition): void {
  if (term.kind === "null") {
    to.outline += `${to.column(term.field)} is not null`;
  } else if (term.kind === "related") {
    // PostgreSQL plans this as an anti-join.
    to.outline += "not ";
    writeRelated(to, term);
  } else if (term.kind !== "in" || !writeNotIn(to, term.field, term.values)) {
    to.outline += "(";
    writeCondition(to, term);
    to.outline += ") is not true";
  }
}

function writeRelated(
  to: SqlWriter,
  { target, local, foreign, where }: Extract<Condition, { kind: "related" }>,
): void {
  to.outline += "exists (";
  to.subquery(target, (outer) => {
    to.outline += " where ";
    for (const [index, field] of foreign.entries()) {
      const own = local[index];
      if (own === undefined) continue;
      if (index > 0) to.outline += " and ";
      const pair = joinedPair(to, field, {
        field: own,
        text: `${outer.name}.${columnText(own)}`,
        column: outer.columns?.get(own.column),
      });
      to.outline += pair.join(" = ");
    }
    writeWhere(to, where, " and ");
  });
  to.outline += ")";
}

function writeKeys(
  to: SqlWriter,
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): void {
  const pairs = fields.map((field, index) =>
    comparedPair(to, field, to.column(field), `k${index}`)
  );
  to.outline += `(${pairs.map(([column]) => column).join(", ")}) in (select ${
    pairs.map(([, value]) => value).join(", ")
  } from `;
  writeKeyTable(to, fields, keys, "keys");
  to.outline += ")";
}

/** Writes keys as a table with the columns `k0`, `k1`, …. They are sent as one array for each field. */
export function writeKeyTable(
  to: SqlWriter,
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
  name: string,
): void {
  to.outline += "unnest(";
  for (const [index, field] of fields.entries()) {
    if (index > 0) to.outline += ", ";
    to.texts(keys.map((key) => valueText(field, key[index])));
  }
  to.outline += `) as ${name}(${
    fields.map((_, index) => `k${index}`).join(", ")
  })`;
}
