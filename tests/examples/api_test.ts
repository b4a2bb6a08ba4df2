// The web API over HTTP, on each database by its settings only.
import { connect, type Connection, type DbConfig } from "@alerce/db-plugins";
import {
  type AlerceModels,
  AstroObject,
  Detection,
  NonDetection,
  Probability,
} from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import pg from "pg";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";
import { mongoUrl, withoutMongo } from "../support/mongo_server.ts";
import { ROOT } from "../support/program.ts";
import { untilEqual } from "../support/waiting.ts";

const MATCHING = 45;
const TODAY = 40_587 + Math.floor(Date.now() / 86_400_000);
const oid = (n: number): string => `ZTF18${String(n).padStart(7, "0")}`;

/** Objects that match, the newest first, and one that fails each condition. */
async function fill(db: Connection<AlerceModels>): Promise<void> {
  await db.createDb();
  const best = {
    classifier_name: "lc_classifier",
    classifier_version: "1.0",
    class_name: "SNIa",
    probability: 0.75,
    ranking: 1,
  };
  const matching = Array.from({ length: MATCHING }, (_, n) => ({
    oid: oid(n),
    ndet: 7,
    lastmjd: TODAY - n / 2,
  }));
  const others = [
    { oid: oid(100), ndet: 4, lastmjd: TODAY },
    { oid: oid(101), ndet: 7, lastmjd: TODAY - 40 },
    { oid: oid(102), ndet: 7, lastmjd: TODAY },
    { oid: oid(103), ndet: 7, lastmjd: TODAY },
    { oid: oid(104), ndet: 7, lastmjd: TODAY },
  ];
  await db.query(AstroObject).bulkInsert([...matching, ...others]);
  await db.query(Probability).bulkInsert([
    ...[...matching, ...others.slice(0, 2)].map(({ oid }) => ({
      ...best,
      oid,
    })),
    { ...best, oid: oid(102), probability: 0.5 },
    { ...best, oid: oid(103), class_name: "AGN" },
    { ...best, oid: oid(104), ranking: 2 },
    { ...best, oid: oid(0), class_name: "SNII", probability: 0.2, ranking: 2 },
    {
      ...best,
      oid: oid(0),
      classifier_name: "stamp_classifier",
      class_name: "SN",
    },
  ]);
  const detection = {
    ...{ pid: 1, isdiffpos: 1, ra: 280.5, dec: 41.2, magpsf: 18.5 },
    ...{ sigmapsf: 0.1, corrected: false, dubious: false, has_stamp: true },
    step_id_corr: "v1",
  };
  await db.query(Detection).bulkInsert(
    Array.from({ length: 9 }, (_, n) => ({
      ...detection,
      oid: oid(0),
      candid: 516171791415015025n + BigInt(n),
      mjd: TODAY - 10 + n,
      fid: n % 3 === 0 ? 2 : 1,
    })),
  );
  await db.query(NonDetection).bulkInsert(
    [1, 2, 3].map((n) => ({
      ...{ oid: oid(0), fid: 1, mjd: TODAY - 20 + n, diffmaglim: 20.5 },
    })),
  );
}

/** Starts the API with settings, and passes its address. */
async function served(
  config: DbConfig,
  work: (address: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const settings = join(folder, "settings.ts");
    await Deno.writeTextFile(
      settings,
      `export const DB_CONFIG = ${JSON.stringify(config)};`,
    );
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", `--config=${ROOT}deno.json`],
        join(ROOT, "examples/api.ts"),
        ...["--settings_path", settings, "--port", "0"],
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = process.stdout.getReader();
    try {
      let text = "";
      while (!text.endsWith("\n")) {
        const { value } = await output.read();
        if (value === undefined) break;
        text += new TextDecoder().decode(value);
      }
      await work(text.trim());
    } finally {
      process.kill("SIGKILL");
      await output.cancel();
      await process.status;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the API answers about an object. */
interface Item {
  readonly oid: string;
  readonly detections: readonly { readonly candid: string }[];
  readonly probabilities: readonly { readonly classifier_name: string }[];
  readonly counts: { readonly non_detections: number };
}

async function read(
  address: string,
): Promise<{ status: number; items: Item[]; next?: string; error?: string }> {
  const response = await fetch(address);
  return { items: [], ...await response.json(), status: response.status };
}

async function assertAnswers(address: string): Promise<void> {
  const items: Item[] = [];
  const sizes: number[] = [];
  for (let next: string | undefined = address; next;) {
    const page = await read(next);
    assert.equal(page.status, 200, page.error ?? next);
    items.push(...page.items);
    sizes.push(page.items.length);
    next = page.next && new URL(page.next, address).href;
  }
  assert.deepEqual(sizes, [20, 20, 5]);
  assert.deepEqual(
    items.map(({ oid }) => oid),
    Array.from({ length: MATCHING }, (_, n) => oid(n)),
  );
  assert.deepEqual(items[0], {
    oid: oid(0),
    ndet: 7,
    meanra: null,
    meandec: null,
    firstmjd: null,
    lastmjd: TODAY,
    detections: [8, 7, 5, 4, 2].map((n) => ({
      candid: String(516171791415015025n + BigInt(n)),
      mjd: TODAY - 10 + n,
      magpsf: 18.5,
      sigmapsf: 0.1,
    })),
    probabilities: [
      {
        classifier_name: "lc_classifier",
        class_name: "SNIa",
        probability: 0.75,
      },
      {
        classifier_name: "stamp_classifier",
        class_name: "SN",
        probability: 0.75,
      },
    ],
    counts: { non_detections: 3 },
  });
  assert.deepEqual(items[1]?.detections, []);
  assert.deepEqual(items[1]?.counts, { non_detections: 0 });
  const one = await read(`${address}?class=AGN&ndet=7`);
  assert.deepEqual(one.items.map(({ oid }) => oid), [oid(103)]);
  const filtered = await read(
    `${address}?filter=${
      encodeURIComponent(JSON.stringify({ oid: { like: "%3" } }))
    }`,
  );
  assert.deepEqual(filtered.items.map(({ oid }) => oid), [
    ...[3, 13, 23, 33, 43].map(oid),
  ]);
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["ndet=many", /Cannot filter object: .*ndet/],
    [`filter=${encodeURIComponent('{"ndett":1}')}`, /no field "ndett".*ndet/s],
    [`filter=${encodeURIComponent('{"detections":{"any":{}}}')}`, /some/],
    ["filter=oid", /JSON/],
    ["cursor=e30", /cursor/],
    ["clas=SNIa", /clas/],
  ];
  for (const [query, message] of wrong) {
    const answer = await read(`${address}?${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(answer.error ?? "", message);
  }
  const elsewhere = await fetch(new URL("/", address));
  assert.equal(elsewhere.status, 404);
  await elsewhere.body?.cancel();
}

async function test(config: DbConfig): Promise<void> {
  const db: Connection<AlerceModels> = await connect(config);
  await fill(db);
  await db.close();
  await served(config, assertAnswers);
  await using again: Connection<AlerceModels> = await connect(config);
  await again.dropDb();
}

Deno.test("pglite: the web API pages through supernova candidates", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await test({ SQL: { ENGINE: "pglite", DB_NAME: join(folder, "alerce") } });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("postgresql: the web API pages through supernova candidates", async () => {
  await test({
    SQL: { ...postgresSettings(), ENGINE: "postgresql", SCHEMA: freshSchema() },
  });
});

Deno.test({
  name: "mongodb: the web API pages through supernova candidates",
  ignore: withoutMongo,
  fn: () =>
    test({ MONGO: { URL: mongoUrl(), DATABASE: `api_${freshSchema()}` } }),
});

Deno.test("postgresql: a query of the web API ends when its client disconnects", async () => {
  const SCHEMA = freshSchema();
  const config = {
    SQL: { ...postgresSettings(), ENGINE: "postgresql", SCHEMA },
  };
  await using db = await connect(config);
  await db.createDb();
  const holder = new pg.Client(clientConfig());
  await holder.connect();
  const waiters = (expected: number): Promise<void> =>
    untilEqual("statements that wait", async () => {
      const { rows } = await holder.query(
        "select from pg_locks where not granted and relation = $1::regclass",
        [`"${SCHEMA}"."object"`],
      );
      return rows.length;
    }, expected);
  try {
    await served(config, async (address) => {
      await holder.query("begin");
      await holder.query(
        `lock table "${SCHEMA}"."object" in access exclusive mode`,
      );
      const client = new AbortController();
      const answer = fetch(address, { signal: client.signal });
      await waiters(1);
      client.abort();
      await assert.rejects(answer, { name: "AbortError" });
      await waiters(0);
      await holder.query("rollback");
      assert.equal((await read(address)).status, 200);
    });
  } finally {
    await holder.end();
    await db.dropDb();
  }
});

Deno.test({
  name: "mongodb: a query of the web API ends when its client disconnects",
  ignore: withoutMongo,
  async fn() {
    const DATABASE = `api_${freshSchema()}`;
    const config = { MONGO: { URL: mongoUrl(), DATABASE } };
    const client = new MongoClient(mongoUrl());
    const database = client.db(DATABASE);
    /** Waits until the server runs some commands on the database, or none. */
    const running = (expected: boolean): Promise<void> =>
      untilEqual("running commands", async () => {
        const found = await client.db("admin").aggregate([
          { $currentOp: { allUsers: true } },
          { $match: { ns: { $regex: `^${DATABASE}\\.` } } },
        ]).toArray();
        return found.length > 0;
      }, expected);
    try {
      // A view that takes minutes for its row.
      await database.collection("rows").insertOne({
        oid: "a",
        class_name: "SNIa",
        ranking: 1,
        probability: 0.75,
      });
      await database.collection("object").insertOne({
        oid: "a",
        ndet: 7,
        lastmjd: TODAY,
      });
      const sleep = {
        body: "function() { sleep(100000); }",
        args: [],
        lang: "js",
      };
      await database.createCollection("probability", {
        viewOn: "rows",
        pipeline: [{ $match: { $expr: { $function: sleep } } }],
      });
      await served(config, async (address) => {
        const browser = new AbortController();
        const answer = fetch(address, { signal: browser.signal });
        await running(true);
        browser.abort();
        await assert.rejects(answer, { name: "AbortError" });
        await running(false);
      });
    } finally {
      await database.dropDatabase();
      await client.close();
    }
  },
});
