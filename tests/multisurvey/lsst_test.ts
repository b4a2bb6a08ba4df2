// Alerts of LSST give the rows of ALeRCE's pipeline, in any order and with repetitions, on every engine.
import type { AnyModel, Connection } from "@alerce/db-plugins";
import type { EngineUnderTest } from "@alerce/db-plugins/testing";
import {
  alertFromJson,
  ingestAlerts,
  type LsstAlert,
} from "@alerce/db-plugins/lsst";
import {
  AstroObject,
  Detection,
  ForcedPhotometry,
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
} from "@alerce/db-plugins/models/multisurvey";
import assert from "node:assert/strict";
import {
  mongoEngine,
  pgliteEngine,
  postgresEngine,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { assertObjects, assertRows, linesOf } from "../support/multisurvey.ts";
import { hashes } from "../support/tables.ts";

const MODELS: readonly AnyModel[] = [
  ...[AstroObject, Detection, ForcedPhotometry, LsstDetection],
  ...[LsstDiaObject, LsstForcedPhotometry, LsstMpcOrbits, LsstSsDetection],
];
const EXPECTED = "lsst_expected";
const ALERTS = (await linesOf("lsst_alerts")).map((line) =>
  alertFromJson(line)
);
const SHUFFLED = [...ALERTS.slice(20), ...ALERTS.slice(0, 20)];

/** How each engine receives the alerts. */
const ORDERS: readonly (readonly [EngineUnderTest, LsstAlert[], number])[] = [
  [postgresEngine, ALERTS, 500],
  [pgliteEngine, ALERTS.toReversed(), 7],
  ...withoutMongo ? [] : [[mongoEngine, SHUFFLED, 11] as const],
];
const first = new Map<string, Record<string, string>>();

for (const [engine, alerts, batchSize] of ORDERS) {
  Deno.test({
    name:
      `${engine.name}: alerts of LSST give the expected rows, in another order than on other engines`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const db = await engine.open(MODELS);
      try {
        await db.createDb();
        const options = { schema: "multisurvey", batchSize, jobs: 2 } as const;
        assert.deepEqual(await ingestAlerts(db, alerts, options), {
          ...{ alerts: 42, objects: 41, detections: 478 },
          ...{ non_detections: 0, forced: 1_519 },
        });
        const tables = await hashes(db, MODELS);
        if (!first.has("tables")) first.set("tables", tables);
        assert.deepEqual(tables, first.get("tables"));
        if (engine !== postgresEngine) return;
        await assertExpected(db);
        await assertRejections(db);
        assert.deepEqual(await ingestAlerts(db, alerts, options), {
          ...{ alerts: 42, objects: 0, detections: 0 },
          ...{ non_detections: 0, forced: 0 },
        });
        assert.deepEqual(await hashes(db, MODELS), tables);
      } finally {
        await db.dropDb();
        await db.close();
      }
    },
  });
}

/** Alerts whose values are refused are set aside, and the others of their batch are written. */
async function assertRejections(db: Connection): Promise<void> {
  const [good] = ALERTS;
  assert.ok(good);
  const source = { ...good.diaSource };
  const withSource = (change: object): LsstAlert => ({
    ...good,
    diaSource: { ...source, ...change },
  });
  const wrong: readonly (readonly [unknown, string])[] = [
    [
      withSource({ diaObjectId: 0, ssObjectId: 0 }),
      "diaSource.diaObjectId and ssObjectId are 0 or null, so the source belongs to no object",
    ],
    [
      withSource({ diaObjectId: null, ssObjectId: null }),
      "diaSource.diaObjectId and ssObjectId are 0 or null, so the source belongs to no object",
    ],
    [
      { ...good, prvDiaSources: [source, { ...source, diaObjectId: "0" }] },
      "prvDiaSources[1].diaObjectId and ssObjectId are 0 or null, so the source belongs to no object",
    ],
    [withSource({ ra: null }), "diaSource.ra is required"],
    [withSource({ dec: NaN }), "diaSource.dec must be a finite number"],
    [withSource({ diaSourceId: null }), "diaSource.diaSourceId is required"],
    [
      withSource({ diaSourceId: 2 ** 60 }),
      "diaSource.diaSourceId is a number beyond 2^53, which has already lost digits; pass a bigint or a string",
    ],
    [
      withSource({ diaSourceId: "7", visit: null }),
      "visit is required",
    ],
    [{ ...good, diaSource: null }, "diaSource must be an object"],
    [{ ...good, prvDiaSources: 7 }, "prvDiaSources must be a list of objects"],
    [7, "alert must be an object"],
  ];
  const alerts = [good, ...wrong.map(([alert]) => alert), good] as LsstAlert[];
  const reasons: string[] = [];
  const report = await ingestAlerts(db, alerts, {
    schema: "multisurvey",
    onRejected({ index, problems: [problem] }) {
      assert.equal(index, reasons.length + 1);
      reasons.push(`${problem?.field} ${problem?.reason}`);
    },
  });
  assert.equal(report.alerts, 2);
  assert.deepEqual(reasons, wrong.map(([, reason]) => reason));
  await assert.rejects(
    ingestAlerts(db, alerts, { schema: "multisurvey" }),
    /^ValidationError: Cannot write alert row 1: diaSource.diaObjectId and ssObjectId/,
  );
  await assert.rejects(
    ingestAlerts(db, [], { schema: "alerce" } as never),
    /^QueryError: Cannot ingest alerts: schema must be/,
  );
}

async function assertExpected(db: Connection): Promise<void> {
  for (
    const model of [
      ...[Detection, ForcedPhotometry, LsstDetection],
      ...[LsstForcedPhotometry, LsstSsDetection],
    ]
  ) await assertRows(db, model, { set: EXPECTED });
  // ALeRCE stores the earliest description of an object in a batch; the latest one is kept here.
  await assertRows(db, LsstDiaObject, {
    set: EXPECTED,
    only: ({ oid }) => oid !== SEEN_TWICE,
  });
  const twice = await db.query(LsstDiaObject).findOne({
    filterBy: { oid: BigInt(SEEN_TWICE) },
  });
  assert.equal(
    twice?.validityStartMjdTai,
    Math.max(
      ...ALERTS.map(({ diaObject }) => diaObject)
        .filter((object) => String(object?.diaObjectId) === SEEN_TWICE)
        .map((object) => Number(object?.validityStartMjdTai)),
    ),
  );
  // The days were removed from the alerts of the expected rows, and the JSON is encoded twice there.
  await assertRows(db, LsstMpcOrbits, {
    set: EXPECTED,
    without: ["created_at", "updated_at", "fitting_datetime", "mpc_orb_jsonb"],
  });
  await assertOrbits(db);
  // Two objects without a description have no row there, and a solar system object is where it was seen last.
  const sources = await db.query(Detection).findAll({ filterBy: { sid: 2 } });
  const positions = new Map(sources.map(({ oid, ...row }) => [oid, row]));
  assert.deepEqual(
    await assertObjects(db, {
      set: "lsst_after_steps",
      sids: [1, 2],
      positionOf: ({ oid }) => positions.get(oid),
    }),
    ["1 170103253174321229 2 0", "1 170591547471429724 1 0"],
  );
}

/** An object that two of the alerts describe. */
const SEEN_TWICE = "170046091921195087";

/** Times in microseconds become days in UTC, 0 becomes null, and the orbit is an object. */
async function assertOrbits(db: Connection): Promise<void> {
  const orbits = await db.query(LsstMpcOrbits).findAll();
  assert.equal(orbits.length, 14);
  for (const { ssObjectId, mpc_orb_jsonb, ...orbit } of orbits) {
    const alert = ALERTS.find(({ diaSource }) =>
      String(diaSource.ssObjectId) === String(ssObjectId)
    );
    const record = alert?.mpc_orbits ?? {};
    for (
      const day of ["created_at", "updated_at", "fitting_datetime"] as const
    ) {
      const time = Number(record[day] ?? 0);
      assert.deepEqual(
        orbit[day],
        time === 0
          ? null
          : new Date(new Date(time / 1000).setUTCHours(0, 0, 0, 0)),
      );
    }
    assert.deepEqual(
      mpc_orb_jsonb,
      typeof record.mpc_orb_jsonb === "string"
        ? JSON.parse(record.mpc_orb_jsonb)
        : null,
    );
  }
}
