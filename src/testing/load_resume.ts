import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryError, ValidationError } from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import { load } from "../load/load.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Stamp, Star } from "./models.ts";

/** Rows of two batches and a part of a third one. */
const ROWS = 41_000;

/** Runs work with a file, which it can write again. */
async function withFile(
  work: (
    path: string,
    write: (content: string) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "dbp-load-"));
  const path = join(folder, "rows.csv");
  try {
    await work(path, (content) => writeFile(path, content));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function stamps(change: (row: string, at: number) => string): string {
  const rows = Array.from(
    { length: ROWS },
    (_, at) => change(`${at},${at % 7}`, at),
  );
  return ["id,touched", ...rows, ""].join("\n");
}

async function ids(db: Connection): Promise<number> {
  return await db.query(Stamp).count();
}

/** `load` with `resume` and `again`. */
export const loadResuming: readonly Behaviour[] = [
  behaviour(
    "load continues a file after its last batch, and skips a file that is loaded",
    (db) =>
      withFile(async (path, write) => {
        await write(stamps((row) => row));
        const ended = new AbortController();
        await assert.rejects(
          load(db, Stamp, path, {
            resume: true,
            signal: ended.signal,
            onProgress: () => ended.abort(),
          }),
        );
        const before = await ids(db);
        assert.ok(before === 20_000 || before === 40_000, `${before} rows`);
        const rest = await load(db, Stamp, path, {
          resume: true,
          onConflict: "error",
        });
        assert.deepEqual(
          [rest.skipped, rest.rows, rest.inserted],
          [before, ROWS - before, ROWS - before],
        );
        assert.equal(await ids(db), ROWS);
        assert.deepEqual(await load(db, Stamp, path, { resume: true }), {
          ...{ rows: 0, inserted: 0, updated: 0, ignored: 0, rejected: 0 },
          skipped: ROWS,
        });
        const again = await load(db, Stamp, path, { again: true, jobs: 2 });
        assert.deepEqual([again.skipped, again.ignored], [0, ROWS]);
      }),
  ),
  behaviour(
    "two loads that resume the same file at once write no row twice",
    (db) =>
      withFile(async (path, write) => {
        await write(stamps((row) => row));
        const options = { resume: true, onConflict: "error" } as const;
        const reports = await Promise.all([
          load(db, Stamp, path, options),
          load(db, Stamp, path, options),
        ]);
        for (const { rows, inserted, skipped = 0 } of reports) {
          assert.deepEqual([rows, inserted + skipped], [inserted, ROWS]);
        }
        const inserted = reports.reduce(
          (sum, { inserted }) => sum + inserted,
          0,
        );
        assert.deepEqual([inserted, await ids(db)], [ROWS, ROWS]);
      }),
  ),
  behaviour(
    "a load that meets a batch of another load with another limit ends with an error",
    (db) =>
      withFile(async (path, write) => {
        await write(
          stamps((row, at) => at === 7 ? `${at},x` : row),
        );
        // The second load runs between the first two batches of the first one.
        const other = { resume: true, limit: 30_000, onRejected: () => {} };
        await assert.rejects(
          load(db, Stamp, path, {
            resume: true,
            onRejected: async () => {
              await load(db, Stamp, path, other);
            },
          }),
          (error) =>
            error instanceof ValidationError &&
            /rows\.csv is being loaded by another program, .*another limit\. .*resume/
              .test(error.message),
        );
        const rest = await load(db, Stamp, path, { resume: true });
        assert.deepEqual([rest.skipped, rest.rows], [30_000, ROWS - 30_000]);
        assert.equal(await ids(db), ROWS - 1);
      }),
  ),
  behaviour(
    "load refuses to resume a file that has changed",
    (db) =>
      withFile(async (path, write) => {
        await write("id,name\n1,Algol\n2,Mira\n");
        assert.equal((await load(db, Star, path, { resume: true })).rows, 2);
        await write("id,name\n1,Algol\n3,Mira\n");
        await assert.rejects(
          load(db, Star, path, { resume: true }),
          (error) =>
            error instanceof ValidationError &&
            /rows\.csv has changed since its load on .*its content differs\. .*again/
              .test(error.message),
        );
        await write("id,name\n1,Algol\n3,Mirach\n");
        await assert.rejects(
          load(db, Star, path, { resume: true }),
          /it had 23 bytes, and has 25/,
        );
        // The part that was loaded is as it was.
        await write("id,name\n1,Algol\n2,Mira\n4,Vega\n");
        await assert.rejects(
          load(db, Star, path, { resume: true }),
          /it had 23 bytes, and has 30/,
        );
        assert.equal(await db.query(Star).count(), 2);
        await write("id,name\n1,Algol\n3,Mirach\n");
        const again = await load(db, Star, path, { again: true });
        assert.deepEqual([again.inserted, again.ignored], [1, 1]);
        // The same file in another table is another load.
        await write("id,touched\n1,1\n");
        assert.equal(
          (await load(db, Stamp, path, { resume: true })).inserted,
          1,
        );
      }),
  ),
  behaviour(
    "load continues a file after its limit, and not if the last part that was loaded has changed",
    (db) =>
      withFile(async (path, write) => {
        const pad = "0".repeat(40);
        const rows = (changed?: number): string =>
          stamps((row, at) => `${row},${at === changed ? 1 : 2}${pad}`)
            .replace("touched", "touched,pad");
        const options = { resume: true, skip: ["pad"] } as const;
        const limit = 40_000;
        await write(rows());
        assert.equal(
          (await load(db, Stamp, path, { ...options, limit })).rows,
          limit,
        );
        await write(rows(39_000));
        await assert.rejects(
          load(db, Stamp, path, options),
          /its content differs/,
        );
        assert.equal(await ids(db), limit);
        // A load that ended at its limit has not loaded the file whole.
        await write(rows());
        const rest = await load(db, Stamp, path, options);
        assert.deepEqual(
          [rest.skipped, rest.inserted],
          [limit, ROWS - limit],
        );
      }),
  ),
  behaviour(
    "load with again forgets the loads of the file into the table, and keeps those into other tables",
    (db) =>
      withFile(async (path, write) => {
        await write("id,name,touched\n1,Algol,1\n");
        const star = { resume: true, skip: ["touched"] } as const;
        await load(db, Star, path, star);
        await load(db, Stamp, path, { resume: true, skip: ["name"] });
        const again = await load(db, Stamp, path, {
          again: true,
          skip: ["name"],
        });
        assert.deepEqual([again.rows, again.ignored], [1, 1]);
        assert.equal((await load(db, Star, path, star)).skipped, 1);
      }),
  ),
  behaviour(
    "load reports the rejected rows of a batch before it is recorded",
    (db) =>
      withFile(async (path, write) => {
        await write(
          stamps((row, at) => at === 7 || at === 20_003 ? `${at},x` : row),
        );
        const rejected: number[] = [];
        await assert.rejects(
          load(db, Stamp, path, {
            resume: true,
            onRejected: ({ line }) => {
              if (line > 10) throw new Error("the disk is full");
              rejected.push(line);
            },
          }),
          /the disk is full/,
        );
        const rest = await load(db, Stamp, path, {
          resume: true,
          onRejected: ({ line }) => void rejected.push(line),
        });
        assert.equal(rest.skipped, 20_000);
        assert.deepEqual(rejected, [9, 20_005]);
        assert.equal(await ids(db), ROWS - 2);
      }),
  ),
  behaviour("load refuses to resume a stream or a dry run", async (db) => {
    const stream = () => new Blob(["id,name\n1,a\n"]).stream();
    for (
      const [options, text] of [
        [{ resume: true }, /resume requires a file/],
        [{ again: true }, /again requires a file/],
        [{ resume: true, again: true }, /pass one/],
        [{ resume: true, dryRun: true }, /a dry run writes nothing/],
      ] as const
    ) {
      await assert.rejects(
        load(db, Star, stream(), options),
        (error) => error instanceof QueryError && text.test(error.message),
      );
    }
  }),
];
