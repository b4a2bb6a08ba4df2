// Spans and metrics of calls, as an SDK of OpenTelemetry receives them.
import {
  connect,
  type Connection,
  DuplicateKeyError,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { Place, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import { context, metrics, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import assert from "node:assert/strict";
import { stars, test } from "../support/connected.ts";
import {
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { memory } from "../memory/engine.ts";

const SECRET = "hunter2-s3cret";

const spans = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({
  exporter: measured,
  exportIntervalMillis: 2 ** 30,
});

Deno.test.beforeAll(() => {
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(spans)],
    }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});

Deno.test.afterAll(async () => {
  await reader.shutdown();
  trace.disable();
  metrics.disable();
  context.disable();
});

/** Returns the spans that a call creates. */
async function spansOf(call: () => Promise<unknown>): Promise<ReadableSpan[]> {
  spans.reset();
  await call();
  return spans.getFinishedSpans();
}

/** The names and durations of the metric, by operation and error. */
async function measurements(): Promise<Record<string, number>> {
  measured.reset();
  await reader.forceFlush();
  const counts: Record<string, number> = {};
  for (const { scopeMetrics } of measured.getMetrics()) {
    for (const { metrics } of scopeMetrics) {
      for (const { descriptor, dataPoints } of metrics) {
        assert.equal(descriptor.name, "db.client.operation.duration");
        assert.equal(descriptor.unit, "s");
        for (const { attributes, value } of dataPoints) {
          assert.ok(typeof value === "object" && "sum" in value);
          assert.ok((value.sum ?? 9) < 9);
          const names = ["db.operation.name", "error.type"].map((name) =>
            attributes[name]
          );
          counts[names.filter(Boolean).join(" ")] = value.count;
        }
      }
    }
  }
  return counts;
}

test("a call is a span of the conventions, with its statements as events and without values", async () => {
  const schema = freshSchema();
  const db = new SQLConnection({ models: SUITE_MODELS });
  const settings: Record<string, unknown> = {
    ...postgresSettings(),
    SCHEMA: schema,
  };
  await db.connect(settings, { telemetry: true });
  await db.createDb();
  const queries = db.query(Star);
  await queries.bulkInsert(stars(5));
  const [span, ...others] = await spansOf(() =>
    queries.find({ filterBy: { name: { in: [SECRET, "s1", "s2"] } } })
  );
  assert.deepEqual(others, []);
  assert.equal(span?.name, "find star");
  assert.equal(span.kind, SpanKind.CLIENT);
  const { "db.query.text": text, ...attributes } = span.attributes;
  assert.deepEqual(attributes, {
    "db.system.name": "postgresql",
    "db.namespace": `postgres|${schema}`,
    "db.collection.name": "star",
    "db.operation.name": "find",
    "db.response.returned_rows": 2,
    "server.address": "127.0.0.1",
    "server.port": settings.PORT,
  });
  // The two statements of find run at once.
  const [rows, count, ...more] = String(text).split("; ").sort();
  assert.match(rows ?? "", /^select "id", .* from /);
  assert.match(count ?? "", /^select count/);
  assert.deepEqual(more, []);
  assert.deepEqual(span.events.map(({ name }) => name), [
    "db.query",
    "db.query",
  ]);
  assert.equal(span.events[0]?.attributes?.["server.port"], settings.PORT);
  const [written, counted] = await spansOf(async () => {
    await queries.bulkUpsert([{ id: 1n, name: "s1", mag: 5 }], {
      returning: ["mag"],
    });
    await queries.bulkUpsert([{ id: 1n, name: "s1", mag: 6 }]);
  });
  assert.equal(written?.attributes["db.response.returned_rows"], 1);
  assert.ok(!("db.response.returned_rows" in (counted?.attributes ?? {})));
  const [failed] = await spansOf(() =>
    assert.rejects(
      queries.insert({ id: 1n, name: SECRET }),
      DuplicateKeyError,
    )
  );
  assert.equal(failed?.attributes["error.type"], "DuplicateKeyError");
  assert.equal(failed.attributes["db.response.status_code"], "23505");
  assert.deepEqual(failed.status, { code: 2 });
  const [native] = await spansOf(() =>
    db.sql`select ${SECRET}, 'hunter2-s3cret', 31415 /* hunter2-s3cret */ as x`
  );
  assert.equal(native?.name, "sql");
  assert.match(
    String(native.attributes["db.query.text"]),
    /^select \$1, \?, \? +as x$/,
  );
  assert.equal(native.attributes["db.response.returned_rows"], 1);
  for (const seen of [span, failed, native]) {
    const { attributes, events, status } = seen;
    const all = Deno.inspect({ attributes, events, status }, { depth: 9 });
    assert.ok(!all.includes(SECRET));
    assert.ok(!all.includes(String(settings.PASSWORD)));
  }
  await db.dropDb();
  await db.close();
});

/** The calls of a connection to any engine, with the names of their spans. */
const CALLS: readonly (readonly [
  string,
  (db: Connection) => Promise<unknown>,
  rows?: number,
])[] = [
  ["bulkInsert star", (db) => db.query(Star).bulkInsert(stars(5))],
  ["findAll star", (db) => db.query(Star).findAll(), 5],
  ["findOne star", (db) => db.query(Star).findOne({ filterBy: { id: 9n } }), 0],
  ["first star", (db) => db.query(Star).first({ timeout: 9_000 }), 1],
  ["count star", (db) => db.query().count({ model: Star })],
  ["countBy star", (db) => db.query(Star).countBy("name"), 5],
  [
    "stream star",
    (db) => Array.fromAsync(db.query(Star).stream({ batchSize: 2 })),
    5,
  ],
  [
    "stream star",
    async (db) => {
      for await (const _star of db.query(Star).stream({ batchSize: 2 })) break;
    },
    1,
  ],
  [
    "crossmatch place",
    (db) => {
      const targets = [{ ra: 10, dec: 20 }];
      const matches = db.query(Place).crossmatch(targets, { radius: 1 });
      return Array.fromAsync(matches);
    },
    0,
  ],
  [
    "updateAll star",
    (db) => db.query(Star).updateAll({ filterBy: {}, set: { mag: 1 } }),
  ],
];

/** Checks the spans, the metric and the parents of every call. */
async function assertObserved(db: Connection, system: string): Promise<void> {
  await db.createDb();
  await measurements();
  for (const [name, call, rows] of CALLS) {
    const found = await spansOf(() => call(db));
    assert.deepEqual(found.map((span) => span.name), [name], system);
    const [span] = found;
    assert.equal(span?.attributes["db.system.name"] ?? "memory", system);
    assert.equal(span?.attributes["db.response.returned_rows"], rows, name);
    if (system !== "memory") assert.ok(span?.attributes["db.query.text"], name);
  }
  const row = await db.query(Star).first();
  assert.ok(row);
  db.query(Star).update(row, { mag: 2 });
  const view = db.use((statement, next) => next(statement));
  const [through] = await spansOf(() => view.query(Star).count());
  assert.equal(through?.name, "count star");
  const [commit] = await spansOf(() => db.session.commit());
  assert.equal(commit?.name, "commit");
  const counts = await measurements();
  assert.equal(counts.stream, 2);
  assert.equal(counts.findAll, 1);
  assert.equal(counts.commit, 1);
  const tracer = trace.getTracer("caller");
  const found = await spansOf(() =>
    tracer.startActiveSpan("request", async (parent) => {
      await db.transaction(async (tx) => {
        await tx.query(Star).count();
        const [row] = await tx.query(Star).findAll({ limit: 1 });
        if (row) tx.query(Star).update(row, { mag: 5 });
      });
      parent.end();
    })
  );
  assert.deepEqual(found.map(({ name }) => name), [
    "count star",
    "findAll star",
    "transaction",
    "request",
  ]);
  const [count, all, transaction, request] = found;
  const parentOf = (span: ReadableSpan | undefined) =>
    span?.parentSpanContext?.spanId;
  const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;
  assert.equal(parentOf(count), idOf(transaction));
  assert.equal(parentOf(all), idOf(transaction));
  assert.equal(parentOf(transaction), idOf(request));
  assert.equal(transaction?.kind, SpanKind.INTERNAL);
  const failing = await spansOf(() =>
    assert.rejects(db.query(Star).findAll({ signal: AbortSignal.abort() }))
  );
  assert.equal(failing[0]?.attributes["error.type"], "AbortError");
  assert.deepEqual(await measurements(), {
    count: 1,
    findAll: 1,
    "findAll AbortError": 1,
  });
  await db.dropDb();
  await db.close();
}

test("every call on PostgreSQL and PGlite is observed", async () => {
  for (
    const settings of [
      { ...postgresSettings(), SCHEMA: freshSchema() },
      { ENGINE: "pglite", DB_NAME: "memory://" },
    ]
  ) {
    const db = new SQLConnection({ models: SUITE_MODELS });
    await db.connect(settings, { telemetry: true });
    await assertObserved(db, "postgresql");
  }
});

test("every call on an engine of another package is observed", async () => {
  const db = await connect({ ENGINE: "memory" }, {
    engines: [memory],
    models: SUITE_MODELS,
    telemetry: true,
  });
  await assertObserved(db, "memory");
});

if (!withoutMongo) {
  test("every call on MongoDB is observed, and its commands have no values", async () => {
    const db = new MongoConnection({ models: SUITE_MODELS });
    const settings = mongoSettings();
    await db.connect(settings, { telemetry: true });
    await db.createDb();
    const [span] = await spansOf(() =>
      db.query(Star).findAll({ filterBy: { name: SECRET } })
    );
    const { attributes, events } = span ?? {};
    assert.equal(attributes?.["db.namespace"], settings.DATABASE);
    assert.equal(attributes?.["server.address"], "127.0.0.1");
    assert.match(String(attributes?.["server.port"]), /^\d+$/);
    assert.match(String(attributes?.["db.query.text"]), /^find star filter/);
    assert.ok(!Deno.inspect({ attributes, events }).includes(SECRET));
    await db.dropDb();
    await assertObserved(db, "mongodb");
  });
}

test("without the option, calls create no spans and load no OpenTelemetry", async () => {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() });
  assert.deepEqual(await spansOf(() => db.sql`select 1`), []);
  await db.close();
});
