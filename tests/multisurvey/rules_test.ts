// What decides between copies of a row: the same for alerts one by one, in the opposite order, and in one batch.
import type { AnyModel, Connection } from "@alerce/db-plugins";
import {
  AstroObject,
  Detection,
  ForcedPhotometry,
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
  MULTISURVEY_MODELS,
  ZtfDetection,
  ZtfForcedPhotometry,
  ZtfGaia,
  ZtfNonDetection,
  ZtfObject,
  ZtfReference,
} from "@alerce/db-plugins/models/multisurvey";
import {
  alertFromJson as lsstAlert,
  type LsstAlert,
} from "@alerce/db-plugins/lsst";
import {
  alertFromJson,
  ingestAlerts,
  type ZtfAlert,
  ztfOid,
} from "@alerce/db-plugins/ztf";
import assert from "node:assert/strict";
import { postgresEngine } from "../support/engines.ts";
import { linesOf } from "../support/multisurvey.ts";

/** The tables that alerts fill. */
const MODELS = MULTISURVEY_MODELS.filter(({ table }) =>
  /^(object$|detection|forced|lsst|ztf)/.test(table)
);
type Values = Readonly<Record<string, unknown>>;
type Alert = LsstAlert | ZtfAlert;

const LSST = (await linesOf("lsst_alerts")).map((line) => lsstAlert(line));
const DIA = LSST.find(({ diaObject, prvDiaForcedSources: [forced] }) =>
  diaObject !== null && forced !== undefined
);
const MOVING = LSST.find(({ mpc_orbits }) => mpc_orbits !== null);
const ZTF = (await linesOf("ztf_alerts")).map((line) => alertFromJson(line))
  .find(({ fp_hists = [] }) => fp_hists.length > 0);
assert.ok(DIA && MOVING && ZTF);
const { diaSource, diaObject, prvDiaForcedSources: [diaForced = {}] } = DIA;
const { mpc_orbits } = MOVING;
const { candidate, fp_hists: [forced = {}] = [] } = ZTF;

/** Returns a source of LSST; that of a solar system object has `ssObjectId`. */
function source(diaSourceId: number, values: Values): Values {
  return {
    ...diaSource,
    ...{ diaObjectId: 0, ssObjectId: 0, diaSourceId },
    ...{ midpointMjdTai: 61000, ra: 10, dec: 0, raErr: null, decErr: null },
    ...values,
  };
}

/** Returns an alert of LSST. */
function lsst(own: Values, parts: Partial<LsstAlert> = {}): LsstAlert {
  return {
    ...{ diaSourceId: BigInt(Number(own.diaSourceId)), diaSource: own },
    ...{ prvDiaSources: [], prvDiaForcedSources: [] },
    ...{ diaObject: null, ssSource: null, mpc_orbits: null, hasStamp: true },
    ...parts,
  };
}

/** Returns an alert of ZTF. */
function ztf(
  objectId: string,
  candid: number,
  values: Values = {},
  parts: Partial<ZtfAlert> = {},
): ZtfAlert {
  return {
    ...{ objectId, candid: BigInt(candid), schemavsn: "4.02" },
    candidate: { ...candidate, jd: 2_459_000.5 + candid, ...values },
    ...{ prv_candidates: [], fp_hists: [], ...parts },
  };
}

/** A rule: alerts, and what their rows have, by model and key. */
interface Rule {
  readonly name: string;
  readonly alerts: readonly Alert[];
  readonly rows: readonly (readonly [AnyModel, key: Values, Values | null])[];
}

const orbit = (days: number, values: Values): Values => ({
  ...mpc_orbits,
  ...{ updated_at: days * 86_400_000_000, epoch_mjd: 1, arc_length_total: 1 },
  ...values,
});
/** A point of forced photometry of ZTF. */
const point = (pid: number, values: Values = {}): Values => ({
  ...forced,
  ...{ pid, forcediffimflux: 100, forcediffimfluxunc: 1 },
  ...values,
});
const limit = (band: number, diffmaglim: number): Values => ({
  ...{ jd: 2_459_000.5, fid: band, candid: null, diffmaglim },
});
const SHARED = ztfOid("ZTF18aaaaaaa");

const RULES: readonly Rule[] = [
  {
    name:
      "a moving object is where it was seen last, of two times the same by the greater identifier",
    alerts: [
      lsst(source(13, { ssObjectId: 901, midpointMjdTai: 61001, ra: 30 })),
      lsst(source(11, { ssObjectId: 901, ra: 5 })),
      lsst(source(12, { ssObjectId: 901, midpointMjdTai: 61001, ra: 20 })),
    ],
    rows: [[AstroObject, { oid: 901n, sid: 2 }, {
      ...{ meanra: 30, meandec: 0, firstmjd: 61000, lastmjd: 61001 },
      ...{ deltamjd: 1, n_det: 3, n_forced: 0, n_non_det: 0, tid: 1 },
    }]],
  },
  {
    name: "a source with both identifiers belongs to its DIA object",
    alerts: [
      lsst(source(21, { diaObjectId: 902, ssObjectId: 9020 }), {
        // As files of columns say that there is none.
        ssSource: { diaSourceId: null, ssObjectId: null },
      }),
    ],
    rows: [
      [LsstSsDetection, { measurement_id: 21n }, null],
      [Detection, { measurement_id: 21n }, { oid: 902n, sid: 1 }],
      [AstroObject, { oid: 9020n, sid: 2 }, null],
    ],
  },
  {
    name:
      "an own source wins over copies, and of copies the one processed last",
    alerts: [
      lsst(
        source(31, { diaObjectId: 903, psfFlux: 5, timeProcessedMjdTai: 5 }),
      ),
      lsst(source(32, { diaObjectId: 903 }), {
        prvDiaSources: [
          source(31, { diaObjectId: 903, psfFlux: 9, timeProcessedMjdTai: 9 }),
          source(33, { diaObjectId: 903, psfFlux: 7, timeProcessedMjdTai: 7 }),
        ],
        prvDiaForcedSources: [
          {
            ...diaForced,
            diaForcedSourceId: 41,
            diaObjectId: 903,
            psfFlux: 7,
            timeProcessedMjdTai: 7,
          },
        ],
      }),
      lsst(source(34, { diaObjectId: 903 }), {
        prvDiaSources: [
          source(33, { diaObjectId: 903, psfFlux: 8, timeProcessedMjdTai: 8 }),
        ],
        prvDiaForcedSources: [
          {
            ...diaForced,
            diaForcedSourceId: 41,
            diaObjectId: 903,
            psfFlux: 8,
            timeProcessedMjdTai: 8,
          },
        ],
      }),
    ],
    rows: [
      [LsstDetection, { measurement_id: 31n }, { psfFlux: 5, has_stamp: true }],
      [LsstDetection, { measurement_id: 33n }, {
        psfFlux: 8,
        has_stamp: false,
      }],
      [LsstForcedPhotometry, { measurement_id: 41n }, { psfFlux: 8 }],
      [AstroObject, { oid: 903n }, { n_det: 4, n_forced: 1 }],
    ],
  },
  {
    name:
      "the latest description of an object wins, of equal ones that of more sources",
    alerts: ([[100, 1], [100, 2], [99, 9]] as const).map(([start, count]) =>
      lsst(source(50 + count, { diaObjectId: 904 }), {
        diaObject: {
          ...diaObject,
          diaObjectId: 904,
          validityStartMjdTai: start,
          nDiaSources: count,
        },
      })
    ),
    rows: [[LsstDiaObject, { oid: 904n }, { nDiaSources: 2 }]],
  },
  {
    name: "the latest orbit wins: by its update, its epoch, and its arc",
    alerts: [
      [905, orbit(2, { h: 1 })],
      [905, orbit(1, { h: 2, epoch_mjd: 9, arc_length_total: 9 })],
      [906, orbit(1, { h: 1, epoch_mjd: 2 })],
      [906, orbit(1, { h: 2, arc_length_total: 9 })],
      [907, orbit(1, { h: 1, arc_length_total: 2 })],
      [907, orbit(1, { h: 2 })],
      [0, orbit(1, { h: 1 })],
    ].map(([ssObjectId, mpc_orbits], index) =>
      lsst(source(60 + index, { diaObjectId: 908, ssObjectId }), {
        mpc_orbits: mpc_orbits as Values,
        diaObject: { ...diaObject, diaObjectId: 0 },
      })
    ),
    rows: [
      [LsstMpcOrbits, { ssObjectId: 905n }, { h: 1 }],
      [LsstMpcOrbits, { ssObjectId: 906n }, { h: 1 }],
      [LsstMpcOrbits, { ssObjectId: 907n }, { h: 1 }],
      [LsstMpcOrbits, { ssObjectId: 0n }, null],
      [LsstDiaObject, { oid: 0n }, null],
    ],
  },
  {
    name: "objects with equal numbers are apart",
    alerts: [
      ztf("ZTF18aaaaaaa", 71, {}, { fp_hists: [point(72)] }),
      lsst(source(71, { diaObjectId: SHARED }), {
        prvDiaForcedSources: [
          { ...diaForced, diaForcedSourceId: 72, diaObjectId: SHARED },
        ],
      }),
      lsst(source(71, { ssObjectId: SHARED })),
    ],
    rows: [0, 1, 2].flatMap((sid) =>
      [
        [AstroObject, { oid: SHARED, sid }, {
          n_det: 1,
          n_forced: sid === 2 ? 0 : 1,
        }],
        [Detection, { oid: SHARED, sid }, { measurement_id: 71n }],
      ] as const
    ),
  },
  {
    name: "each axis of a mean position has weights of its own",
    alerts: [
      lsst(source(81, { diaObjectId: 910, raErr: 0.1, decErr: 0.2 })),
      lsst(source(82, {
        ...{ diaObjectId: 910, midpointMjdTai: 61001, ra: 10.001, dec: 0.001 },
        ...{ raErr: 0.2, decErr: 0.1 },
      })),
    ],
    rows: [[AstroObject, { oid: 910n }, { meanra: 10.0002, meandec: 0.0008 }]],
  },
  {
    name: "a position without an uncertainty has one of 0.01",
    alerts: [
      lsst(source(88, { diaObjectId: 913 })),
      lsst(source(89, { diaObjectId: 913, ra: 10.002, raErr: 0.01 })),
    ],
    rows: [[AstroObject, { oid: 913n }, { meanra: 10.001 }]],
  },
  {
    name:
      "positions meet across 0 degrees, and one on the other half of the sky is left out",
    alerts: [
      lsst(source(83, { diaObjectId: 911, ra: 359.999 })),
      lsst(source(84, { diaObjectId: 911, midpointMjdTai: 61001, ra: 0.002 })),
      lsst(source(85, { diaObjectId: 911, midpointMjdTai: 61002, ra: 180 })),
      lsst(source(86, { diaObjectId: 912, ra: 0.001 })),
      lsst(
        source(87, { diaObjectId: 912, midpointMjdTai: 61001, ra: 359.998 }),
      ),
    ],
    rows: [
      [AstroObject, { oid: 911n }, { meanra: 0.0005, meandec: 0 }],
      [AstroObject, { oid: 912n }, { meanra: 359.9995, meandec: 0 }],
    ],
  },
  {
    name:
      "an own candidate wins over copies, and of copies that of the smallest candid",
    alerts: [
      ztf("ZTF18aaaaaae", 121, { magpsf: 18, drb: 0.5 }),
      ztf("ZTF18aaaaaae", 122, {}, {
        prv_candidates: [
          { ...candidate, candid: 121, magpsf: 19 },
          { ...candidate, candid: 120, magpsf: 20, drb: 0.5 },
        ],
      }),
      ztf("ZTF18aaaaaae", 123, {}, {
        prv_candidates: [{ ...candidate, candid: 120, magpsf: 21 }],
      }),
    ],
    rows: [
      [ZtfDetection, { measurement_id: 121n }, {
        ...{ magpsf: 18, drb: 0.5, parent_candid: null, has_stamp: true },
      }],
      [ZtfDetection, { measurement_id: 120n }, {
        ...{ magpsf: 20, drb: null, parent_candid: 122n, has_stamp: false },
      }],
    ],
  },
  {
    name: "forced photometry is that of the smallest candid",
    alerts: [94, 93, 95].map((candid) =>
      ztf("ZTF18aaaaaab", candid, { ra: candid }, {
        fp_hists: [
          point(90, { exptime: candid }),
          point(91, { forcediffimflux: -99999.5 }),
          point(92, { forcediffimfluxunc: -99998.5 }),
          point(93, { forcediffimfluxunc: null }),
          point(94, { forcediffimflux: 0 }),
        ],
      })
    ),
    rows: [
      [ZtfForcedPhotometry, { oid: ztfOid("ZTF18aaaaaab") }, {
        ...{ measurement_id: 90n, parent_candid: 93n, exptime: 93 },
      }],
      [AstroObject, { oid: ztfOid("ZTF18aaaaaab") }, { n_forced: 1, n_det: 3 }],
    ],
  },
  {
    name:
      "of limits that are stored as equal ones, the one of the greater band wins",
    alerts: [[101, 2, 20.3], [102, 1, 20.30000001], [103, 3, 20.2]].map((
      [candid = 0, band = 0, depth = 0],
    ) =>
      ztf("ZTF18aaaaaac", candid, {}, { prv_candidates: [limit(band, depth)] })
    ),
    rows: [
      [ZtfNonDetection, { oid: ztfOid("ZTF18aaaaaac") }, {
        ...{ band: 2, diffmaglim: Math.fround(20.3) },
      }],
      [AstroObject, { oid: ztfOid("ZTF18aaaaaac") }, { n_non_det: 1 }],
    ],
  },
  {
    name: "the latest alert decides the rows of which an object has one",
    alerts: [112, 113, 111].map((candid) =>
      ztf("ZTF18aaaaaad", candid, {
        ...{ maggaia: candid, rfid: 1, magnr: candid, ndethist: candid },
        ...{ ncovhist: 200, jdendhist: 2_459_000.5 + candid },
      })
    ),
    rows: [
      [ZtfGaia, { oid: ztfOid("ZTF18aaaaaad") }, { maggaia: 113 }],
      [ZtfReference, { oid: ztfOid("ZTF18aaaaaad") }, { magnr: 113 }],
      [ZtfObject, { oid: ztfOid("ZTF18aaaaaad") }, {
        ...{ ndethist: 113, mjdendhist: 59_113 },
      }],
    ],
  },
];

/** The first alert of each rule, then the second one of each, and so on. */
const ROUNDS = Array.from(
  { length: Math.max(...RULES.map(({ alerts }) => alerts.length)) },
  (_, round) => RULES.flatMap(({ alerts }) => alerts[round] ?? []),
);
/** How the alerts arrive: in transactions. */
const WAYS: readonly (readonly [string, readonly (readonly Alert[])[]])[] = [
  ["one after the other", ROUNDS],
  ["in the opposite order", ROUNDS.toReversed()],
  ["in one batch", [ROUNDS.flat()]],
];

Deno.test("rules decide between copies of a row, in any order and any batch", async (test) => {
  const db = await postgresEngine.open(MODELS);
  try {
    const objects: unknown[] = [];
    for (const [way, batches] of WAYS) {
      await db.createDb();
      for (const alerts of batches) {
        await ingestAlerts(db, alerts, { schema: "multisurvey" });
      }
      const stored = new Map<AnyModel, readonly object[]>();
      for (const model of new Set(RULES.flatMap(modelsOf))) {
        stored.set(model, await db.query(model).findAll());
      }
      for (const { name, rows } of RULES) {
        await test.step(`${way}: ${name}`, () => {
          for (const [model, key, expected] of rows) {
            assertRow(model, stored.get(model) ?? [], key, expected);
          }
        });
      }
      const orderBy = { oid: "asc", sid: "asc" } as const;
      objects.push(await db.query(AstroObject).findAll({ orderBy }));
      if (objects.length < WAYS.length) await db.dropDb();
    }
    // To the bit.
    assert.deepEqual(objects[1], objects[0]);
    assert.deepEqual(objects[2], objects[0]);
    await test.step("a better copy keeps corrections and the day of the insert", () =>
      assertKept(db));
  } finally {
    await db.dropDb();
    await db.close();
  }
});

function modelsOf({ rows }: Rule): AnyModel[] {
  return rows.map(([model]) => model);
}

/** Asserts that one row has these values, numbers to the last digits; or that there is none. */
function assertRow(
  model: AnyModel,
  rows: readonly object[],
  key: Values,
  expected: Values | null,
): void {
  const found = rows.filter((row) =>
    Object.entries(key).every(([name, value]) =>
      Reflect.get(row, name) === value
    )
  );
  assert.equal(found.length, expected === null ? 0 : 1, model.table);
  for (const [name, value] of Object.entries(expected ?? {})) {
    const stored: unknown = Reflect.get(found[0] ?? {}, name);
    if (typeof value === "number" && typeof stored === "number") {
      assert.ok(
        Math.abs(stored - value) < 1e-9,
        `${name} is ${stored}, not ${value}`,
      );
    } else assert.equal(stored, value, name);
  }
}

async function assertKept(db: Connection): Promise<void> {
  const filterBy = { oid: ztfOid("ZTF18aaaaaab"), measurement_id: 90n };
  const created_date = new Date("2020-01-01");
  const kept = {
    ...{ mag_corr: 18.5, e_mag_corr: 0.5, e_mag_corr_ext: 0.25, created_date },
    ...{ corrected: true, dubious: true },
  };
  await db.query(ForcedPhotometry).updateAll({
    filterBy,
    set: { created_date },
  });
  await db.query(ZtfForcedPhotometry).updateAll({ filterBy, set: kept });
  await ingestAlerts(db, [
    ztf("ZTF18aaaaaab", 92, {}, { fp_hists: [point(90)] }),
  ], { schema: "multisurvey" });
  const row = await db.query(ZtfForcedPhotometry).findOne({ filterBy });
  assert.partialDeepStrictEqual(row, { ...kept, parent_candid: 92n });
  const common = await db.query(ForcedPhotometry).findOne({ filterBy });
  assert.deepEqual(common?.created_date, created_date);
}
