import { keysOf } from "../../model/keys.ts";
import { equalities } from "../../query/statement/condition.ts";
import { type SqlText, textOfSql } from "../codec/sql_text.ts";
import { columnCheck } from "../codec/decode.ts";
import type { Command } from "../link/link.ts";
import { shapeOf } from "./statement_outline.ts";
import { sqlOf, type TextStatement } from "./statement.ts";

/** Makes commands out of statements. Texts are kept: one statement differs from the next mostly in its values. */
export type Compiler = (statement: TextStatement) => Command;

/** How many texts are kept. */
const TEXTS = 1_000;
/** How many statements are prepared by name; each takes memory in every connection of the server. */
const NAMES = 250;

/** Characters of the longest statement that is prepared: a longer one lists terms, and is hardly ever met again. */
const LONGEST = 8_000;

interface Kept extends SqlText {
  readonly name: string | undefined;
  readonly check: Command["check"];
  readonly short: boolean;
}

/** A compiler for tables of one schema. */
export function createCompiler(schema: string | undefined): Compiler {
  const kept = new Map<string, Kept>();
  let names = 0;
  return (statement) => {
    const shape = shapeOf(statement);
    let known = kept.get(shape.key);
    if (known === undefined) {
      const made = textOfSql(sqlOf(statement, schema));
      const named = names < NAMES && statement.kind !== "updateEach" &&
        made.text.length <= LONGEST;
      known = {
        ...made,
        name: named ? `dbp_${++names}` : undefined,
        check: checkOf(statement),
        short: isShort(statement),
      };
      if (kept.size >= TEXTS) kept.clear();
      kept.set(shape.key, known);
    }
    const { text, order, name, check, short } = known;
    return {
      text,
      values: order.map((index) => shape.values[index] ?? null),
      name,
      check,
      short,
    };
  };
}

function checkOf(statement: TextStatement): Command["check"] {
  switch (statement.kind) {
    case "find":
      return columnCheck(statement.model, statement.fields);
    case "getOrCreate":
      return columnCheck(statement.model, statement.model.fields);
    default:
      return undefined;
  }
}

/** Whether a statement reads one row by a unique key. */
function isShort(statement: TextStatement): boolean {
  if (statement.kind !== "find" && statement.kind !== "exists") return false;
  const given = equalities(statement.where);
  const names = new Set([...given.keys()].map(({ name }) => name));
  return keysOf(statement.model).some((key) =>
    key.every((name) => names.has(name))
  );
}
