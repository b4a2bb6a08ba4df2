import { beyond, type Limits } from "../../files/read/limits.ts";
import { jsonProblem, parseExactJson } from "../../files/read/exact_json.ts";
import { positionText } from "./file_problem.ts";
import type { ReadPart, ReadRecord } from "./records.ts";

const LINE_FEED = 10;

/**
 * Parses one JSON object a line. Blank lines are skipped.
 *
 * @throws {LimitError} if a line is longer than `maxLine`
 */
export async function* jsonRecords(
  texts: AsyncIterable<string>,
  name: string,
  limits: Limits,
): AsyncGenerator<ReadPart<ReadRecord<unknown>>> {
  let [pieces, length, line]: [string[], number, number] = [[], 0, 1];
  const assertLength = (): void => {
    if (length > limits.maxLine) {
      throw beyond("maxLine", limits, positionText(name, line));
    }
  };
  for await (const text of texts) {
    const records: ReadRecord<unknown>[] = [];
    let start = 0;
    // A compressed file may have billions of blank lines.
    while (length === 0 && text.charCodeAt(start) === LINE_FEED) {
      line++;
      start++;
    }
    for (
      let end = text.indexOf("\n", start);
      end >= 0;
      end = text.indexOf("\n", start)
    ) {
      pieces.push(text.slice(start, end));
      length += end - start;
      assertLength();
      add(records, pieces.join(""), line, false);
      [pieces, length, line, start] = [[], 0, line + 1, end + 1];
    }
    pieces.push(text.slice(start));
    length += text.length - start;
    assertLength();
    if (records.length > 0) yield { records, characters: text.length };
  }
  const last: ReadRecord<unknown>[] = [];
  add(last, pieces.join(""), line, true);
  if (last.length > 0) yield { records: last, characters: length };
}

function add(
  records: ReadRecord<unknown>[],
  text: string,
  line: number,
  isCut: boolean,
): void {
  if (text.trim() === "") return;
  try {
    const content = parseExactJson(text);
    records.push({ line, content, problem: undefined, isCut });
  } catch (error) {
    const problem = jsonProblem(error);
    records.push({ line, content: text, problem, isCut });
  }
}
