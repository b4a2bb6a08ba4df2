// deno-lint-ignore-file no-console
// Compares this package with its peers. Ratios above 1: this package is faster, or needs less.
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { type Program, start } from "./child.ts";
import { COLUMNS, type Data, expandedAlerts, writeDetections } from "./data.ts";
import {
  type Measured,
  measureStart,
  measureStream,
  measureWork,
  type Sides,
} from "./measure.ts";
import { mongoServer } from "./mongo.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import type { Setting } from "./peer.ts";
import {
  OURS,
  type PeerEntry,
  PEERS,
  pinnedVersions,
  pythonVersion,
} from "./peers.ts";
import { postgresServer } from "./postgres.ts";
import type { Line, NotRun, Results } from "./results.ts";
import type { Server } from "./server.ts";
import { summary } from "./tables.ts";
import { entries } from "./works.ts";

/** The committed results. */
const RESULTS = fileURLToPath(
  import.meta.resolve("./results.json"),
);

const GIGABYTE = 2 ** 30;

/** Returns the options, or prints the help; a wrong option ends the process. */
function optionsOf(args: readonly string[]): Options | undefined {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
    return undefined;
  }
  try {
    return parseOptions(args);
  } catch (error) {
    console.error(
      `${error instanceof Error ? error.message : error}\n\n${HELP}`,
    );
    Deno.exit(64);
  }
}

/** Runs the benchmark with the arguments of `deno task bench peers`. */
export async function peers(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  if (options === undefined) return;
  const { rows, streamRows, save } = options;
  const chosen = PEERS.filter(({ name }) => options.peers.includes(name));
  const [load = 0] = loadavg();
  const folder = await Deno.makeTempDir({ prefix: "dbp-peers-" });
  const report: Report = { lines: [], notRun: [], versions: {} };
  try {
    const data = await expandedAlerts(rows);
    const detections = await writeDetections(data, folder);
    for (
      const [engine, open] of [
        ["PostgreSQL", postgresServer],
        ["MongoDB", mongoServer],
      ] as const
    ) {
      const some = chosen.filter((peer) => peer.engine === engine);
      if (some.length === 0) continue;
      await benchEngine(some, () => open(data), report, {
        ...options,
        data,
        detections,
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const python = await pythonVersion();
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memory: Math.round(totalmem() / GIGABYTE),
      system: `${Deno.build.os} ${Deno.build.arch}`,
      load: Number(load.toFixed(2)),
    },
    rows,
    streamRows,
    versions: {
      Deno: Deno.version.deno,
      ...(python === undefined ? {} : { Python: python }),
      ...report.versions,
    },
    peers: await pinnedVersions(chosen),
    lines: report.lines.map((line) => ({
      ...line,
      ours: Number(line.ours.toPrecision(4)),
      theirs: Number(line.theirs.toPrecision(4)),
      ratio: Number(line.ratio.toPrecision(3)),
    })),
    notRun: report.notRun,
  };
  console.log(summary(results));
  if (save) {
    await Deno.writeTextFile(
      RESULTS,
      `${JSON.stringify(results, undefined, 2)}\n`,
    );
    console.error("Wrote results.json. Run `deno task bench-tables`.");
  }
}

interface Report {
  readonly lines: Line[];
  readonly notRun: NotRun[];
  readonly versions: Record<string, string>;
}

interface Inputs extends Options {
  readonly data: Data;
  readonly detections: string;
}

async function benchEngine(
  chosen: readonly PeerEntry[],
  open: () => Promise<Server>,
  report: Report,
  options: Inputs,
): Promise<void> {
  const ready: (readonly [PeerEntry, Sides<Program>])[] = [];
  for (const peer of chosen) {
    await attempt(peer, report, undefined, async () => {
      ready.push([peer, { ours: OURS, theirs: await peer.prepare() }]);
      return [];
    });
  }
  if (ready.length === 0) return;
  const server = await open();
  report.versions[server.engine] = server.version;
  const setting: Setting = {
    url: server.url,
    detections: options.detections,
    columns: COLUMNS,
  };
  try {
    for (const [peer, programs] of ready) {
      await benchPeer(peer, programs, server, setting, report, options);
    }
    if (!options.works.includes("stream")) return;
    await server.grow(options.streamRows);
    for (const [peer, programs] of ready) {
      await attempt(
        peer,
        report,
        "`stream`",
        () =>
          measureStream(options.streamRows, programs, setting, options.effort),
      );
    }
  } finally {
    await server.stop();
  }
}

async function benchPeer(
  peer: PeerEntry,
  programs: Sides<Program>,
  server: Server,
  setting: Setting,
  report: Report,
  { data, effort, works }: Inputs,
): Promise<void> {
  await server.restore("all");
  const [key] = data.detections;
  if (key !== undefined && works.includes("start")) {
    await attempt(
      peer,
      report,
      "start",
      async () => [await measureStart(programs, setting, key, effort)],
    );
  }
  await using ours = start(programs.ours, setting);
  await using theirs = start(programs.theirs, setting);
  for (const entry of entries(data.detections.length)) {
    if (!works.includes(entry.work)) continue;
    await attempt(
      peer,
      report,
      entry.name,
      async () => [
        await measureWork(entry, { ours, theirs }, server, effort),
      ],
    );
  }
}

/** Reports the lines of a work, or why it was not run. */
async function attempt(
  { engine, name }: PeerEntry,
  report: Report,
  work: string | undefined,
  measure: () => Promise<readonly Measured[]>,
): Promise<void> {
  try {
    for (const line of await measure()) {
      report.lines.push({ engine, peer: name, ...line });
      console.error(
        `${name}, ${line.work}: ${line.ratio.toFixed(2)} (${
          line.ours.toFixed(0)
        } and ${line.theirs.toFixed(0)} ${line.unit}, ${line.pairs} pairs)${
          line.losesDigits ? ", loses digits of 64-bit identifiers" : ""
        }`,
      );
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report.notRun.push({
      engine,
      peer: name,
      ...(work === undefined ? {} : { work }),
      reason,
    });
    console.error(`${name}, ${work ?? "all"}: not run: ${reason}`);
  }
}
