import type { Line, Results } from "./results.ts";

const ENGINES = ["PostgreSQL", "MongoDB"] as const;
const DIGITS = "†";
/** A line below this ratio counts as slower. */
const TIE = 0.95;
const SLOWER =
  "Where this package is slower than a peer or needs more, by more than 5 %";
const NOTHING_SLOWER = "No work is slower than with a peer by more than 5 %.";
/** Returns the table of ratios, and what is slower than a peer, as Markdown. */
export function ratioTable(results: Results): string {
  const items = slower(results);
  return [
    `${measured(results)} ${details(results)}${busy(results)}`,
    `The peers: ${Object.values(results.peers).join(", ")}.`,
    legend(results),
    ratios(results),
    ...notRun(results),
    items.length === 0
      ? NOTHING_SLOWER
      : `${SLOWER}:\n\n${items.map((item) => `- ${item}`).join("\n")}`,
  ].join("\n\n");
}

/** Returns the same in few lines. */
export function shortRatioTable(results: Results): string {
  return [
    `${measured(results)}${busy(results)} ${legend(results)}`,
    ratios(results),
  ].join("\n\n");
}

/** Returns the tables of rates, as Markdown. */
export function rateTables(results: Results): string {
  return ENGINES.flatMap((engine) => {
    const lines = results.lines.filter((line) => line.engine === engine);
    return lines.length === 0 ? [] : [
      table(
        engine,
        lines,
        ({ work, unit }) => `${work}, ${unit}`,
        (found) => rate(found.theirs),
        ours,
      ),
    ];
  }).join("\n\n");
}

/** Returns everything for a terminal. */
export function summary(results: Results): string {
  return `${ratioTable(results)}\n\n${rateTables(results)}`;
}

function measured({ date, machine, versions }: Results): string {
  const runtimes = Object.entries(versions).map(([name, version]) =>
    `${name} ${version}`
  );
  return `Measured on ${date} on ${machine.cores} cores (${machine.cpu}, ${machine.memory} GB of memory, ${machine.system}), with ${
    runtimes.join(", ")
  }.`;
}

function details({ machine, rows, streamRows, lines }: Results): string {
  const pairs = Math.max(...lines.map((line) => line.pairs));
  return `The table \`detection\` had ${count(rows)} rows of 30 columns, and ${
    count(streamRows)
  } rows for streams. Medians of ${
    pairs === 1 ? "one pair" : `up to ${pairs} pairs`
  }. Load average before the start: ${machine.load}.`;
}

function busy({ machine }: Results): string {
  return machine.load > machine.cores
    ? " Other programs kept the machine busy at the time, so these figures are rough."
    : "";
}

function legend({ lines }: Results): string {
  const marked = lines.some(({ losesDigits }) => losesDigits);
  return `Each number is how many times better this package is than the peer: above 1, it is faster, starts sooner, or needs less memory. Bold: it is behind, by more than 5 %.${
    marked
      ? ` ${DIGITS} The peer changed digits of 64-bit identifiers, without an error.`
      : ""
  }`;
}

/** Returns the table of all ratios. */
function ratios({ lines }: Results): string {
  return table("work", lines, ({ work }) => work, ({ ratio, losesDigits }) => {
    const text = ratio < TIE ? `**${short(ratio)}**` : short(ratio);
    return losesDigits ? `${text}${DIGITS}` : text;
  });
}

/** Returns a table with a line for each work and a column for each peer. */
function table(
  head: string,
  lines: readonly Line[],
  title: (line: Line) => string,
  cell: (line: Line) => string,
  first?: (lines: readonly Line[]) => string,
): string {
  const peers = Array.from(Map.groupBy(lines, ({ peer }) => peer).values());
  const columns = [
    head,
    ...(first === undefined ? [] : ["this package"]),
    ...peers.map(([line]) => columnOf(line)),
  ];
  const body = Array.from(Map.groupBy(lines, title), ([name, some]) => [
    name,
    ...(first === undefined ? [] : [first(some)]),
    ...peers.map(([peer]) => {
      const found = some.find((line) => line.peer === peer?.peer);
      return found === undefined ? "not run" : cell(found);
    }),
  ]);
  const rule = columns.map((_, index) => index === 0 ? "---" : "---:");
  return [columns, rule, ...body]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function columnOf(line: Line | undefined): string {
  if (line === undefined) return "";
  return line.engine === "MongoDB" ? `${line.peer}, on MongoDB` : line.peer;
}

function notRun({ notRun }: Results): string[] {
  const items = notRun.map(({ peer, work, reason }) =>
    `- ${peer}, ${work ?? "all works"}: ${reason.split("\n")[0]}`
  );
  return items.length === 0 ? [] : [`Not run:\n\n${items.join("\n")}`];
}

/** Returns each work that is slower than with some peers, with their ratios. */
function slower({ lines }: Results): string[] {
  return Array.from(Map.groupBy(lines, ({ work }) => work))
    .flatMap(([work, some]) => {
      const behind = some.filter(({ ratio }) => ratio < TIE).map((line) =>
        `${line.peer} (${short(line.ratio)})`
      );
      return behind.length === 0 ? [] : [`${work}: ${behind.join(", ")}`];
    });
}

/** Returns the median of our figures, which were measured beside each peer. */
function ours(lines: readonly Line[]): string {
  const sorted = lines.map((line) => line.ours).toSorted((a, b) => a - b);
  return rate(sorted[sorted.length >> 1] ?? NaN);
}

function short(ratio: number): string {
  return ratio >= 9.95 ? count(ratio) : ratio.toFixed(ratio < 1 ? 2 : 1);
}

function rate(value: number): string {
  return value >= 100 ? count(value) : String(value);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
