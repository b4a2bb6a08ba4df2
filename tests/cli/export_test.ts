// `dbp export`: files, the standard output, filters with exact integers, Ctrl-C, a closed pipe, and wrong command lines.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, taskArguments } from "../support/cli.ts";
import { onServer, type ServerSettings } from "../support/cli_server.ts";
import { test } from "../support/connected.ts";
import { namesIn } from "../support/names_in.ts";

const ROWS = `insert into object (oid, ndet, firstmjd)
  select 'ZTF' || n, n, 59000 + n from generate_series(1, 20000) n`;

async function withObjects(
  work: (
    run: (...args: string[]) => ReturnType<typeof dbp>,
    folder: string,
    server: ServerSettings,
  ) => Promise<void>,
): Promise<void> {
  await using server = await onServer();
  const folder = await Deno.makeTempDir();
  const run = (...args: string[]) =>
    dbp(...args, "--settings_path", server.path);
  try {
    assert.equal((await run("initdb")).code, 0);
    await work(run, folder, server);
  } finally {
    await run("dropdb", "--yes");
    await Deno.remove(folder, { recursive: true });
  }
}

test("export writes files, which load reads", async () => {
  await withObjects(async (run, folder, server) => {
    await server.sql(
      "insert into object (oid, ndet, firstmjd) values ('ZTF1', 1, 59000.5), ('ZTF2', 2, 58000), ('ZTF3', 3, null)",
    );
    const file = join(folder, "objects.csv.gz");
    const first = await run("export", "object", file);
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /objects\.csv\.gz: 3 rows of object, \d+ bytes, /);
    await server.sql("delete from object where ndet > 1");
    const loaded = await run("load", "object", file);
    assert.match(loaded.out, /3 rows in .*: 2 inserted, 0 updated, 1 ignored/);

    const json = await run(
      ...["export", "AstroObject", join(folder, "some.ndjson"), "--json"],
      ...["--filter", '{"ndet":{"in":[1,3]}}', "--order", "ndet:desc"],
      ...["--select", "oid", "--select", "firstmjd"],
    );
    const { rows, format, bytes } = JSON.parse(json.out);
    const text = await Deno.readTextFile(join(folder, "some.ndjson"));
    assert.equal(
      text,
      '{"oid":"ZTF3","firstmjd":null}\n{"oid":"ZTF1","firstmjd":59000.5}\n',
    );
    assert.deepEqual([rows, format, bytes], [2, "ndjson", text.length]);

    await server.sql(
      "update object set meanra = 150 + ndet * 0.001, meandec = 2",
    );
    const near = '{"near":{"ra":150,"dec":2,"radius":60}}';
    const nearest = await run(
      ...["export", "object", join(folder, "some.ndjson")],
      ...["--select", "oid", "--limit", "2"],
      ...["--filter", near, "--order", "distance"],
    );
    assert.equal(nearest.code, 0, nearest.err);
    assert.equal(
      await Deno.readTextFile(join(folder, "some.ndjson")),
      '{"oid":"ZTF1"}\n{"oid":"ZTF2"}\n',
    );

    const nights = join(folder, "nights");
    await run("export", "object", nights, "--partition-by", "firstmjd:night");
    assert.deepEqual(await namesIn(nights), [
      ...["firstmjd_night=58000", "firstmjd_night=59000"],
      "firstmjd_night=__HIVE_DEFAULT_PARTITION__",
    ]);
    const catalog = join(folder, "catalog");
    await run("export", "object", catalog, "--partition-by", "healpix:3");
    const cells = await run(
      ...["load", "object", catalog, "--skip", "_healpix_29", "--limit", "2"],
      ...["--jobs", "2", "--format", "parquet"],
    );
    assert.match(cells.out, /Npix=\d+\.parquet: 2 rows in .* 2 ignored/);

    const newer = join(folder, "newer.csv");
    await Deno.writeTextFile(
      newer,
      "oid,ndet,firstmjd\nZTF1,7,58999\nZTF2,8,58001\n",
    );
    const preferred = await run(
      "load",
      "object",
      newer,
      "--prefer",
      "firstmjd",
    );
    assert.match(preferred.out, /2 rows in .* 1 updated, 1 ignored/);

    await run("dropdb", "--yes");
    const failed = await run("export", "object", file);
    assert.equal(failed.code, 5, failed.err);
    assert.deepEqual(await namesIn(folder), [
      ...["catalog", "newer.csv", "nights", "objects.csv.gz", "some.ndjson"],
    ]);
  });
});

test("export to the standard output ends when its reader or Ctrl-C ends it", async () => {
  await withObjects(async (_, _folder, server) => {
    await server.sql(ROWS);
    const start = (...args: string[]) =>
      new Deno.Command(Deno.execPath(), {
        args: [
          ...[...taskArguments(), "export", "object", "-"],
          ...["--settings_path", server.path, ...args],
        ],
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    const whole = await start("--limit", "2", "--select", "oid").output();
    const text = new TextDecoder();
    assert.match(text.decode(whole.stdout), /^oid\nZTF\d+\nZTF\d+\n$/);
    assert.deepEqual([whole.code, text.decode(whole.stderr)], [0, ""]);

    const closed = start();
    const reader = closed.stdout.getReader();
    await reader.read();
    await reader.cancel();
    assert.match(
      await new Response(closed.stderr).text(),
      /^dbp: Cannot export object to the stream: Broken pipe/,
    );
    assert.equal((await closed.status).code, 1);

    const interrupted = start();
    const unread = interrupted.stdout.getReader();
    await unread.read();
    interrupted.kill("SIGINT");
    assert.equal((await interrupted.status).code, 130);
    await unread.cancel();
    assert.match(
      await new Response(interrupted.stderr).text(),
      /^dbp: Interrupted\. The output is incomplete\n$/,
    );
  });
});

test("export filters by exact integers, dates and related rows", async () => {
  await withObjects(async (run, folder, server) => {
    const file = join(folder, "ids.csv");
    await server.sql(
      "insert into object (oid, ndet) values ('ZTF1', 1), ('ZTF2', 2)",
    );
    await server.sql(
      `insert into detection (oid, candid, mjd, fid, pid, isdiffpos, ra, dec, magpsf, sigmapsf, corrected, dubious, has_stamp, step_id_corr)
       select 'ZTF' || n, 9007199254740991 + n, 59000, 1, 1, 1, 1, 1, 1, 1, false, false, false, 'a' from generate_series(1, 2) n`,
    );
    const text = async (model: string, filter: string, select: string) => {
      const ran = await run(
        ...["export", model, file, "--filter", filter, "--select", select],
      );
      assert.equal(ran.code, 0, ran.err);
      return await Deno.readTextFile(file);
    };
    assert.equal(
      await text("detection", '{"candid":9007199254740993}', "candid"),
      "candid\n9007199254740993\n",
    );
    assert.equal(
      await text(
        "object",
        '{"not":{"detections":{"some":{"candid":{"in":["9007199254740992"]}}}}}',
        "oid",
      ),
      "oid\nZTF2\n",
    );
  });
});

test("export refuses wrong models, fields, filters and names, and writes nothing", async () => {
  await withObjects(async (run, folder) => {
    const at = (name: string) => join(folder, name);
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [[], 64, /export requires a MODEL and a FILE/],
      [["object"], 64, /export requires a FILE/],
      [["objct", at("a.csv")], 1, /did you mean object\?/],
      [["object", at("a.dat")], 1, /does not say the format; end it with/],
      [["object", at("no/a.csv")], 1, /ENOENT: no such file or directory/],
      [["object", "-", "--json"], 1, /both write to the standard output/],
      [["object", at("a.csv"), "--filter", "{"], 1, /the filter is not JSON/],
      [
        ["object", at("a.csv"), "--filter", "[]"],
        1,
        /must be a JSON object, like/,
      ],
      [
        ["object", at("a.csv"), "--filter", '{"ndet":"many"}'],
        1,
        /ndet must be a whole number, got "many"/,
      ],
      [
        ["object", at("a.csv"), "--filter", '{"meanra":{"gt":1e-400}}'],
        1,
        /the filter contains the number 1e-400, which is too small for float64/,
      ],
      [
        ["object", at("a.csv"), "--filter", '{"meanra":{"gt":"1e-400"}}'],
        1,
        /meanra is too small for float64, which would hold 0/,
      ],
      [
        ["object", at("a.csv"), "--filter", '{"ndte":1}'],
        1,
        /did you mean ndet\?/,
      ],
      [["object", at("a.csv"), "--order", "ndte"], 1, /did you mean ndet\?/],
      [
        ["object", at("a.csv"), "--order", "ndet:down"],
        1,
        /direction of ndet must be asc or desc, got down; did you mean ndet:desc\?/,
      ],
      [
        ["object", at("a.csv"), "--format", "xml"],
        64,
        /csv, tsv, ndjson or parquet/,
      ],
    ];
    for (const [args, code, message] of cases) {
      const ran = await run("export", ...args);
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.out + ran.err, message);
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});
