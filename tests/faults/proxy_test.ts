// The proxy causes each fault at the message that the schedule names, and nothing else.
import assert from "node:assert/strict";
import pg from "pg";
import { MongoClient } from "mongodb";
import { test } from "../support/connected.ts";
import { clientConfig } from "../support/engines.ts";
import { test as mongoTest } from "../support/mongo_case.ts";
import { mongoUrl } from "../support/mongo_server.ts";
import { startFaultProxy } from "../support/faults/proxy.ts";
import { pause } from "../../src/base/pause.ts";
import { untilEqual } from "../support/waiting.ts";
import { type FaultRule, randomFaults } from "../support/faults/schedule.ts";

/**
 * Runs statements on one client through a proxy. Returns the result or the error
 * of each, and the faults.
 *
 * @param limit milliseconds after which the last statement counts as unanswered
 */
async function throughProxy(
  plan: readonly FaultRule[],
  statements: readonly string[],
  limit = 60_000,
): Promise<{ results: unknown[]; faults: readonly string[]; ms: number }> {
  const { port, ...login } = clientConfig();
  await using proxy = startFaultProxy({ port, protocol: "postgresql", plan });
  const client = new pg.Client({ ...login, port: proxy.port });
  client.on("error", () => {});
  const started = performance.now();
  await client.connect();
  const results: unknown[] = [];
  for (const [index, statement] of statements.entries()) {
    const end = new AbortController();
    const isLast = index === statements.length - 1;
    const silent = pause(isLast ? limit : 60_000, end.signal).then(() =>
      "no answer"
    );
    results.push(
      await Promise.race([
        client.query(statement).then(
          ({ rows }) => Object.values(rows[0] ?? {})[0],
          ({ message }) => message,
        ),
        silent,
      ]),
    );
    end.abort();
  }
  const ms = performance.now() - started;
  const ended = client.end();
  proxy.cut();
  await ended.catch(() => {});
  return { results, faults: proxy.faults, ms };
}

const LOST = "Connection terminated unexpectedly";

test("on PostgreSQL, each fault hits the message of the rule", async () => {
  const query = { from: "client", kind: "query", nth: 2 } as const;
  const cases: [FaultRule, unknown[]][] = [
    [{ ...query, action: "delay", ms: 50 }, [1, 2]],
    [{ ...query, action: "late", ms: 50 }, [1, 2]],
    [{ ...query, action: "cut before" }, [1, LOST]],
    [{ ...query, action: "cut after" }, [1, LOST]],
    [{ ...query, action: "reset" }, [1, LOST]],
    [{ ...query, action: "swallow" }, [1, "no answer"]],
    [{ ...query, action: "swallow", ms: 20 }, [1, LOST]],
    [{ from: "server", kind: "dataRow", nth: 2, action: "reset" }, [1, LOST]],
    [{ contains: "select 2", action: "cut before" }, [1, LOST]],
  ];
  for (const [rule, expected] of cases) {
    const { results, faults, ms } = await throughProxy(
      [rule],
      ["select 1", "select 2"],
      expected[1] === "no answer" ? 300 : undefined,
    );
    assert.deepEqual(results, expected, rule.action);
    assert.equal(faults.length, 1);
    if (expected[1] === 2) assert.ok(ms >= 50);
  }
  const { results, faults } = await throughProxy([], ["select 1", "select 2"]);
  assert.deepEqual([results, faults], [[1, 2], []]);
});

test("on PostgreSQL, a statement is carried out if its connection is cut after the message, and not if before", async () => {
  const client = new pg.Client(clientConfig());
  await client.connect();
  await client.query("create table if not exists cut_statements (name text)");
  try {
    for (const action of ["cut before", "cut after", "reset"] as const) {
      const text = `insert into cut_statements values ('${action}')`;
      await throughProxy([{ contains: text, action }], [text]);
    }
    await untilEqual("the statements carried out", async () => {
      const { rows } = await client.query("select * from cut_statements");
      return rows.map(({ name }) => name);
    }, ["cut after"]);
  } finally {
    await client.query("drop table cut_statements");
    await client.end();
  }
});

test("a large message arrives unchanged", async () => {
  const text = `select length('${"x".repeat(3_000_000)}') as length`;
  const { results } = await throughProxy(
    [{ nth: 1e9, action: "reset" }],
    [text],
  );
  assert.deepEqual(results, [3_000_000]);
});

mongoTest(
  "on MongoDB, each fault hits the command of the rule, or its answer",
  async () => {
    const { port } = new URL(mongoUrl());
    const cases: [FaultRule, "answer" | "error"][] = [
      [{ from: "client", kind: "count", action: "delay", ms: 50 }, "answer"],
      [{ from: "client", kind: "count", action: "late", ms: 50 }, "answer"],
      [{ from: "server", kind: "count", action: "delay", ms: 50 }, "answer"],
      [{ from: "client", kind: "count", action: "cut before" }, "error"],
      [{ from: "server", kind: "count", action: "reset" }, "error"],
      [{ from: "server", kind: "count", action: "swallow" }, "error"],
    ];
    for (const [rule, expected] of cases) {
      await using proxy = startFaultProxy({
        port: Number(port),
        protocol: "mongodb",
        plan: [rule],
      });
      const client = new MongoClient(
        `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`,
        {
          retryReads: false,
          socketTimeoutMS: rule.action === "swallow" ? 300 : 60_000,
        },
      );
      const started = performance.now();
      const result = await client.db("proxy").command({ count: "none" }).then(
        () => "answer",
        () => "error",
      );
      assert.equal(result, expected, JSON.stringify(rule));
      assert.equal(proxy.faults.length, 1);
      if (rule.ms !== undefined) assert.ok(performance.now() - started >= 50);
      proxy.cut();
      await client.close();
    }
  },
);

Deno.test("random faults depend on the seed alone", () => {
  const first = (seed: number): FaultRule[] =>
    randomFaults(seed, "postgresql").take(50).toArray();
  assert.deepEqual(first(1), first(1));
  assert.notDeepEqual(first(1), first(2));
  assert.equal(new Set(first(1).map(({ action }) => action)).size, 6);
});
