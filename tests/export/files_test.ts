// Files that appear only when they are complete: failures, symbolic links, pipes, full disks.
import { FileError } from "@alerce/db-plugins";
import { exportRows } from "@alerce/db-plugins/export";
import assert from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { SUITE_MODELS, Tally } from "../../src/testing/models.ts";
import type { Connection } from "../../src/connection/connection.ts";
import { memoryEngine } from "../memory/engine.ts";
import { ROUNDS } from "../support/rounds.ts";
import { smallDisk } from "../support/small_disk.ts";
import { namesIn } from "../support/names_in.ts";

async function inFolder(
  work: (db: Connection, folder: string) => Promise<void>,
  rows = 3,
): Promise<void> {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  await db.query(Tally).bulkInsert(
    Array.from({ length: rows }, (_, id) => ({ id, level: id / 7 })),
  );
  const folder = await Deno.makeTempDir();
  try {
    await work(db, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const OPTIONS = { select: ["id"], orderBy: { id: "asc" } } as const;

Deno.test("an export replaces a file only when it is complete, and removes its part when it fails", async () => {
  await inFolder(async (db, folder) => {
    const path = join(folder, "tally.csv");
    await Deno.writeTextFile(path, "the file before");
    await Deno.chmod(path, 0o640);
    const controller = new AbortController();
    await assert.rejects(
      exportRows(db, Tally, path, {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error("enough")),
      }),
      /enough/,
    );
    assert.equal(await Deno.readTextFile(path), "the file before");
    await assert.rejects(
      exportRows(db, Tally, path, {
        onProgress: () => {
          throw new Error("a bug of the caller");
        },
      }),
      /a bug of the caller/,
    );
    assert.deepEqual(await namesIn(folder), ["tally.csv"]);
    await exportRows(db, Tally, path, { ...OPTIONS, limit: 2 });
    assert.equal(await Deno.readTextFile(path), "id\n0\n1\n");
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o640);
    assert.deepEqual(await namesIn(folder), ["tally.csv"]);
  }, 2_500);
});

Deno.test("an export keeps symbolic links, and writes to devices directly", async () => {
  await inFolder(async (db, folder) => {
    await Deno.writeTextFile(join(folder, "real.csv"), "");
    await Deno.symlink(join(folder, "real.csv"), join(folder, "link.csv"));
    await exportRows(db, Tally, join(folder, "link.csv"), OPTIONS);
    assert.equal(
      await Deno.readTextFile(join(folder, "real.csv")),
      "id\n0\n1\n2\n",
    );
    assert.ok((await Deno.lstat(join(folder, "link.csv"))).isSymlink);
    const { rows } = await exportRows(db, Tally, "/dev/null", {
      format: "ndjson",
    });
    assert.equal(rows, 3);
    const url = new URL(`file://${join(folder, "tally.tsv.gz")}`);
    await exportRows(db, Tally, url, OPTIONS);
    assert.equal(
      gunzipSync(await Deno.readFile(url)).toString(),
      "id\n0\n1\n2\n",
    );
  });
});

Deno.test("a file that cannot be written is a FileError with its path", async () => {
  await inFolder(async (db, folder) => {
    const missing = join(folder, "no", "tally.csv");
    await assert.rejects(
      exportRows(db, Tally, missing),
      (error) =>
        error instanceof FileError && error.path === missing &&
        error.message ===
          `Cannot export tally to ${missing}: ENOENT: no such file or directory`,
    );
    await Deno.mkdir(join(folder, "folder.csv"));
    await assert.rejects(
      exportRows(db, Tally, join(folder, "folder.csv")),
      (error) => error instanceof FileError && /EISDIR/.test(error.message),
    );
    const broken = new WritableStream<Uint8Array>({
      write() {
        throw new Error("the client is gone");
      },
    });
    await assert.rejects(exportRows(db, Tally, broken), /the client is gone/);
  });
});

Deno.test({
  name: "on a full disk an export is a FileError, and leaves no file",
  ignore: ROUNDS === 1,
  fn: async () => {
    await using disk = await smallDisk(1);
    if (disk === undefined) return;
    await inFolder(async (db) => {
      for (const name of ["tally.csv", "tally.ndjson.gz"]) {
        await assert.rejects(
          exportRows(db, Tally, join(disk.path, name)),
          (error) =>
            error instanceof FileError &&
            /ENOSPC: no space left on device/.test(error.message),
        );
        assert.deepEqual(await namesIn(disk.path), []);
      }
    }, 200_000);
  },
});
