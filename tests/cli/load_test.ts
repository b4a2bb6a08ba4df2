// `dbp load`: files, folders and patterns into a table, rejected rows, Ctrl-C, and wrong command lines.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, taskArguments } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import { test } from "../support/connected.ts";
import { interrupt } from "../support/interrupt.ts";
import { untilEqual } from "../support/waiting.ts";

test("load reads files, folders, patterns and the standard input, and writes rejected rows to a file", async () => {
  await using server = await onServer();
  const { path } = server;
  const folder = await Deno.makeTempDir();
  const at = (...names: string[]) => join(folder, ...names);
  const load = (...args: string[]) =>
    dbp("load", ...args, "--settings_path", path);
  try {
    assert.equal((await dbp("initdb", "--settings_path", path)).code, 0);
    await Deno.mkdir(at("nights"));
    await Deno.writeTextFile(
      at("nights", "1.csv"),
      "oid,ndet\nZTF1,1\nZTF2,2\n",
    );
    await Deno.writeTextFile(
      at("nights", "2.txt"),
      '{"oid":"ZTF3","ndet":3}\n',
    );
    await Deno.writeTextFile(at("bad.csv"), "oid,ndet\nZTF4,4\nZTF5,x\n");

    const first = await load("object", at("nights"));
    assert.equal(first.code, 0, first.err);
    assert.match(
      first.out,
      /1\.csv: 2 rows in .*: 2 inserted, 0 updated, 0 ignored, 0 rejected\n.*2\.txt: 1 row in .*\n2 files loaded into object /,
    );
    const again = await load(
      ...["AstroObject", at("nights", "*.csv"), "--again", "--json"],
    );
    const { files } = JSON.parse(again.out);
    assert.deepEqual(
      [files.length, files[0].inserted, files[0].ignored],
      [1, 0, 2],
    );

    const bad = await load("object", at("bad.csv"));
    assert.deepEqual([bad.code, bad.out], [1, ""]);
    assert.match(
      bad.err,
      /^dbp: Cannot write object row 1: ndet must be a whole number, got "x" \(.*bad\.csv, line 3\)\. No row was written\n$/,
    );
    const rejects = at("rejects.ndjson");
    const good = await load("object", at("bad.csv"), "--rejects", rejects);
    assert.equal(good.code, 0);
    assert.match(good.out, /1 inserted, 0 updated, 0 ignored, 1 rejected/);
    assert.match(good.err, /^dbp: Some rows were rejected; they are in /);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(rejects)), {
      file: at("bad.csv"),
      line: 3,
      field: "ndet",
      reason: 'must be a whole number, got "x"',
      row: { oid: "ZTF5", ndet: "x" },
    });
    const rejected = await Deno.readTextFile(rejects);
    const skipped = await load("object", at("bad.csv"), "--rejects", rejects);
    assert.match(
      skipped.out,
      /skipped, because its 2 rows were loaded or rejected at .*\n0 files loaded into object, 1 skipped \(/,
    );
    assert.equal(await Deno.readTextFile(rejects), rejected);
    await Deno.writeTextFile(at("new.csv"), "oid,ndet\nZTF1,9\n");
    const both = await load(
      ...["object", at("new.csv"), at("bad.csv"), "--rejects", rejects],
    );
    assert.match(both.out, /\n1 file loaded into object, 1 skipped \(/);
    assert.equal(await Deno.readTextFile(rejects), rejected);
    const other = await load(
      ...["object", at("bad.csv"), "--rejects", rejects, "--again"],
    );
    assert.equal(other.code, 0, other.err);
    assert.equal(await Deno.readTextFile(rejects), rejected);

    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...[...taskArguments(), "load", "object", "-", "--map", "name=oid"],
        ...["--merge", "ndet=greatest", "--skip", "x"],
        ...["--settings_path", path],
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(
      new TextEncoder().encode("name,ndet,x\nZTF1,9,?\nZTF2,0,?\n"),
    );
    await input.close();
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    assert.equal(code, 0, text.decode(stderr));
    assert.match(text.decode(stdout), /^-: 2 rows .* 1 updated, 1 ignored/);
    assert.deepEqual(
      await server.sql("select oid, ndet from object order by 1"),
      [
        { oid: "ZTF1", ndet: 9 },
        { oid: "ZTF2", ndet: 2 },
        { oid: "ZTF3", ndet: 3 },
        { oid: "ZTF4", ndet: 4 },
      ],
    );
  } finally {
    await dbp("dropdb", "--yes", "--settings_path", path);
    await Deno.remove(folder, { recursive: true });
  }
});

test("after Ctrl-C, load counts the written rows, and the valid rows of a dry run", async () => {
  await using server = await onServer();
  const { path } = server;
  const rejects = await Deno.makeTempFile();
  const row = (at: number) =>
    `ZTF${String(at).padStart(12, "0")},${at % 10_000 === 0 ? "x" : at}\n`;
  const rows = Array.from({ length: 58_000 }, (_, at) => row(at)).join("");
  const interrupted = async (...args: string[]): Promise<string> => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...[...taskArguments(), "load", "object", "-", "--rejects", rejects],
        ...["--settings_path", path, ...args],
      ],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(`oid,ndet\n${rows}`));
    // The first two batches of 20,000 rows have four bad rows; the third one waits for the end of the input.
    await untilEqual(
      "the bad rows",
      async () => (await Deno.readTextFile(rejects)).split("\n").length,
      5,
    );
    await interrupt(child);
    await input.close();
    const { code, stderr } = await child.output();
    assert.equal(code, 130);
    return new TextDecoder().decode(stderr);
  };
  try {
    assert.equal((await dbp("initdb", "--settings_path", path)).code, 0);
    assert.match(
      await interrupted("--dry-run"),
      /Interrupted after 39996 valid rows\. No row was written/,
    );
    await Deno.truncate(rejects);
    assert.match(
      await interrupted(),
      /Interrupted after 39996 rows, which are written and stay/,
    );
    assert.deepEqual(
      await server.sql("select cast(count(*) as int) as rows from object"),
      [{ rows: 39_996 }],
    );
  } finally {
    await dbp("dropdb", "--yes", "--settings_path", path);
    await Deno.remove(rejects);
  }
});

test("load refuses wrong models, files, fields and options, and writes nothing", async () => {
  await using server = await onServer();
  const { path } = server;
  const file = await Deno.makeTempFile();
  const filled = await Deno.makeTempFile();
  await Deno.writeTextFile(filled, "oid,ndet\nZTF1,1\n");
  const link = `${filled}.link`;
  await Deno.symlink(filled, link);
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [["load"], 64, /load requires a MODEL and a FILE/],
    [["load", "object"], 64, /load requires a FILE/],
    [
      ["load", "objct", file],
      1,
      /the settings have no such model; did you mean object\?/,
    ],
    [
      ["load", "object", "/nowhere/*.csv"],
      1,
      /\/nowhere\/\*\.csv is neither a file/,
    ],
    [
      ["load", "object", file, "--rejects", file],
      1,
      /would overwrite the input/,
    ],
    [
      ["load", "object", filled, "--rejects", link],
      1,
      /would overwrite the input/,
    ],
    [
      ["load", "object", file, "--on-conflict", "replace"],
      64,
      /must be ignore, update or error/,
    ],
    [["load", "object", file, "--map", "oid"], 64, /Example: --map RAdeg=ra/],
    [["load", "object", filled, "--merge", "ndet=lowest"], 1, /ndet/],
    [["load", "object", file], 1, /is empty/],
  ];
  try {
    for (const [args, code, message] of cases) {
      const ran = await dbp(...args, "--settings_path", path);
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, message);
    }
  } finally {
    for (const each of [file, link, filled]) await Deno.remove(each);
  }
});

test("a full disk of the rejected rows ends the load, and --resume reports them", async () => {
  await using server = await onServer();
  const { path } = server;
  const folder = await Deno.makeTempDir();
  const file = join(folder, "bad.csv");
  const load = (...args: string[]) =>
    dbp("load", "object", file, ...args, "--settings_path", path);
  try {
    assert.equal((await dbp("initdb", "--settings_path", path)).code, 0);
    await Deno.writeTextFile(file, "oid,ndet\nZTF1,1\nZTF2,x\n");
    const full = await load("--rejects", "/dev/full");
    assert.equal(full.code, 1);
    assert.match(
      full.err,
      /Cannot write the rejected row of .*bad\.csv, line 3, to \/dev\/full: .*no space left/i,
    );
    const rejects = join(folder, "rejects.ndjson");
    const resumed = await load("--resume", "--rejects", rejects);
    assert.equal(resumed.code, 0, resumed.err);
    assert.match(resumed.out, /0 inserted, 0 updated, 1 ignored, 1 rejected/);
    assert.match(await Deno.readTextFile(rejects), /"line":3/);
  } finally {
    await dbp("dropdb", "--yes", "--settings_path", path);
    await Deno.remove(folder, { recursive: true });
  }
});
