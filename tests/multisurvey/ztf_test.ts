// ZTF alerts give the rows of ALeRCE's pipeline in the multi-survey tables, also mixed with alerts of LSST, in any order, on every engine.
import type { AnyModel, Connection } from "@alerce/db-plugins";
import { alertFromJson as lsstAlert } from "@alerce/db-plugins/lsst";
import {
  Detection,
  ForcedPhotometry,
  MULTISURVEY_MODELS,
  ZtfDataquality,
  ZtfDetection,
  ZtfForcedPhotometry,
  ZtfGaia,
  ZtfNonDetection,
  ZtfObject,
  ZtfPs1,
  ZtfReference,
  ZtfSs,
} from "@alerce/db-plugins/models/multisurvey";
import type { EngineUnderTest } from "@alerce/db-plugins/testing";
import {
  alertFromJson,
  ingestAlerts,
  type ZtfAlert,
} from "@alerce/db-plugins/ztf";
import assert from "node:assert/strict";
import {
  mongoEngine,
  pgliteEngine,
  postgresEngine,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { assertObjects, assertRows, linesOf } from "../support/multisurvey.ts";
import { hashes } from "../support/tables.ts";

/** The tables that alerts fill. */
const MODELS = MULTISURVEY_MODELS.filter(({ table }) =>
  /^(object$|detection|forced|lsst|ztf)/.test(table)
);
const EXPECTED = "ztf_expected";
/** The rows of ALeRCE's next steps: they write the tables that one alert fills. */
const AFTER = "ztf_after_steps";

const ZTF = (await linesOf("ztf_alerts")).map((line) => alertFromJson(line));
const LSST = (await linesOf("lsst_alerts")).slice(0, 12)
  .map((line) => lsstAlert(line));
const MIXED = ZTF.flatMap((alert, index) => [alert, LSST[index] ?? alert]);

/** How each engine receives the alerts: in calls at the same time. */
const CALLS:
  readonly (readonly [EngineUnderTest, readonly (typeof MIXED)[], number])[] = [
    [postgresEngine, [[...ZTF, ...LSST], MIXED.toReversed()], 20],
    [pgliteEngine, [MIXED.toReversed()], 17],
    ...withoutMongo
      ? []
      : [[mongoEngine, [MIXED, MIXED.toReversed()], 40] as const],
  ];
const first = new Map<string, Record<string, string>>();

for (const [engine, calls, batchSize] of CALLS) {
  Deno.test({
    name:
      `${engine.name}: ZTF alerts give the expected rows beside those of LSST, in another order than on other engines`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const db = await engine.open(MODELS);
      try {
        await db.createDb();
        const options = { schema: "multisurvey", batchSize } as const;
        const reports = await Promise.all(
          calls.map((alerts) => ingestAlerts(db, alerts, options)),
        );
        const objects = reports.reduce((sum, { objects }) => sum + objects, 0);
        assert.equal(objects, 44 + 12);
        const tables = await hashes(db, MODELS);
        if (!first.has("tables")) first.set("tables", tables);
        assert.deepEqual(tables, first.get("tables"));
        if (engine !== postgresEngine) return;
        await assertExpected(db);
        await assertRejections(db);
        await assertKept(db);
      } finally {
        await db.dropDb();
        await db.close();
      }
    },
  });
}

function isZtf({ sid }: Readonly<Record<string, unknown>>): boolean {
  return sid === 0;
}

async function assertExpected(db: Connection): Promise<void> {
  for (const model of [Detection, ForcedPhotometry]) {
    await assertRows(db, model, { set: EXPECTED, only: isZtf });
  }
  for (const model of [ZtfDetection, ZtfForcedPhotometry, ZtfNonDetection]) {
    await assertRows(db, model, { set: EXPECTED });
  }
  const afterSteps: readonly AnyModel[] = [
    ZtfSs,
    ZtfPs1,
    ZtfGaia,
    ZtfReference,
  ];
  for (const model of afterSteps) await assertRows(db, model, { set: AFTER });
  // ALeRCE's reader rounds scorr to a float32.
  await assertRows(db, ZtfDataquality, { set: AFTER, without: ["scorr"] });
  assert.deepEqual(
    await assertObjects(db, { set: AFTER, sids: [0] }),
    [],
  );
  // The other columns belong to the correction step.
  await assertRows(db, ZtfObject, {
    set: AFTER,
    without: ["corrected", "stellar", "reference_change", "diffpos"],
  });
}

/** Alerts whose values are refused are set aside, and the others of their batch are written. */
async function assertRejections(db: Connection): Promise<void> {
  const good = ZTF.find(({ fp_hists = [] }) => fp_hists.length > 0);
  assert.ok(good);
  const { candidate, fp_hists: [forced] = [] } = good;
  const flux = { ...forced, forcediffimflux: 100, forcediffimfluxunc: 1 };
  const wrong: readonly (readonly [unknown, string])[] = [
    ...["ZTF18AAbcdef", "ZTF18aabcde", "ZTF18aabcdefg", "2018cow"].map((
      objectId,
    ) =>
      [
        { ...good, objectId },
        "objectId must be ZTF, two digits, and seven letters from a to z, as in ZTF18aaxlzgi",
      ] as const
    ),
    [
      { ...good, fp_hists: [{ ...flux, magzpsci: null }] },
      "magzpsci is required",
    ],
    [{ ...good, fp_hists: [{ ...flux, field: null }] }, "field is required"],
    [{ ...good, fp_hists: 7 }, "fp_hists must be a list of objects"],
    [
      { ...good, candidate: { ...candidate, jd: null } },
      "candidate.jd is required",
    ],
    [
      { ...good, prv_candidates: [{ ...candidate, fid: "g" }] },
      "prv_candidates[0].fid must be a finite number",
    ],
  ];
  const alerts = [good, ...wrong.map(([alert]) => alert)] as ZtfAlert[];
  const reasons: string[] = [];
  const report = await ingestAlerts(db, alerts, {
    schema: "multisurvey",
    onRejected({ problems: [problem] }) {
      reasons.push(`${problem?.field} ${problem?.reason}`);
    },
  });
  assert.equal(report.alerts, 1);
  assert.deepEqual(reasons, wrong.map(([, reason]) => reason));
}

/** A repeated alert keeps the values of a correction step, and a deeper limit wins. */
async function assertKept(db: Connection): Promise<void> {
  const corrections = { magpsf_corr: 18.5, corrected: true, dubious: true };
  const candid = ZTF.flatMap(({ prv_candidates }) => prv_candidates)
    .find(({ candid }) => candid !== null)?.candid;
  const filterBy = { measurement_id: BigInt(String(candid)) };
  await db.query(ZtfDetection).updateAll({ filterBy, set: corrections });
  await db.query(ZtfDetection).updateAll({
    filterBy,
    set: { parent_candid: 10n ** 18n * 9n },
  });
  const [alert] = ZTF;
  const limit = alert?.prv_candidates.find(({ candid }) => candid === null);
  assert.ok(alert && limit);
  const deeper = { ...limit, diffmaglim: 30 };
  await ingestAlerts(db, [
    ...ZTF,
    { ...alert, prv_candidates: [deeper, limit] },
  ], { schema: "multisurvey" });
  assert.deepEqual(
    await db.query(ZtfNonDetection).count({ filterBy: { diffmaglim: 30 } }),
    1,
  );
  const row = await db.query(ZtfDetection).findOne({ filterBy });
  assert.partialDeepStrictEqual(row, corrections);
  assert.ok((row?.parent_candid ?? 0n) < 10n ** 18n * 9n);
}
