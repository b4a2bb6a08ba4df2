// A server that ends a connection says why, and every later call on that connection repeats it.
import { ConnectionError } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { pause } from "../../../src/base/pause.ts";
import { connected, type Db, stars, test } from "../../support/connected.ts";
import { untilEqual } from "../../support/waiting.ts";

/** Counts the sessions whose last statement is that of a transaction of these tests. */
async function sessions(db: Db): Promise<number> {
  const rows = await db.sql`select from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database()
    and query like ${"%ended by the server%"}`;
  return rows.length;
}

interface Ended {
  readonly name: string;
  /** The statement that prepares the end. */
  readonly before: (db: Db) => Promise<void>;
  /** The settings of the transaction. */
  readonly settings?: string;
  readonly reason: RegExp;
  readonly code: string;
}

const terminate = async (db: Db): Promise<void> => {
  await db.sql`select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database() and state = 'idle in transaction'
    and query like ${"%ended by the server%"}`;
};

const ENDS: readonly Ended[] = [
  {
    name: "an administrator ends it",
    before: terminate,
    reason: /terminating connection due to administrator command/,
    code: "57P01",
  },
  {
    name: "its transaction was idle for too long",
    before: () => Promise.resolve(),
    settings: "idle_in_transaction_session_timeout",
    reason: /terminating connection due to idle-in-transaction timeout/,
    code: "25P03",
  },
];

for (const { name, before, settings, reason, code } of ENDS) {
  test(`calls of a transaction give the server's reason when ${name}`, async () => {
    const db = await connected();
    const isReason = (error: unknown): boolean => {
      assert.ok(error instanceof ConnectionError, String(error));
      assert.match(error.message, /^Lost PostgreSQL at .*, database /);
      assert.match(error.message, reason);
      const { cause } = error;
      assert.equal(Reflect.get(Object(cause), "code"), code);
      return true;
    };
    const begun = async (work: (tx: Db["kysely"]) => Promise<unknown>) =>
      await db.kysely.transaction().execute(async (tx) => {
        if (settings !== undefined) {
          await sqlText(tx, `set local ${settings} = '100ms'`);
        }
        await sqlText(tx, "select 1 /* ended by the server */");
        await before(db);
        await untilEqual("the session", () => sessions(db), 0);
        // What the server said arrives before the answers to other sessions.
        await pause(100);
        await work(tx);
      });
    await assert.rejects(
      begun((tx) => tx.selectFrom("star").selectAll().execute()),
      isReason,
    );
    // The second call too, and a commit without a call.
    await assert.rejects(
      begun(async (tx) => {
        await tx.selectFrom("star").selectAll().execute().catch(() => {});
        await tx.selectFrom("star").selectAll().execute();
      }),
      isReason,
    );
    await assert.rejects(begun(() => Promise.resolve()), isReason);
    await db.query(Star).bulkInsert(stars(2));
    assert.equal(await db.query(Star).count(), 2);
    await db.dropDb();
    await db.close();
  });
}

async function sqlText(tx: Db["kysely"], text: string): Promise<void> {
  const { sql } = await import("kysely");
  await sql.raw(text).execute(tx);
}
