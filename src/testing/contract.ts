import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { aggregates } from "./aggregates.ts";
import { jsonPaths } from "./json_paths.ts";
import { keyPages } from "./key_pages.ts";
import { getOrCreate } from "./get_or_create.ts";
import { exporting } from "./export.ts";
import { expressions } from "./expressions.ts";
import { wrongExpressions } from "./wrong_expressions.ts";
import type { Behaviour, EngineUnderTest } from "./engine.ts";
import { crossmatching } from "./crossmatch.ts";
import { cursors } from "./cursors.ts";
import { filters } from "./filters.ts";
import { wrongFilters } from "./wrong_filters.ts";
import { assertClosed, forbiddenCalls } from "./forbidden_calls.ts";
import { injection } from "./injection.ts";
import { keyless } from "./keyless.ts";
import { limits } from "./limits.ts";
import { transactionLimits } from "./transaction_limits.ts";
import { loading } from "./load.ts";
import { loadingBadInput } from "./load_bad_input.ts";
import { loadResuming } from "./load_resume.ts";
import { LOADS } from "../migrations/history/own_tables.ts";
import { bulkInsert } from "./bulk_insert.ts";
import { insert } from "./insert.ts";
import { int16Fields } from "./int16.ts";
import { insertGraph } from "./insert_graph.ts";
import { Star, SUITE_MODELS } from "./models.ts";
import { wrongOptions } from "./wrong_options.ts";
import { merge } from "./merge.ts";
import { locks } from "./locks.ts";
import { outcomes } from "./outcomes.ts";
import { middleware } from "./middleware.ts";
import { rowFilters } from "./row_filters.ts";
import { pages } from "./pages.ts";
import { prefer } from "./prefer.ts";
import { readServers } from "./read_servers.ts";
import { reading } from "./reading.ts";
import { relatedFilters } from "./related_filters.ts";
import { wrongRelatedFilters } from "./wrong_related_filters.ts";
import { invalidRows } from "./invalid_rows.ts";
import { include } from "./include.ts";
import { includeOptions } from "./include_options.ts";
import { returnedRows } from "./returned_rows.ts";
import { includeLevels } from "./include_levels.ts";
import { returning } from "./returning.ts";
import { relatedCounts } from "./related_counts.ts";
import { sky } from "./sky.ts";
import { sessionScope } from "./session_scope.ts";
import { sessions } from "./sessions.ts";
import { rowSources } from "./row_sources.ts";
import { assertClosedDuringCalls, unawaitedCalls } from "./unawaited_calls.ts";
import { fillStars } from "./stars.ts";
import { stream } from "./stream.ts";
import { textOrder } from "./text_order.ts";
import { unreadableValues } from "./unreadable_values.ts";
import { valueLimits } from "./value_limits.ts";
import { transactions } from "./transactions.ts";
import { wrongArguments } from "./wrong_arguments.ts";
import { update } from "./update.ts";
import { bulkUpsert } from "./bulk_upsert.ts";
import { versions } from "./versions.ts";
import { values } from "./values.ts";
import { writer } from "./writer.ts";
import { writerRejections } from "./writer_rejections.ts";
import { writerBackground } from "./writer_background.ts";

/** Every behaviour of the suite; the same for every engine. */
export const behaviours: readonly Behaviour[] = [
  ...values,
  ...int16Fields,
  ...reading,
  ...stream,
  ...filters,
  ...wrongFilters,
  ...relatedFilters,
  ...wrongRelatedFilters,
  ...sky,
  ...crossmatching,
  ...jsonPaths,
  ...pages,
  ...keyPages,
  ...cursors,
  ...textOrder,
  ...aggregates,
  ...wrongOptions,
  ...include,
  ...includeOptions,
  ...includeLevels,
  ...relatedCounts,
  ...getOrCreate,
  ...insert,
  ...bulkInsert,
  ...rowSources,
  ...bulkUpsert,
  ...prefer,
  ...merge,
  ...keyless,
  ...update,
  ...returning,
  ...returnedRows,
  ...expressions,
  ...wrongExpressions,
  ...versions,
  ...insertGraph,
  ...invalidRows,
  ...unreadableValues,
  ...valueLimits,
  ...sessions,
  ...sessionScope,
  ...transactions,
  ...locks,
  ...outcomes,
  ...forbiddenCalls,
  ...unawaitedCalls,
  ...limits,
  ...transactionLimits,
  ...readServers,
  ...injection,
  ...wrongArguments,
  ...middleware,
  ...rowFilters,
  ...writer,
  ...writerRejections,
  ...writerBackground,
  ...loading,
  ...exporting,
  ...loadingBadInput,
  ...loadResuming,
];

const TABLES = SUITE_MODELS.map(({ table }) => table).sort();

/**
 * Registers the tests of the suite for an engine with `Deno.test`: one for each
 * behaviour, which starts with empty tables.
 *
 * @example
 * ```ts ignore
 * import { contract } from "@alerce/db-plugins/testing";
 * import { connectTo } from "./my_engine.ts";
 *
 * contract({ name: "clickhouse", open: (models) => connectTo(models) });
 * ```
 */
export function contract(engine: EngineUnderTest): void {
  let shared: Promise<Connection> | undefined;
  const test = (name: string, run: () => Promise<void>): void =>
    // The tests share a connection, which stays open between them.
    Deno.test({
      name: `${engine.name}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: run,
    });

  test("createDb creates missing tables, and keeps existing ones", async () => {
    await using db = await engine.open(SUITE_MODELS);
    const { created } = await db.createDb();
    assert.deepEqual([...created].sort(), TABLES);
    await fillStars(db);
    assert.deepEqual((await db.createDb({ verify: true })).created, []);
    assert.equal(await db.query(Star).count(), 5);
    assert.deepEqual([...await db.dropDb()].sort(), TABLES);
    assert.deepEqual(await db.dropDb(), []);
  });
  test("a connection can be closed twice, and every later call throws", async () => {
    const db = await engine.open(SUITE_MODELS);
    await db.createDb();
    await fillStars(db);
    const row = await db.query(Star).first();
    assert.ok(row);
    await db.dropDb();
    await db.close();
    await db.close();
    await assertClosed(db, row);
    await db.close();
  });
  test("a call that has not ended fails at once when its connection is closed", async () => {
    const db = await engine.open(SUITE_MODELS);
    await db.createDb();
    await fillStars(db);
    const row = await db.query(Star).first();
    assert.ok(row);
    await assertClosedDuringCalls(db, row);
  });
  for (const { name, run } of behaviours) {
    test(name, async () => {
      const db = await (shared ??= openWithTables(engine));
      for (const model of SUITE_MODELS) {
        await db.query(model).deleteAll({ filterBy: {}, all: true });
      }
      db.createSession();
      await run(db);
    });
  }
  test("dropDb drops the tables of the suite", async () => {
    const db = await shared;
    if (db === undefined) return;
    const dropped = (await db.dropDb()).filter((name) => name !== LOADS);
    assert.deepEqual(dropped.sort(), TABLES);
    await db.close();
  });
}

async function openWithTables(engine: EngineUnderTest): Promise<Connection> {
  const db = await engine.open(SUITE_MODELS);
  await db.createDb();
  return db;
}
