import { isIndexed } from "../../model/keys.ts";
import type { FindEachStatement } from "../../query/statement/statement.ts";
import { comparedPair } from "./compared_pair.ts";
import { writeKeyTable, writeWhere } from "./condition.ts";
import { orderText } from "./order.ts";
import { columnListText, columnText, type SqlWriter } from "./sql_writer.ts";

/**
 * Writes a read of the first rows of each key. With an index on the key, it
 * reads the rows of one key after the other (LATERAL), and stops at the limit.
 * Without one, it numbers the rows of all keys in one scan.
 */
export function writeFindEach(
  to: SqlWriter,
  statement: FindEachStatement,
  table: string,
): void {
  if (isIndexed(statement.model, statement.key)) {
    writeLateral(to, statement, table);
  } else writeNumbered(to, statement, table);
}

function writeLateral(
  to: SqlWriter,
  { model, key, keys, where, order, fields, limit }: FindEachStatement,
  table: string,
): void {
  to.outline += "select dbp_rows.* from ";
  writeKeyTable(to, key, keys, "dbp_keys");
  to.outline += ` cross join lateral (select ${
    columnListText(model, fields)
  } from ${table} where ${
    pairsOf(to, key).map((pair) => pair.join(" = ")).join(" and ")
  }`;
  writeWhere(to, where, " and ");
  to.outline += `${orderText(to, order)} limit `;
  to.value(String(limit));
  to.outline += ") as dbp_rows";
}

function writeNumbered(
  to: SqlWriter,
  { model, key, keys, where, order, fields, limit }: FindEachStatement,
  table: string,
): void {
  const pairs = pairsOf(to, key);
  const columns = pairs.map(([column]) => column).join(", ");
  const list = columnListText(model, fields);
  to.outline +=
    `select ${list} from (select ${list}, row_number() over (partition by ${columns}${
      orderText(to, order)
    }) as dbp_number from ${table} where (${columns}) in (select ${
      pairs.map(([, value]) => value).join(", ")
    } from `;
  writeKeyTable(to, key, keys, "dbp_keys");
  to.outline += ")";
  writeWhere(to, where, " and ");
  to.outline += ") as dbp_rows where dbp_number <= cast(";
  to.value(String(limit));
  to.outline += " as bigint) order by dbp_number";
}

function pairsOf(
  to: SqlWriter,
  key: FindEachStatement["key"],
): (readonly [column: string, value: string])[] {
  return key.map((field, index) =>
    comparedPair(to, field, columnText(field), `dbp_keys.k${index}`)
  );
}
