// deno-lint-ignore-file no-console
import process from "node:process";
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { digests } from "./digest.ts";
import type {
  Answer,
  Column,
  DetectionRow,
  Key,
  Peer,
  Request,
  Setting,
} from "./peer.ts";

const AT_ONCE = 50;

/** What a work returns: the common outcome, and the rows to compare. */
interface Result {
  readonly outcome: number;
  readonly rows?: readonly object[];
}

/** Answers requests from standard input. With the argument `first`, finds one row and ends. */
export async function serve(
  open: (url: string) => Peer | Promise<Peer>,
): Promise<void> {
  const setting: Setting = JSON.parse(Deno.env.get("PEER_SETTING") ?? "{}");
  const peer = await open(setting.url);
  const [mode, candid = "0", oid = ""] = Deno.args;
  if (mode === "first") {
    const row = await peer.findOne({ candid: BigInt(candid), oid });
    console.log(JSON.stringify({ outcome: row ? 1 : 0 }));
    Deno.exit(0);
  }
  let rows: DetectionRow[] | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request: Request = JSON.parse(line);
    // A stream is measured without the rows to write in memory.
    if (request.work !== "stream") rows ??= await readRows(setting);
    let answer: Answer;
    try {
      answer = await answered(peer, rows ?? [], setting.columns, request);
    } catch (error) {
      answer = { ms: 0, outcome: 0, error: String(error).slice(0, 2_000) };
    }
    console.log(JSON.stringify(answer));
  }
  await peer.close();
  Deno.exit(0);
}

async function answered(
  peer: Peer,
  rows: DetectionRow[],
  columns: readonly Column[],
  request: Request,
): Promise<Answer> {
  const work = works[request.work];
  const slice = rows.slice(0, request.count);
  const start = performance.now();
  const { outcome, rows: found } = await work(peer, slice, request.count);
  const ms = performance.now() - start;
  const megabytes = peakMemory();
  return {
    ms,
    outcome,
    ...(megabytes === undefined ? {} : { megabytes }),
    ...(request.digest && found !== undefined
      ? digests(flat(found), columns)
      : {}),
  };
}

const works: Readonly<
  Record<
    Request["work"],
    (
      peer: Peer,
      rows: DetectionRow[],
      count: number,
    ) => Promise<Result>
  >
> = {
  async findAll(peer) {
    const found = await peer.findAll();
    return { outcome: found.length, rows: found };
  },
  async find(peer, rows, count) {
    const pages: object[] = [];
    for (let index = 0; index < count; index++) {
      pages.push(...await peer.find(keyAt(rows, index).candid));
    }
    return { outcome: pages.length, rows: pages };
  },
  async include(peer, _rows, count) {
    const found = await peer.include(count);
    return { outcome: found.length, rows: found };
  },
  async findOne(peer, rows, count) {
    const found: object[] = [];
    for (let index = 0; index < count; index++) {
      const row = await peer.findOne(keyAt(rows, index));
      if (row) found.push(row);
    }
    return { outcome: found.length, rows: found };
  },
  async findOneAtOnce(peer, rows, count) {
    const found: object[] = [];
    let next = 0;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (next < count) {
        const row = await peer.findOne(keyAt(rows, next++));
        if (row) found.push(row);
      }
    }));
    return { outcome: found.length, rows: found };
  },
  async getOrCreate(peer, rows) {
    let created = 0;
    for (const row of rows) if (await peer.getOrCreate(row)) created++;
    return { outcome: created };
  },
  async bulkInsert(peer, rows) {
    await peer.bulkInsert(rows);
    return { outcome: rows.length };
  },
  async bulkInsertNew(peer, rows) {
    await peer.bulkInsert(rows);
    return { outcome: rows.length };
  },
  async bulkUpsert(peer, rows) {
    await peer.bulkUpsert(rows);
    return { outcome: rows.length };
  },
  async upsert(peer, rows) {
    for (const row of rows) await peer.upsert(row);
    return { outcome: rows.length };
  },
  async stream(peer) {
    let count = 0;
    for await (const _row of peer.stream()) count++;
    return { outcome: count };
  },
};

/** Returns the key of a row; the rows are shuffled. */
function keyAt(rows: DetectionRow[], index: number): Key {
  const { candid, oid } = rows[index % rows.length] as DetectionRow;
  return { candid, oid };
}

/** Returns the detections of included objects, or the rows themselves. */
function flat(rows: readonly object[]): readonly object[] {
  return rows.flatMap((row) =>
    Array.from((row as { detections?: Iterable<object> }).detections ?? [row])
  );
}

async function readRows({ detections }: Setting): Promise<DetectionRow[]> {
  const rows: DetectionRow[] = [];
  const lines = createInterface({ input: createReadStream(detections) });
  for await (const line of lines) {
    const { candid, parent_candid, ...others } = JSON.parse(line);
    rows.push({
      candid: BigInt(candid),
      ...others,
      parent_candid: parent_candid === null ? null : BigInt(parent_candid),
    });
  }
  return rows;
}

function peakMemory(): number | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
  } catch {
    return undefined;
  }
}
