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
  const works = entries(rows).map(({ work }) => work);
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
    works: someOf("works", values.works, ["start", ...works, "stream"]),
    save: values.save,
  };
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
    `Unknown name in --${option}: ${unknown}. Use some of ${names.join(",")}`,
  );
}

function count(option: string, text: string): number {
  const value = Number(text.replaceAll(/[,_]/g, ""));
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${option} must be a positive integer, got ${text}`);
}
