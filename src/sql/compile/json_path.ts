import type { Condition, JsonPath } from "../../query/statement/condition.ts";
import { isJsonText } from "./comparable.ts";
import { SIGNS } from "./comparison_sign.ts";
import { type SqlWriter, valueText } from "./sql_writer.ts";

/**
 * Writes a comparison with the value at a path. The path is a parameter, in the
 * strict mode of `jsonpath`: a key finds nothing in an array, nor an index in an
 * object.
 */
export function writePath(
  to: SqlWriter,
  { field, path, operator, value }: Extract<Condition, { kind: "path" }>,
): void {
  const column = to.column(field);
  const placeholder = to.placeholder(pathText(path));
  const found = `jsonb_path_query_first(${
    isJsonText(field) ? `cast(${column} as jsonb)` : column
  }, cast(${placeholder} as jsonpath), '{}', true)`;
  if (value === null) {
    to.outline += `coalesce(jsonb_typeof(${found}), 'null') = 'null'`;
  } else if (operator === "eq") {
    to.outline += `${found} = cast(`;
    to.value(valueText(field, value));
    to.outline += " as jsonb)";
  } else if (typeof value === "string") {
    to.outline +=
      `(jsonb_typeof(${found}) = 'string' and (${found} #>> '{}') collate "C" ${
        SIGNS[operator]
      } `;
    to.value(value);
    to.outline += ")";
  } else {
    to.outline += `(jsonb_typeof(${found}) = 'number' and ${found} ${
      SIGNS[operator]
    } cast(`;
    to.value(valueText(field, value));
    to.outline += " as jsonb))";
  }
}

/** Returns a path in the language `jsonpath`, whose texts are written as in JSON. */
function pathText(path: JsonPath): string {
  const steps = path.map((step) =>
    typeof step === "number" ? `[${step}]` : `.${JSON.stringify(step)}`
  );
  return `strict $${steps.join("")}`;
}
