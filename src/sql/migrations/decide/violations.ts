import { messageOf } from "../../../base/errors/mod.ts";
import { aside, row, run } from "../../link/run.ts";
import type { Scratch } from "../compare/scratch_schema.ts";
import { withoutStatementLiterals } from "../file/without_statement_literals.ts";
import {
  type Counted,
  MOST,
  type Question,
  questionOf,
} from "./violation_question.ts";

/** How long the server may count for one rule. */
const TIMEOUT = "30s";

/**
 * Counts the existing rows that would make a file fail, for each new key,
 * check, foreign key and NOT NULL: one line for each rule that rows break. Rules
 * on columns that the same file adds are not counted.
 */
export async function violations(counted: Counted): Promise<string[]> {
  const found: string[] = [];
  for (const change of counted.changes) {
    const question = questionOf(change, counted);
    if (question === undefined) continue;
    const text = await answer(question, counted.scratch);
    if (text !== undefined) found.push(text);
  }
  return found;
}

async function answer(
  { rule, text, describe }: Question,
  { tx }: Scratch,
): Promise<string | undefined> {
  try {
    const [count = "0", example, values] = await aside(tx, async () => {
      await run(tx, `SET LOCAL statement_timeout = '${TIMEOUT}'`);
      return await row(tx, text);
    });
    return Number(count) === 0
      ? undefined
      : `Existing rows violate ${rule}: ${
        describe(
          Number(count) > MOST ? `more than ${MOST} rows` : rows(Number(count)),
          example ?? "null",
          Number(values ?? 0),
        )
      }`;
  } catch (error) {
    const reason = withoutStatementLiterals(
      messageOf(error),
      text,
    );
    return `The existing rows were not counted for ${rule}: ${reason}`;
  }
}

function rows(count: number): string {
  return count === 1 ? "1 row" : `${count} rows`;
}
