// The same alerts give the same tables, in any order and with repetitions.
import { type Connection, QueryError, SQLConnection } from "@alerce/db-plugins";
import {
  alertOf,
  alertRows,
  ingestAlerts,
  readAlerts,
  type ZtfAlert,
} from "@alerce/db-plugins/ztf";
import {
  ALERCE_MODELS,
  AstroObject,
  Dataquality,
  Detection,
} from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  LARGE,
  ORDERS,
  SMALL,
  testOn,
  testOnOrders,
} from "../support/alerts.ts";
import { memoryEngine } from "../memory/engine.ts";
import {
  freshSchema,
  pgliteEngine,
  postgresSettings,
} from "../support/engines.ts";
import { hashes } from "../support/tables.ts";
import { limitsOf } from "../../src/files/read/limits.ts";
import { alertsOf } from "../../src/alerts/read_alerts.ts";

const CHILD = fileURLToPath(new URL("./ingest_child.ts", import.meta.url));

/** Rows of the 2,037 alerts, counted in the file: one for each object, candidate, visit without a detection and reference image. */
const ROWS = {
  object: 1_738,
  detection: 12_198,
  non_detection: 23_871,
  dataquality: 2_037,
  ps1_ztf: 2_037,
};

function onServer(
  run: (db: Connection, settings: Record<string, unknown>) => Promise<void>,
): Promise<void> {
  const settings = { ...postgresSettings(), SCHEMA: freshSchema() };
  return withTables(new SQLConnection(), settings, (db) => run(db, settings));
}

async function withTables(
  db: SQLConnection,
  settings: unknown,
  run: (db: Connection) => Promise<void>,
): Promise<void> {
  await db.connect(settings);
  try {
    await db.createDb();
    await run(db);
  } finally {
    await db.dropDb();
    await db.close();
  }
}

testOn(
  LARGE,
  "real alerts give as many rows as the file has, and the same tables twice",
  async (path) => {
    const alerts = await Array.fromAsync(readAlerts(path));
    await onServer(async (db) => {
      await ingestAlerts(db, alerts);
      const once = await hashes(db, ALERCE_MODELS);
      for (const [table, rows] of Object.entries(ROWS)) {
        assert.match(once[table] ?? "", new RegExp(`^${rows} rows`), table);
      }
      const again = await ingestAlerts(db, alerts);
      assert.deepEqual(again, {
        alerts: 2_037,
        objects: 0,
        detections: 0,
        non_detections: 0,
      });
      assert.deepEqual(await hashes(db, ALERCE_MODELS), once, "twice");
    });
  },
);

testOnOrders(
  "real alerts give equal tables forwards, backwards, shuffled and from concurrent processes",
  async ({ path, rows }) => {
    const alerts = await Array.fromAsync(readAlerts(path));
    let forwards: Record<string, string> = {};
    await onServer(async (db) => {
      assert.deepEqual(await ingestAlerts(db, alerts), rows);
      forwards = await hashes(db, ALERCE_MODELS);
    });
    const others = {
      backwards: (db: Connection) => ingestAlerts(db, alerts.toReversed()),
      shuffled: (db: Connection) =>
        ingestAlerts(db, shuffled(alerts), { batchSize: 97 }),
      "three batches at a time": (db: Connection) =>
        ingestAlerts(db, shuffled(alerts), { batchSize: 50, jobs: 3 }),
    };
    for (const [order, ingest] of Object.entries(others)) {
      await onServer(async (db) => {
        await ingest(db);
        assert.deepEqual(await hashes(db, ALERCE_MODELS), forwards, order);
      });
    }
    await onServer(async (db, settings) => {
      await Promise.all(
        ORDERS.map((order) => inProcess(settings, path, order)),
      );
      assert.deepEqual(
        await hashes(db, ALERCE_MODELS),
        forwards,
        `${ORDERS.length} processes`,
      );
    });
    const embedded = await pgliteEngine.open(ALERCE_MODELS);
    await embedded.createDb();
    await ingestAlerts(embedded, shuffled(alerts));
    assert.deepEqual(
      await hashes(embedded, ALERCE_MODELS),
      forwards,
      "embedded",
    );
    await embedded.dropDb();
  },
);

Deno.test("a repeated alert keeps the values of a correction step", async () => {
  const alerts = await Array.fromAsync(readAlerts(SMALL));
  await onServer(async (db) => {
    await ingestAlerts(db, alerts);
    await db.query(Detection).updateAll({
      filterBy: { oid: "ZTF19aazzpje" },
      set: {
        corrected: true,
        dubious: true,
        magpsf_corr: 18.5,
        sigmapsf_corr: 0.1,
        sigmapsf_corr_ext: 0.2,
        step_id_corr: "v1.0.0",
      },
    });
    await db.query(AstroObject).updateAll({
      filterBy: { oid: "ZTF19aazzpje" },
      set: { g_r_max: 0.25 },
    });
    const before = await hashes(db, ALERCE_MODELS);
    await ingestAlerts(db, alerts.toReversed());
    assert.deepEqual(await hashes(db, ALERCE_MODELS), before);
  });
});

Deno.test("objects are derived from all stored detections, also if there was no object, or an object without detections", async () => {
  const [alert] = await Array.fromAsync(readAlerts(SMALL));
  assert.ok(alert);
  const { detection: [own], object: [object] } = alertRows(alert);
  assert.ok(own && object);
  const { oid } = own;
  const expected = async (stored: readonly object[]): Promise<void> => {
    await using db = await memoryEngine.open([...ALERCE_MODELS]);
    await db.createDb();
    if (stored.includes(object)) {
      await db.query(AstroObject).bulkInsert([object]);
    }
    if (stored.includes(earlier)) {
      await db.query(Detection).bulkInsert([earlier]);
    }
    await ingestAlerts(db, [alert]);
    const detections = await db.query(Detection).findAll({
      filterBy: { oid },
      orderBy: { mjd: "asc" },
    });
    const found = await db.query(AstroObject).findOne({ filterBy: { oid } });
    assert.deepEqual(
      [found?.ndet, found?.firstmjd, found?.lastmjd],
      [detections.length, detections[0]?.mjd, detections.at(-1)?.mjd],
    );
  };
  const earlier = { ...own, candid: 1n, mjd: own.mjd - 1_000 };
  await expected([]);
  await expected([object]);
  await expected([earlier]);
  await expected([object, earlier]);
});

Deno.test("the error for an invalid alert has its index, and its batch is not written", async () => {
  const alerts = (await Array.fromAsync(readAlerts(SMALL))).slice(0, 25);
  const broken = alerts.with(17, {
    ...alertAt(alerts, 17),
    candidate: { ...alertAt(alerts, 17).candidate, isdiffpos: "maybe" },
  });
  await onServer(async (db) => {
    await assert.rejects(ingestAlerts(db, broken, { batchSize: 10 }), {
      name: "ValidationError",
      message:
        "Cannot write alert row 17: isdiffpos must be t, 1, f or 0. The first 10 alerts are stored and stay; you can ingest them again",
      outcome: "unknown",
    });
    const oids = new Set(alerts.slice(0, 10).map(({ objectId }) => objectId));
    assert.equal(await db.query(AstroObject).count(), oids.size);
  });
});

Deno.test("the error for an invalid row has the index of its alert", async () => {
  const alerts = (await Array.fromAsync(readAlerts(SMALL))).slice(0, 25);
  const broken = alerts.with(17, {
    ...alertAt(alerts, 17),
    candidate: { ...alertAt(alerts, 17).candidate, ra: Infinity },
  });
  await onServer(async (db) => {
    await assert.rejects(
      ingestAlerts(db, broken, { batchSize: 10 }),
      /^ValidationError: Cannot write detection row 17: ra is Infinity/,
    );
    for (const batchSize of [0, -1, 0.5, NaN]) {
      await assert.rejects(ingestAlerts(db, alerts, { batchSize }), QueryError);
    }
  });
});

Deno.test("onRejected receives alerts whose values are refused, and the others of their batch are written", async () => {
  const alerts = (await Array.fromAsync(readAlerts(SMALL))).slice(0, 25);
  const withCandidate = (index: number, change: object): ZtfAlert => ({
    ...alertAt(alerts, index),
    candidate: { ...alertAt(alerts, index).candidate, ...change },
  });
  const bad = alerts
    .with(17, withCandidate(17, { isdiffpos: "maybe" }))
    .with(14, withCandidate(14, { ra: Infinity }))
    .with(3, withCandidate(3, { ra: Infinity }));
  await onServer(async (db) => {
    const events: unknown[] = [];
    const report = await ingestAlerts(db, bad, {
      batchSize: 10,
      onRejected: async ({ index, alert, problems }) => {
        await Promise.resolve();
        assert.equal(alert, bad[index]);
        events.push([index, problems[0]?.field]);
      },
      onBatch: ({ alerts }) => events.push(alerts),
    });
    assert.deepEqual(events, [
      ...[[3, "ra"], 9, [14, "ra"], [17, "isdiffpos"], 17, 22],
    ]);
    assert.equal(report.alerts, 22);
    const good = bad.filter((_, index) => ![3, 14, 17].includes(index));
    assert.deepEqual(await ingestAlerts(db, good), {
      ...{ alerts: 22, objects: 0, detections: 0, non_detections: 0 },
    });
    await assert.rejects(
      ingestAlerts(db, bad, { onRejected: "log" } as object),
      /onRejected must be a function/,
    );
    await assert.rejects(
      ingestAlerts(db, bad, { onReject: () => {} } as object),
      /Cannot ingest alerts: it has no option onReject; did you mean onRejected\?/,
    );
  });
});

Deno.test("the error of one of several batches at a time ends the ingest, and says how many alerts are stored", async () => {
  const alerts = await Array.fromAsync(readAlerts(SMALL));
  const at = 60;
  const broken = alerts.with(at, {
    ...alertAt(alerts, at),
    candidate: { ...alertAt(alerts, at).candidate, ra: Infinity },
  });
  await onServer(async (db) => {
    let stored = 0;
    const onBatch = ({ alerts }: { alerts: number }) => stored = alerts;
    const options = { batchSize: 5, jobs: 2, onBatch };
    await assert.rejects(ingestAlerts(db, broken, options), (error: Error) => {
      assert.ok(error.message.startsWith(
        "Cannot write detection row 60: ra is Infinity",
      ));
      assert.ok(error.message.endsWith(
        `${stored} of the alerts are stored and stay; you can ingest all of them again`,
      ));
      return true;
    });
    assert.ok(stored > 0);
    assert.equal(await db.query(Dataquality).count(), stored);
  });
});

Deno.test("several batches at a time share one connection", async () => {
  const alerts = await Array.fromAsync(readAlerts(SMALL));
  const settings = { ...postgresSettings(), SCHEMA: freshSchema() };
  await withTables(
    new SQLConnection(),
    { ...settings, POOL_SIZE: 1 },
    async (db) => {
      const totals: number[] = [];
      const options = { batchSize: 10, jobs: 3 };
      await ingestAlerts(db, alerts, {
        ...options,
        onBatch: ({ alerts }) => totals.push(alerts),
      });
      assert.deepEqual(totals, totals.toSorted((one, other) => one - other));
      assert.equal(totals.at(-1), 78);
      assert.deepEqual(await ingestAlerts(db, alerts, options), {
        ...{ alerts: 78, objects: 0, detections: 0, non_detections: 0 },
      });
      for (const jobs of [0, 1.5, NaN]) {
        await assert.rejects(
          ingestAlerts(db, alerts, { jobs }),
          /jobs must be a whole number, 1 or greater/,
        );
      }
    },
  );
});

Deno.test("what is no alert is a rejected alert that says why", async () => {
  const [good] = await Array.fromAsync(readAlerts(SMALL));
  assert.ok(good);
  const { candidate } = good;
  const [previous = {}] = good.prv_candidates;
  const wrong: readonly (readonly [unknown, string, RegExp])[] = [
    ...[null, undefined, 7, "alert", [], [good], true].map((alert) =>
      [alert, "alert", /must be an object/] as const
    ),
    [{}, "objectId", /must be a string/],
    [{ ...good, objectId: 7 }, "objectId", /must be a string/],
    [{ ...good, candid: "ZTF" }, "candid", /must be a whole number/],
    [{ ...good, candid: undefined }, "candid", /must be a whole number/],
    ...[undefined, null, 7, [candidate]].map((candidate) =>
      [{ ...good, candidate }, "candidate", /must be an object/] as const
    ),
    ...[7, "none", {}, [null], [[previous]]].map((prv_candidates) =>
      [
        { ...good, prv_candidates },
        "prv_candidates",
        /must be a list of objects/,
      ] as const
    ),
    [{ ...good, candidate: {} }, "jd", /is required/],
    ...[{}, [], "bright", true].map((magpsf) =>
      [
        { ...good, candidate: { ...candidate, magpsf } },
        "magpsf",
        /must be a number/,
      ] as const
    ),
    [
      { ...good, candidate: { ...candidate, magpsf: `0.${"0".repeat(330)}1` } },
      "magpsf",
      /too small for float64/,
    ],
    [
      { ...good, prv_candidates: [{ ...candidate, candid: 1n, fid: "r" }] },
      "fid",
      /must be/,
    ],
  ];
  const alerts = [good, ...wrong.map(([alert]) => alert)] as ZtfAlert[];
  await onServer(async (db) => {
    const reasons = new Map<number, string>();
    const report = await ingestAlerts(db, alerts, {
      onRejected({ index, alert, problems }) {
        assert.equal(alert, alerts[index]);
        reasons.set(
          index,
          problems.map(({ field, reason }) => `${field} ${reason}`).join("; "),
        );
      },
    });
    assert.equal(report.alerts, 1);
    for (const [at, [, field, reason]] of wrong.entries()) {
      const text = reasons.get(at + 1) ?? "not rejected";
      assert.equal(text.split(" ")[0], field, `${at}: ${text}`);
      assert.match(text, reason);
    }
    await assert.rejects(ingestAlerts(db, alerts.slice(0, 2)), {
      name: "ValidationError",
      message: /must be an object/,
    });
  });
});

Deno.test("the error of a batch ends an ingest that waits for alerts, and a batch outlasts the error of its source", async () => {
  const alerts = (await Array.fromAsync(readAlerts(SMALL))).slice(0, 4);
  const bad = alerts.with(3, {
    ...alertAt(alerts, 3),
    candidate: { ...alertAt(alerts, 3).candidate, ra: Infinity },
  });
  async function* then(
    given: readonly ZtfAlert[],
    next: () => Promise<ZtfAlert>,
  ): AsyncGenerator<ZtfAlert> {
    yield* given;
    yield await next();
  }
  await onServer(async (db) => {
    const batchSize = alerts.length;
    const silent = () => new Promise<never>(() => {});
    await assert.rejects(
      ingestAlerts(db, then(bad, silent), { batchSize }),
      /row 3: ra is Infinity/,
    );
    assert.equal(await db.query(AstroObject).count(), 0);
    const lost = new Error("the source is lost");
    await assert.rejects(
      ingestAlerts(db, then(alerts, () => Promise.reject(lost)), { batchSize }),
      /^Error: the source is lost/,
    );
    const oids = new Set(alerts.map(({ objectId }) => objectId));
    assert.equal(await db.query(AstroObject).count(), oids.size);
  });
});

Deno.test("of 10,000 rejected alerts, only those of two batches are kept", async () => {
  const [alert] = await Array.fromAsync(readAlerts(SMALL));
  assert.ok(alert);
  const broken = {
    ...alert,
    candidate: { ...alert.candidate, isdiffpos: "maybe" },
  };
  let [read, rejected, most] = [0, 0, 0];
  async function* alerts(): AsyncGenerator<ZtfAlert> {
    for (; read < 10_000; read++) {
      most = Math.max(most, read - rejected);
      yield await Promise.resolve(broken);
    }
  }
  await onServer(async (db) => {
    const report = await ingestAlerts(db, alerts(), {
      batchSize: 100,
      onRejected: async () => {
        await Promise.resolve();
        rejected++;
      },
    });
    assert.deepEqual([report.alerts, rejected, most <= 200], [0, 10_000, true]);
  });
  const file = await Deno.makeTempFile({ suffix: ".ndjson" });
  try {
    await Deno.writeTextFile(file, "{\n".repeat(10_000));
    let [waiting, lines] = [0, 0];
    const unreadable = alertsOf(
      file,
      limitsOf("readAlerts", {}),
      alertOf,
      async () => {
        assert.equal(++waiting, 1);
        await Promise.resolve();
        waiting--;
        lines++;
      },
    );
    assert.deepEqual(await Array.fromAsync(unreadable), []);
    assert.equal(lines, 10_000);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("onBatch is called after each batch", async () => {
  const alerts = await Array.fromAsync(readAlerts(SMALL));
  await onServer(async (db) => {
    const totals: number[] = [];
    await ingestAlerts(db, alerts, {
      batchSize: 30,
      onBatch: ({ alerts }) => totals.push(alerts),
    });
    assert.deepEqual(totals, [30, 60, 78]);
  });
});

async function inProcess(
  settings: Record<string, unknown>,
  path: string,
  order: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", CHILD, path, order],
    env: { DBP_TEST_SETTINGS: JSON.stringify(settings) },
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

function alertAt(alerts: readonly ZtfAlert[], index: number): ZtfAlert {
  const alert = alerts[index];
  assert.ok(alert);
  return alert;
}

/** A fixed shuffled order: by the last digits of the candid. */
function shuffled(alerts: readonly ZtfAlert[]): ZtfAlert[] {
  const key = ({ candid }: ZtfAlert): string =>
    [...String(candid * 2654435761n)].reverse().join("");
  return alerts.toSorted((left, right) => key(left) < key(right) ? -1 : 1);
}
