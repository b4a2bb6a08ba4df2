// Files of migrations: their names, the contents of a folder, and that both files are written or neither.
import {
  LockError,
  makeMigrations,
  migrate,
  rollback,
  status,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { join } from "node:path";
import { connected, emptyMemory } from "../../memory/migrations.ts";
import { fails, testFolder } from "../../support/migrations_folder.ts";

const NOON = new Date("2026-09-30T12:00:00.900Z");
const WRITER = new URL("./migrations_writer.ts", import.meta.url).href;

Deno.test("a file is named after its UTC second and its words, and never earlier than an existing file", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory());
  const { directory } = folder;
  const make = async (name: string, now: Date): Promise<string> => {
    const { files } = await makeMigrations(db, {
      directory,
      empty: true,
      name,
      now,
    });
    return files?.id ?? "";
  };
  assert.equal(
    await make("Añadir rb a Detección!", NOON),
    "20260930T120000_anadir_rb_a_deteccion",
  );
  assert.equal(await make("other", NOON), "20260930T120001_other");
  assert.equal(
    await make("byClock", new Date("2026-09-30T11:59:00Z")),
    "20260930T120002_by_clock",
  );
  assert.equal(
    await make("../../etc/passwd", new Date("2026-12-31T23:59:59Z")),
    "20261231T235959_etc_passwd",
  );
  assert.equal(
    await make("new year", new Date("2026-12-31T23:59:50Z")),
    "20270101T000000_new_year",
  );
  const later = new Date("2027-01-01T00:00:00Z");
  assert.equal(
    (await make("x".repeat(500), later)).length,
    "20270101T000001_".length + 80,
  );
  await assert.rejects(make("¿?", later), fails(64, /letters, digits and _/));
  assert.equal((await folder.names()).length, 12);
  await folder.write({ "99991231T235959_last.up.txt": "add star" });
  await assert.rejects(
    make("later", NOON),
    fails(4, /last\.up\.txt is .* in the future: its name says 9999/),
  );
  await assert.rejects(
    make("later", new Date("9999-12-31T23:59:59Z")),
    fails(4, /Cannot create a migration after 99991231T235959/),
  );
});

Deno.test("a missing folder is created with both files", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory(["star"]));
  const directory = join(folder.directory, "new", "migrations");
  const { files, written } = await makeMigrations(db, { directory, now: NOON });
  assert.ok(files && written);
  assert.equal(
    files.up,
    join(directory, "memory", "20260930T120000_add_star.up.txt"),
  );
  assert.equal(await Deno.readTextFile(files.up), files.upText);
  assert.equal(await Deno.readTextFile(files.down), files.downText);
  await makeMigrations(db, {
    directory: join(folder.directory, "other"),
    dryRun: true,
  });
  await assert.rejects(Deno.stat(join(folder.directory, "other")));
});

Deno.test("a missing folder is reported with its parent folder, the folders of other engines, or the history", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory());
  await assert.rejects(
    migrate(db, { directory: join(folder.directory, "memory") }),
    fails(4, /memory\/memory: use its parent folder, with --migrations .*\w$/),
  );
  await Deno.rename(
    join(folder.directory, "memory"),
    join(folder.directory, "sql"),
  );
  await assert.rejects(
    status(db, folder),
    fails(4, /Cannot find .*memory: .* contains only sql\. Use --db for/),
  );
  await Deno.rename(
    join(folder.directory, "sql"),
    join(folder.directory, "memory"),
  );
  await folder.write({ "20260930T120000_star.up.txt": "add star" });
  await migrate(db, folder);
  await assert.rejects(
    status(db, { directory: join(folder.directory, "elsewhere") }),
    fails(4, /, but memory has a history of 1 migration\. Use --migrations/),
  );
});

Deno.test("if a folder has no applied migration, no command works in it", async () => {
  await using folder = await testFolder();
  await using other = await testFolder();
  await using db = await connected(emptyMemory());
  await folder.write({ "20260930T120000_star.up.txt": "add star" });
  await folder.write({ "20260930T120001_moon.up.txt": "add moon" });
  await migrate(db, folder);
  await other.write({ "20260930T120002_sun.up.txt": "add sun" });
  const foreign =
    /^None of the 2 migrations .* another database\. .*--migrations/;
  const { problems, exitCode } = await status(db, other);
  assert.equal(exitCode, 4);
  assert.equal(problems.length, 1);
  assert.match(problems[0]?.problem ?? "", foreign);
  await assert.rejects(migrate(db, other), fails(4, foreign));
  await assert.rejects(
    rollback(db, { ...other, dryRun: true }),
    fails(4, foreign),
  );
  await assert.rejects(rollback(db, other), fails(4, foreign));
  await assert.rejects(
    makeMigrations(db, { ...other, empty: true }),
    fails(4, foreign),
  );
  assert.deepEqual(await other.names(), ["20260930T120002_sun.up.txt"]);
});

Deno.test("a missing folder is reported with a similar one", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory());
  await Deno.mkdir(join(folder.directory, "migrations", "memory"), {
    recursive: true,
  });
  await assert.rejects(
    migrate(db, { directory: join(folder.directory, "migratoins") }),
    fails(4, /migratoins/, /did you mean .*migrations\?/),
  );
  await assert.rejects(
    migrate(db, { directory: join(folder.directory, "migrations", "memroy") }),
    fails(4, /use its parent folder, with --migrations .*migrations$/),
  );
  await Deno.mkdir(join(folder.directory, "home"));
  await assert.rejects(
    migrate(db, { directory: join(folder.directory, "nome") }),
    fails(4, /Cannot find .*nome\/memory\. `dbp initdb` creates it/),
  );
  await assert.rejects(
    status(db, { directory: join(folder.directory, "elsewhere") }),
    fails(4, /Cannot find .*elsewhere/, /`dbp initdb` creates it/),
  );
});

Deno.test("invalid names, two files of one second and a single down file are reported together", async () => {
  await using folder = await testFolder();
  const store = emptyMemory();
  await using db = await connected(store);
  await folder.write({
    "20260930T120000_star.up.txt": "add star",
    "20260930T120000_planet.up.txt": "add planet",
    "20260930T120001_moon.down.txt": "drop moon",
    "20260930120002-AddSun.UP.txt": "add sun",
    "20261330T120003_never.up.txt": "add never",
    "20260230T120003_never.up.txt": "add never",
    "comet.txt": "add comet",
    "20260930T120004_ring.up.txt.orig": "add ring",
    // Other files are ignored.
    "README.md": "read me",
    ".20260930T120005_x.up.txt.swp": "",
    "._20260930T120000_star.up.txt": "",
  });
  await Deno.mkdir(join(folder.directory, "memory", "old"));
  await assert.rejects(
    migrate(db, folder),
    fails(
      4,
      /20260930T120000_star\.up\.txt has the same time as 20260930T120000_planet/,
      /20260930T120001_moon\.down\.txt is a down migration without its up/,
      /AddSun\.UP\.txt .* did you mean 20260930T120002_add_sun\.up\.txt\?/,
      /20261330T120003_never\.up\.txt is not the name of a migration: 20261330T120003 is not a time/,
      /20260230T120003_never\.up\.txt is not the name/,
      /comet\.txt is not the name .* 20260930T141502_add_drb\.up\.txt/,
      /ring\.up\.txt\.orig .* did you mean 20260930T120004_ring\.up\.txt\?/,
    ),
  );
  const { problems } = await status(db, folder);
  assert.equal(problems.length, 7);
  assert.deepEqual([store.locks, store.tables.size], [0, 0]);
});

Deno.test("an unreadable file is named before anything runs", async () => {
  await using folder = await testFolder();
  const store = emptyMemory();
  await using db = await connected(store);
  await folder.write({
    "20260930T120000_star.up.txt": "add star",
    "20260930T120001_typo.up.txt": "\n\nad planet",
  });
  const path = join(folder.directory, "memory", "20260930T120002_utf16.up.txt");
  await Deno.writeFile(path, new Uint8Array([0xff, 0xfe, 0x61, 0]));
  await Deno.symlink(
    join(folder.directory, "gone"),
    join(folder.directory, "memory", "20260930T120003_gone.up.txt"),
  );
  await assert.rejects(
    migrate(db, folder),
    fails(
      4,
      /typo\.up\.txt:3: unknown statement "ad"/,
      /utf16\.up\.txt is not UTF-8/,
      /Cannot read .*gone\.up\.txt/,
    ),
  );
  assert.deepEqual([store.locks, store.tables.size], [0, 0]);
});

Deno.test("a migration file of more than 8 MiB is named before anything runs, and is not read", async () => {
  await using folder = await testFolder();
  const store = emptyMemory();
  await using db = await connected(store);
  await folder.write({ "20260930T120000_star.up.txt": "add star" });
  const name = "20260930T120001_large.up.txt";
  const path = join(folder.directory, "memory", name);
  // A sparse file, which takes no space.
  await Deno.writeTextFile(path, "");
  await Deno.truncate(path, 2 ** 40);
  await assert.rejects(
    migrate(db, folder),
    fails(4, /large\.up\.txt: it has 1099511627776 bytes or more.*8 MiB/),
  );
  assert.deepEqual([store.locks, store.tables.size], [0, 0]);
  await Deno.writeTextFile(path, `${"\n".repeat(8 << 20)}add planet`);
  await assert.rejects(migrate(db, folder), fails(4, /large\.up\.txt: it has/));
  await Deno.writeTextFile(path, `${"\n".repeat((8 << 20) - 10)}add planet`);
  await migrate(db, folder);
  assert.equal(store.tables.size, 2);
});

Deno.test({
  name: "a pipe with the name of a migration is refused without reading it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await testFolder();
    await using db = await connected(emptyMemory());
    await folder.write({ "20260930T120000_star.up.txt": "add star" });
    const name = "20260930T120001_pipe.up.txt";
    const path = join(folder.directory, "memory", name);
    await new Deno.Command("mkfifo", { args: [path] }).output();
    await assert.rejects(
      migrate(db, folder),
      fails(4, /pipe\.up\.txt is not a regular file/),
    );
  },
});

Deno.test("a byte order mark and Windows line ends change nothing", async () => {
  await using folder = await testFolder();
  const store = emptyMemory();
  await using db = await connected(store);
  await folder.write({
    "20260930T120000_star.up.txt": "# one\nadd star\nadd moon\n",
  });
  await migrate(db, folder);
  await folder.write({
    "20260930T120000_star.up.txt": "\uFEFF# two\r\nadd  star\r\nadd moon",
  });
  assert.deepEqual((await migrate(db, folder)).applied, []);
  assert.equal((await status(db, folder)).exitCode, 0);
});

Deno.test("if the second file cannot be renamed, the first one is removed", async () => {
  await using folder = await testFolder();
  const { writeFiles, draftFiles } = await import(
    "../../../src/migrations/folder/write_files.ts"
  );
  const { memoryDialect } = await import("../../memory/migrations.ts");
  const path = join(folder.directory, "memory");
  const files = draftFiles(memoryDialect, path, "20260930T120000_star", {
    up: "add star",
    down: "drop star",
  });
  await Deno.mkdir(files.up);
  await Deno.writeTextFile(join(files.up, "kept"), "");
  await assert.rejects(
    writeFiles(path, files, [files.id]),
    fails(1, /Cannot write .*star\.up\.txt .* Neither file was written/),
  );
  assert.deepEqual(await folder.names(), ["20260930T120000_star.up.txt"]);
  assert.ok((await Deno.stat(files.up)).isDirectory);
});

/** Runs the writer of files in a process of its own, behind a command that limits it. */
async function written(
  directory: string,
  before: readonly string[],
): Promise<string> {
  const [program = Deno.execPath(), ...words] = [
    ...before,
    Deno.execPath(),
    "run",
    "--allow-all",
    WRITER,
    directory,
  ];
  const { stdout, stderr } = await new Deno.Command(program, { args: words })
    .output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test({
  name: "a read-only folder stays unchanged",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = await testFolder();
    const path = join(folder.directory, "memory");
    await Deno.chmod(path, 0o555);
    // Root may write anywhere, unless this capability is dropped.
    const before = Deno.uid() === 0
      ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
      : [];
    assert.match(
      await written(folder.directory, before),
      /^1 Cannot write .*: EACCES.*Neither file was written/,
    );
    await Deno.chmod(path, 0o755);
    assert.deepEqual(await folder.names(), []);
    assert.match(await written(folder.directory, []), /^written/);
    assert.equal((await folder.names()).length, 2);
  },
});

Deno.test({
  name: "a full disk leaves neither file, complete or partial",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = await testFolder();
    // No file may be larger than 4 KiB.
    const limit = [
      "bash",
      "-c",
      "trap '' XFSZ; ulimit -f 4; \"$@\"",
      "limited",
    ];
    assert.match(
      await written(folder.directory, limit),
      /^1 Cannot write .*: EFBIG.*Neither file was written/,
    );
    assert.deepEqual(await folder.names(), []);
  },
});

Deno.test("of several processes that write at once, one succeeds and the others fail", async () => {
  await using folder = await testFolder();
  const now = new Date("2026-09-30T12:00:00Z");
  const names = ["sun", "moon", "sun"];
  const ends = await Promise.allSettled(names.map(async (name) => {
    await using db = await connected(emptyMemory(["star"]));
    return await makeMigrations(db, { ...folder, name, now });
  }));
  assert.equal(ends.filter(({ status }) => status === "fulfilled").length, 1);
  for (const end of ends) {
    if (end.status === "fulfilled") continue;
    assert.ok(end.reason instanceof LockError, String(end.reason));
    assert.match(
      end.reason.message,
      /another process wrote .* meanwhile.*again/,
    );
  }
  const [down = "", up = "", ...others] = await folder.names();
  assert.deepEqual(others, []);
  assert.equal(down.replace(".down.", ".up."), up);
});

Deno.test("a lock file names its process, also after that process was killed", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory(["star"]));
  await folder.write({ ".dbp_writing": "process 4711 on elsewhere" });
  await assert.rejects(makeMigrations(db, folder), (error) => {
    assert.ok(error instanceof LockError, String(error));
    assert.match(
      error.message,
      /process 4711 on elsewhere is writing in this folder.*remove .*dbp_writing/,
    );
    return true;
  });
  await folder.remove(".dbp_writing");
  assert.equal((await makeMigrations(db, folder)).written, true);
});
