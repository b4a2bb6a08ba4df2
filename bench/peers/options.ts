import { parseArgs } from "node:util";
import type { Effort } from "./measure.ts";
import { PEERS } from "./peers.ts";
import { entries } from "./works.ts";

/** The options of `deno task bench peers`. */
export interface Options {
  /** Rows of `detection`. */
  readonly rows: number;
  /** Rows of a stream: ten times the rows by default. */
  readonly streamRows: number;
  readonly effort: Effort;
  /** The names of the peers. */
  readonly peers: readonly string[];
  readonly works: readonly string[];
  /** Whether to write results.json. */
  readonly save: boolean;
}

/** The help of `deno task bench peers`. */
export const HELP: string =
  `Compare the library with other libraries, on the same rows.
Usage: deno task bench peers [OPTION...]

  --rows N           Rows of the table (default: 100000).
  --stream-rows N    Rows of a stream (default: ten times the rows).
  --pairs N          Most pairs of a work (default: 7).
  --seconds N        No pair of a work begins later (default: 15).
  --peers NAME,...   Libraries (default: all that the machine has).
  --works NAME,...   Work to compare (default: all).
  --save             Write results.json, of which \`deno task bench-tables\`
                     makes the tables of the documentation.

Libraries: ${PEERS.map(({ name }) => name).join(", ")}
Work: ${workNames(1).join(", ")}`;

/** Parses arguments; throws if a number or a name is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string", default: "100000" },
      "stream-rows": { type: "string" },
      pairs: { type: "string", default: "7" },
      seconds: { type: "string", default: "15" },
      peers: { type: "string" },
      works: { type: "string" },
      save: { type: "boolean", default: false },
    },
  });
  const rows = count("rows", values.rows);
  return {
    rows,
    streamRows: values["stream-rows"] === undefined
      ? rows * 10
      : count("stream-rows", values["stream-rows"]),
    effort: {
      pairs: count("pairs", values.pairs),
      budget: count("seconds", values.seconds) * 1000,
    },
    peers: someOf("peers", values.peers, PEERS.map(({ name }) => name)),
    works: someOf("works", values.works, workNames(rows)),
    save: values.save,
  };
}

function workNames(rows: number): readonly string[] {
  const works = entries(rows).map(({ work }) => work);
  return ["start", ...new Set(works), "stream"];
}

/** Returns the names of an option, all by default; an unknown name is an error. */
function someOf(
  option: string,
  text: string | undefined,
  names: readonly string[],
): readonly string[] {
  const requested = text?.split(",") ?? names;
  const unknown = requested.find((name) => !names.includes(name));
  if (unknown === undefined) return requested;
  throw new Error(
    `Unknown name in --${option}: ${unknown}. Use some of ${names.join(", ")}`,
  );
}

function count(option: string, text: string): number {
  const value = Number(text.replaceAll(/[,_]/g, ""));
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${option} must be a positive integer, got ${text}`);
}
