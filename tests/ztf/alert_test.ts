// Reading alerts: the peculiarities of real packets.
import { type Connection, ValidationError } from "@alerce/db-plugins";
import {
  alertFromJson,
  alertOf,
  alertRows,
  alertsFromAvro,
  ingestAlerts,
  lightcurve,
  readAlerts,
  type ZtfAlert,
} from "@alerce/db-plugins/ztf";
import {
  ALERCE_MODELS,
  AstroObject,
  Detection,
  Gaia_ztf,
  NonDetection,
  Ps1_ztf,
} from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { SMALL, testOn } from "../support/alerts.ts";
import { test } from "../support/connected.ts";
import { postgresEngine } from "../support/engines.ts";

const CANDIDATE = {
  jd: 2458270.5,
  fid: 1,
  pid: 516171791415,
  isdiffpos: "t",
  ra: 10,
  dec: 20,
  magpsf: 18,
  sigmapsf: 0.1,
  nmtchps: 3,
  objectidps1: "126551768587861466",
  neargaia: 2,
  maggaia: 15,
  rfid: 575120214,
  ranr: 10,
  decnr: 20,
  jdstartref: 2458155.5,
  jdendref: 2458186.5,
  nframesref: 20,
};

function alert(
  objectId: string,
  candid: bigint,
  candidate: object = {},
  prv_candidates: readonly object[] | null = null,
): ZtfAlert {
  return alertOf({
    objectId,
    candid,
    candidate: { ...CANDIDATE, ...candidate },
    prv_candidates,
  });
}

let shared: Promise<Connection> | undefined;

/** Runs on empty tables of ALeRCE, which all tests share. */
async function withTables(run: (db: Connection) => Promise<void>) {
  const db = await (shared ??= opened());
  // Those that refer to others first.
  for (const model of ALERCE_MODELS.toReversed()) {
    await db.query(model).deleteAll({ filterBy: {}, all: true });
  }
  await run(db);
}

async function opened(): Promise<Connection> {
  const db = await postgresEngine.open(ALERCE_MODELS);
  await db.createDb();
  return db;
}

Deno.test.afterAll(async () => {
  const db = await shared;
  await db?.dropDb();
  await db?.close();
});

/** Ingests in both orders, in one batch and in separate batches, each into new tables. */
async function inEveryOrder(
  alerts: readonly ZtfAlert[],
  check: (db: Connection) => Promise<void>,
): Promise<void> {
  for (const order of [alerts, alerts.toReversed()]) {
    for (const batchSize of [1, 500]) {
      await withTables(async (db) => {
        await ingestAlerts(db, order, { batchSize });
        await check(db);
      });
    }
  }
}

/** The problem of a packet in its error, or `none`. */
function problemOf(packet: unknown): string {
  try {
    alertRows(alertOf(packet));
  } catch (error) {
    assert.ok(error instanceof ValidationError, String(error));
    return error.rows.map(({ field, reason }) => `${field} ${reason}`).join();
  }
  return "none";
}

testOn(
  "avro/ztf_v1.8_ZTF18aazxcwf_527209780115010003.avro",
  "alerts of every schema version are equal from Avro and JSON",
  async (path) => {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const fromJson = new Map<bigint, ZtfAlert>();
    for await (const alert of readAlerts(`${folder}/../ztf_alerts.ndjson.gz`)) {
      fromJson.set(alert.candid, alert);
    }
    const versions = new Set<string>();
    let compared = 0;
    for await (const { name } of Deno.readDir(folder)) {
      const [, version = "", oid, candid] =
        /^ztf_v([\d.]+)_(\w+)_(\d+)\.avro$/.exec(name) ?? [];
      versions.add(version);
      for await (const alert of readAlerts(`${folder}/${name}`)) {
        assert.equal(alert.objectId, oid);
        assert.equal(String(alert.candid), candid);
        const rows = alertRows(alert);
        assert.equal(String(rows.detection[0]?.candid), candid);
        const other = fromJson.get(alert.candid);
        if (other === undefined) continue;
        assert.deepEqual(rows, alertRows(other));
        compared++;
      }
    }
    assert.deepEqual([...versions].sort(), [
      "1.8",
      "3.0",
      "3.1",
      "3.2",
      "3.3",
      "4.01",
    ]);
    assert.ok(compared > 0);
  },
);

testOn(
  "avro/ztf_v3.3_ZTF18aaeqjll_1184159740715015005.avro",
  "a truncated or invalid Avro container throws",
  async (path) => {
    const bytes = await Deno.readFile(path);
    for (const length of [0, 10, 3_000, bytes.length - 1]) {
      await assert.rejects(
        alertsFromAvro(bytes.subarray(0, length)),
        ValidationError,
        `${length} bytes`,
      );
    }
    await assert.rejects(
      alertsFromAvro(
        new TextEncoder().encode("this is text, not a container"),
      ),
      /packet is not a readable Avro container/,
    );
  },
);

Deno.test("a candid keeps its digits as a string, as a JSON number and as a bigint", () => {
  const candid = 516171791415015025n;
  const written = [`"${candid}"`, `${candid}`];
  for (const text of written) {
    const alert = alertFromJson(
      `{"objectId":"ZTF18aaxlzgi","candid":${text},"candidate":{}}`,
    );
    assert.equal(alert.candid, candid);
  }
  assert.match(
    problemOf({ objectId: "a", candid: Number(candid), candidate: CANDIDATE }),
    /^candid is a number beyond 2\^53/,
  );
});

Deno.test("the error for an invalid packet names the wrong field", () => {
  const good = { objectId: "a", candid: "1", candidate: CANDIDATE };
  assert.equal(problemOf(good), "none");
  const problems = {
    "packet must be an object": null,
    "objectId must be a string such as ZTF18aaxlzgi": { ...good, objectId: 3 },
    "candid must be a whole number": { ...good, candid: "12x" },
    "candidate must be an object": { ...good, candidate: [] },
    "prv_candidates must be a list of objects": {
      ...good,
      prv_candidates: "none",
    },
    "jd is required: a Julian date, in days": {
      ...good,
      candidate: { ...CANDIDATE, jd: null },
    },
    "jd must be a Julian date, in days": {
      ...good,
      candidate: { ...CANDIDATE, jd: "today" },
    },
    "ssnamenr must be a string": {
      ...good,
      candidate: { ...CANDIDATE, ssnamenr: 7 },
    },
  };
  for (const [problem, packet] of Object.entries(problems)) {
    assert.equal(problemOf(packet), problem);
  }
  assert.throws(
    () => alertFromJson('{"objectId":'),
    /packet is not valid JSON/,
  );
});

Deno.test("isdiffpos is t or 1 for brighter, f or 0 for fainter", () => {
  const sign = (isdiffpos: unknown): unknown =>
    alertRows(alert("a", 1n, { isdiffpos })).detection[0]?.isdiffpos;
  assert.deepEqual(["t", "1", 1, "f", "0", 0].map(sign), [1, 1, 1, -1, -1, -1]);
  assert.equal(
    problemOf({
      objectId: "a",
      candid: 1n,
      candidate: { ...CANDIDATE, isdiffpos: "x" },
    }),
    "isdiffpos must be t, 1, f or 0",
  );
});

Deno.test("-999 and fields missing in a schema version are null", () => {
  const { detection: [detection], ss_ztf: [nearby], ps1_ztf: [source] } =
    alertRows(
      alert("a", 1n, {
        distnr: -999,
        ssdistnr: -999,
        ssmagnr: -999,
        ssnamenr: "null",
        sgmag1: -999,
        objectidps2: -999,
        objectidps3: "-999",
        sgscore3: -999n,
      }),
    );
  assert.equal(detection?.distnr, null);
  assert.equal(detection?.drb, null);
  assert.deepEqual(nearby, {
    oid: "a",
    candid: 1n,
    ssdistnr: null,
    ssmagnr: null,
    ssnamenr: null,
  });
  assert.equal(source?.sgmag1, null);
  assert.equal(source?.objectidps2, null);
  assert.equal(source?.objectidps3, null);
  assert.equal(source?.sgscore3, null);
  assert.equal(source?.objectidps1, 126551768587861466);
});

Deno.test("an alert without Gaia fields, as in schema 1.8, has no Gaia row", () => {
  const { neargaia: _, maggaia: __, ...candidate } = CANDIDATE;
  const old = alertOf({ objectId: "a", candid: 1n, candidate });
  assert.deepEqual(alertRows(old).gaia_ztf, []);
});

Deno.test("earlier candidates become detections, or non-detections if they have no candid", () => {
  const rows = alertRows(alert("a", 3n, {}, [
    { ...CANDIDATE, candid: "2", jd: 2458200.5 },
    { jd: 2458100.5, fid: 2, diffmaglim: 20.5, candid: null },
  ]));
  assert.deepEqual(
    rows.detection.map(({ candid, mjd, has_stamp, parent_candid }) => [
      candid,
      mjd,
      has_stamp,
      parent_candid,
    ]),
    [[3n, 58270, true, null], [2n, 58200, false, 3n]],
  );
  assert.deepEqual(rows.non_detection, [
    { oid: "a", fid: 2, mjd: 58100, diffmaglim: 20.5 },
  ]);
  assert.equal(rows.dataquality.length, 1);
  assert.deepEqual(alertRows(alert("a", 3n)).non_detection, []);
});

test("a detection from its own alert wins over repetitions, of which the latest wins", () =>
  inEveryOrder([
    alert("a", 1n, { magpsf: 18.123456 }),
    alert("a", 2n, {}, [
      { ...CANDIDATE, candid: 1n, magpsf: 18.1235, magap: null },
      { ...CANDIDATE, candid: 0n, magpsf: 17.5 },
    ]),
    alert("a", 3n, {}, [{ ...CANDIDATE, candid: 0n, magpsf: 17.4 }]),
  ], async (db) => {
    const { detections } = await lightcurve(db, "a");
    assert.deepEqual(
      detections.map(({ candid, magpsf, parent_candid }) => [
        candid,
        magpsf,
        parent_candid,
      ]),
      [[0n, 17.4, 3n], [1n, 18.123456, null], [2n, 18, null], [3n, 18, null]],
    );
  }));

test("one candid can belong to two objects", () =>
  inEveryOrder([alert("a", 1n), alert("b", 1n)], async (db) => {
    assert.equal(await db.query(Detection).count(), 2);
  }));

test("of different non-detections of one visit, the deeper limit wins", () => {
  const visit = { jd: 2458100.5, fid: 2, candid: null };
  return inEveryOrder([
    alert("a", 1n, {}, [{ ...visit, diffmaglim: 20.1 }]),
    alert("a", 2n, {}, [{ ...visit, diffmaglim: 20.4 }]),
    alert("a", 3n, {}, [{ ...visit, diffmaglim: -999 }]),
  ], async (db) => {
    const rows = await db.query(NonDetection).findAll();
    assert.deepEqual(rows.map(({ diffmaglim }) => diffmaglim), [20.4]);
  });
});

test("an object is derived from all its stored detections, also across RA 0", () =>
  inEveryOrder([
    alert("a", 1n, { ra: 359.5, jd: 2458270.5, isdiffpos: "f", ncovhist: 5 }),
    alert("faint", 9n, { isdiffpos: "f" }),
    alert("a", 2n, { ra: 0.5, jd: 2458280.5, jdendhist: 2458280.5 }, [
      { ...CANDIDATE, candid: 0n, ra: 0, jd: 2458260.5 },
    ]),
  ], async (db) => {
    const found = await db.query(AstroObject).findOne({
      filterBy: { oid: "a" },
    });
    assert.ok(found);
    assert.equal(found.ndet, 3);
    assert.equal(found.firstmjd, 58260);
    assert.equal(found.lastmjd, 58280);
    assert.equal(found.deltajd, 20);
    assert.equal(found.diffpos, true);
    const faint = await db.query(AstroObject).findOne({
      filterBy: { oid: "faint" },
    });
    assert.equal(faint?.diffpos, false);
    assert.equal(found.mjdendhist, 58280);
    const { meanra, meandec } = found;
    assert.ok(Math.min(meanra ?? 180, 360 - (meanra ?? 180)) < 1e-9);
    assert.ok(Math.abs((meandec ?? 0) - 20) < 1e-3);
  }));

test("the uniqueness of sources does not depend on the order of the alerts", () =>
  inEveryOrder([
    alert("a", 1n),
    alert("a", 2n, { objectidps1: "7", maggaia: 16 }),
    alert("a", 3n),
    alert("b", 4n),
    alert("b", 5n),
  ], async (db) => {
    const sources = await db.query(Ps1_ztf).findAll({
      orderBy: { candid: "asc" },
    });
    assert.deepEqual(
      sources.map(({ unique1, unique2 }) => [unique1, unique2]),
      [[false, true], [false, true], [false, true], [true, true], [true, true]],
    );
    const gaia = await db.query(Gaia_ztf).findAll({ orderBy: { oid: "asc" } });
    assert.deepEqual(
      gaia.map(({ oid, candid, unique1 }) => [oid, candid, unique1]),
      [["a", 3n, false], ["b", 5n, true]],
    );
  }));

test("a light curve has detections and non-detections ordered by mjd", () =>
  withTables(async (db) => {
    await ingestAlerts(db, readAlerts(SMALL));
    const { detections, non_detections } = await lightcurve(
      db,
      "ZTF19aazzpje",
    );
    assert.deepEqual([detections.length, non_detections.length], [19, 16]);
    for (const rows of [detections, non_detections]) {
      const dates = rows.map(({ mjd }) => mjd);
      assert.deepEqual(dates, dates.toSorted((left, right) => left - right));
    }
    assert.deepEqual(await lightcurve(db, "ZTF00nothing"), {
      detections: [],
      non_detections: [],
    });
    await db.transaction(async (tx) => {
      assert.equal(
        (await lightcurve(tx, "ZTF19aazzpje")).detections.length,
        detections.length,
      );
    });
  }));

Deno.test("a truncated file throws", async () => {
  const folder = await Deno.makeTempDir();
  const bytes = await Deno.readFile(SMALL);
  await Deno.writeFile(`${folder}/cut.ndjson.gz`, bytes.subarray(0, 50_000));
  await assert.rejects(Array.fromAsync(readAlerts(`${folder}/cut.ndjson.gz`)));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the error for an unreadable alert has the file and the line", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/mixed.ndjson`;
  const good = '{"objectId":"a","candid":1,"candidate":{}}';
  await Deno.writeTextFile(path, `${good}\r\n\n${good}\n{"objectId":`);
  const read: ZtfAlert[] = [];
  await assert.rejects(
    async () => {
      for await (const alert of readAlerts(path)) read.push(alert);
    },
    (error) =>
      error instanceof ValidationError &&
      error.message.endsWith(`packet is not valid JSON (${path}, line 4)`) &&
      error.rows[0]?.index === 3,
  );
  assert.equal(read.length, 2);
  await Deno.remove(folder, { recursive: true });
});

test("a compressed file can have several parts, and an alert 200,000 candidates", async () => {
  const folder = await Deno.makeTempDir();
  const bytes = await Deno.readFile(SMALL);
  const path = `${folder}/twice.ndjson.gz`;
  await Deno.writeFile(path, new Uint8Array([...bytes, ...bytes]));
  assert.equal((await Array.fromAsync(readAlerts(path))).length, 156);
  await Deno.remove(folder, { recursive: true });
  const visit = { jd: 2458100.5, fid: 2, diffmaglim: 20, candid: null };
  const many = alert("a", 1n, {}, Array<object>(200_000).fill(visit));
  await withTables(async (db) => {
    const report = await ingestAlerts(db, [many]);
    assert.equal(report.non_detections, 1);
  });
});
