// `dbp load --ztf` and `--lsst`: real alerts into their tables, bad alerts set aside, and other options refused.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { dbp } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import { test } from "../support/connected.ts";
import { ROOT } from "../support/program.ts";

const LSST = `${ROOT}examples/data/lsst_alerts.ndjson.gz`;
const ALERTS = `${ROOT}examples/data/ztf_alerts_small.ndjson.gz`;

test("load --ztf reads alerts into their tables, and writes bad ones to a file", async () => {
  await using server = await onServer();
  const folder = await Deno.makeTempDir();
  const at = (name: string) => join(folder, name);
  const run = (...args: string[]) =>
    dbp(...args, "--settings_path", server.path);
  try {
    assert.equal((await run("initdb")).code, 0);
    const good = await run("load", "--ztf", ALERTS, "--jobs", "2");
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, /small\.ndjson\.gz: 78 alerts in .*, 0 rejected\n/);
    const [before] = await server.sql(
      "select count(*)::int as objects, (select count(*)::int from detection) as detections from object",
    );

    const lines = gunzipSync(await Deno.readFile(ALERTS)).toString().trim()
      .split("\n");
    const { candidate: _, ...broken } = JSON.parse(lines[1] ?? "");
    await Deno.writeTextFile(
      at("bad.ndjson"),
      [lines[0], '{"objectId":', JSON.stringify(broken), lines[2], ""].join(
        "\n",
      ),
    );
    await Deno.writeTextFile(at("page.avro"), "<html>404</html>");
    const bad = await run("load", "--ztf", at("bad.ndjson"));
    assert.equal(bad.code, 1);
    assert.match(bad.err, /not valid JSON \(.*bad\.ndjson, line 2\)/);
    const rejects = at("rejects.ndjson");
    const some = await run(
      ...["load", "--ztf", at("bad.ndjson"), at("page.avro")],
      ...["--rejects", rejects, "--json"],
    );
    assert.equal(some.code, 0, some.err);
    const { files } = JSON.parse(some.out);
    assert.deepEqual(
      files.map(({ alerts, rejected }: Record<string, unknown>) => [
        alerts,
        rejected,
      ]),
      [[2, 2], [0, 1]],
    );
    const rejected = (await Deno.readTextFile(rejects)).trim().split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      rejected.map(({ file, line, field }) => [file, line, field]),
      [
        [at("bad.ndjson"), 2, "packet"],
        [at("bad.ndjson"), 3, "candidate"],
        [at("page.avro"), undefined, "packet"],
      ],
    );
    assert.match(rejected[2].reason, /is not a readable Avro container/);
    const full = await run(
      ...["load", "--ztf", at("bad.ndjson"), "--rejects", "/dev/full"],
    );
    assert.equal(full.code, 1);
    assert.match(
      full.err,
      /Cannot write the rejected row of .*bad\.ndjson, line 2, to \/dev\/full: .*\. Free some space/i,
    );
    assert.deepEqual(
      await server.sql(
        "select count(*)::int as objects, (select count(*)::int from detection) as detections from object",
      ),
      [before],
    );
  } finally {
    await run("dropdb", "--yes");
    await Deno.remove(folder, { recursive: true });
  }
});

test("load --lsst reads alerts into the multi-survey tables, and writes bad ones to a file", async () => {
  await using server = await onServer();
  const folder = dirname(server.path);
  const settings = join(folder, "settings.ts");
  const run = (...args: string[]) => dbp(...args, "--settings_path", settings);
  try {
    // The tables of LSST alone: it takes a second to create all 30.
    const { DB_CONFIG } = JSON.parse(await Deno.readTextFile(server.path));
    await Deno.writeTextFile(
      settings,
      `import { MULTISURVEY_MODELS } from "@alerce/db-plugins/models/multisurvey";
export const MODELS = MULTISURVEY_MODELS.filter(({ table }) =>
  /^(lsst|object$|detection$|forced)/.test(table)
);
export const DB_CONFIG = ${JSON.stringify(DB_CONFIG)};
`,
    );
    const created = await run("initdb");
    assert.equal(created.code, 0, created.err);
    const good = await run("load", "--lsst", LSST);
    assert.equal(good.code, 0, good.err);
    assert.match(
      good.out,
      /lsst_alerts\.ndjson\.gz: 6 alerts in .*: 6 new objects, 12 detections, 2 forced measurements, 0 rejected\n/,
    );
    const [line = ""] = gunzipSync(await Deno.readFile(LSST)).toString()
      .split("\n");
    const alert = JSON.parse(line);
    alert.diaSource.diaObjectId = 0;
    const [bad, rejects] = [join(folder, "bad.ndjson"), join(folder, "r")];
    await Deno.writeTextFile(bad, `${JSON.stringify(alert)}\n${line}\n`);
    const some = await run(
      ...["load", "--lsst", bad, "--rejects", rejects, "--json"],
    );
    assert.equal(some.code, 0, some.err);
    assert.partialDeepStrictEqual(JSON.parse(some.out).files, [
      { file: bad, alerts: 1, objects: 0, forced: 0, rejected: 1 },
    ]);
    assert.partialDeepStrictEqual(
      JSON.parse(await Deno.readTextFile(rejects)),
      {
        field: "diaSource.diaObjectId",
        row: { diaSourceId: alert.diaSourceId },
      },
    );
  } finally {
    await run("dropdb", "--yes");
  }
});

test("load --ztf refuses options that alerts do not have, and missing files", async () => {
  await using server = await onServer();
  const folder = await Deno.makeTempDir();
  const [input, link] = [join(folder, "alerts.gz"), join(folder, "link")];
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [["--ztf"], 64, /load requires a MODEL and a FILE/],
    [["--ztf", "/nowhere/*.avro"], 1, /\/nowhere\/\*\.avro is neither a file/],
    [["--ztf", "-"], 1, /--ztf takes files, not -/],
    [["--lsst", "-"], 1, /--lsst takes files, not -/],
    [["--lsst", LSST, "--limit", "3"], 1, /--lsst takes only --rejects/],
    [
      ["detection", LSST, "--schema", "multisurvey"],
      64,
      /--schema requires --ztf or --lsst/,
    ],
    [["--ztf", LSST, "--schema", "multi"], 64, /multisurvey/],
    [["--lsst", "--ztf", LSST], 64, /load takes --ztf or --lsst, not both/],
    [
      ["--ztf", ALERTS, "--on-conflict", "update"],
      1,
      /--ztf takes only --rejects and --jobs, not --on-conflict/,
    ],
    [["--ztf", ALERTS, "--dry-run"], 1, /not --dry-run/],
    [
      ["--ztf", input, "--rejects", link],
      1,
      /--rejects would overwrite the input/,
    ],
  ];
  try {
    await Deno.copyFile(ALERTS, input);
    await Deno.symlink(input, link);
    for (const [args, code, message] of cases) {
      const ran = await dbp("load", ...args, "--settings_path", server.path);
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, message);
    }
    assert.deepEqual(await Deno.readFile(input), await Deno.readFile(ALERTS));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
