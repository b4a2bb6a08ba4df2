// Clients that write, read and commit without end, with marks that no other call uses.
import type { CallOptions, DatabaseConnection } from "@alerce/db-plugins";
import { pause } from "../../../src/base/pause.ts";
import { Aborted, type Effect, type History, OwnError } from "./history.ts";
import {
  Entry,
  entryKey,
  Item,
  itemKey,
  itemState,
  Pair,
  pairKey,
} from "./models.ts";
import { between, pick, randomNumbers } from "./random.ts";

/** The longest wait after a call that failed, in milliseconds: what failed calls write is kept in memory. */
const LONGEST_WAIT = 128;

/** What the engine promises. */
export interface Promises {
  /** Whether a bulk write outside a transaction changes all rows or none. */
  readonly areBulkWritesAtomic: boolean;
}

/** How to write. */
interface WritersOptions {
  readonly seed: number;
  /** A number that no other writer of the run has. */
  readonly lane: number;
  readonly promises: Promises;
  /** Ends the writer after the current call. */
  readonly signal: AbortSignal;
}

interface OwnRow {
  readonly id: bigint;
  readonly op: string;
}

/** Writes through a connection until the signal ends it. */
export async function write(
  db: DatabaseConnection,
  records: Pick<History, "read" | "write">,
  { seed, lane, promises, signal }: WritersOptions,
): Promise<void> {
  const random = randomNumbers(seed * 1_000 + lane);
  const isAtomic = promises.areBulkWritesAtomic;
  let ids = BigInt(lane) * 10_000_000n;
  let calls = 0;
  /** The calls that failed since the last one that succeeded. */
  let failed = 0;
  const counted = async (call: Promise<boolean>): Promise<boolean> => {
    const isDone = await call;
    failed = isDone ? 0 : failed + 1;
    return isDone;
  };
  const history: typeof records = {
    write: (...call) => counted(records.write(...call)),
    read: (...call) => counted(records.read(...call)),
  };
  /** Rows that the database holds and no call has changed yet. */
  const own: OwnRow[] = [];
  const taken = (): OwnRow[] => own.splice(0, between(random, 1, 20));
  const fresh = (op: string, most = 200): OwnRow[] =>
    Array.from({ length: between(random, 1, most) }, () => ({ id: ids++, op }));
  const inserts = (rows: readonly OwnRow[], mark: string | null = null) =>
    rows.map(({ id, op }): Effect => ({
      key: itemKey(id),
      after: itemState(op, mark),
    }));
  const marks = (rows: readonly OwnRow[], mark: string) =>
    rows.map(({ id, op }): Effect => ({
      key: itemKey(id),
      before: itemState(op, null),
      after: itemState(op, mark),
    }));
  const removals = (rows: readonly OwnRow[]) =>
    rows.map(({ id, op }): Effect => ({
      key: itemKey(id),
      before: itemState(op, null),
    }));
  const idsOf = (rows: readonly OwnRow[]): bigint[] => rows.map(({ id }) => id);

  /** Inserts new rows of `item`, which later calls change. */
  async function adding(
    name: string,
    rows: readonly OwnRow[],
    isAtomic: boolean,
    run: () => Promise<unknown>,
  ): Promise<void> {
    const effects = inserts(rows);
    if (await history.write({ name, effects, isAtomic }, run)) {
      own.push(...rows);
    }
  }

  /** Limits of one call: mostly none. */
  function limits(): CallOptions {
    const kind = between(random, 0, 9);
    const ms = between(random, 1, 400);
    if (kind === 0) return { timeout: ms };
    if (kind > 1) return {};
    const aborting = new AbortController();
    setTimeout(() => aborting.abort(new Aborted("aborted")), ms);
    return { signal: aborting.signal };
  }

  const CALLS: readonly ((op: string) => Promise<unknown>)[] = [
    (op) => {
      const rows = fresh(op, 1);
      return adding(`insert ${op}`, rows, true, async () => {
        for (const row of rows) await db.query(Item).insert(row, limits());
      });
    },
    (op) => {
      const rows = fresh(op);
      const onConflict = pick(random, ["ignore", "error"] as const);
      return adding(
        `bulkInsert ${op}`,
        rows,
        isAtomic || onConflict === "error",
        () => db.query(Item).bulkInsert(rows, { onConflict, ...limits() }),
      );
    },
    (op) => {
      const rows = Array.from(
        { length: between(random, 1, random() < 0.1 ? 3_000 : 50) },
        (_, n) => ({ op, n }),
      );
      const effects = rows.map(({ n }) => ({
        key: entryKey(op, n),
        after: op,
      }));
      return history.write(
        { name: `bulkInsert without a key ${op}`, effects, isAtomic },
        () => db.query(Entry).bulkInsert(rows, limits()),
      );
    },
    (op) => {
      const rows = fresh(op, 1);
      return adding(`getOrCreate ${op}`, rows, true, async () => {
        for (const { id } of rows) {
          await db.query(Item).getOrCreate({ filterBy: { id }, op }, limits());
        }
      });
    },
    (op) => {
      const rows = taken();
      return history.write(
        { name: `updateAll ${op}`, effects: marks(rows, op), isAtomic },
        () =>
          db.query(Item).updateAll({
            filterBy: { id: idsOf(rows) },
            set: { mark: op },
            ...limits(),
          }),
      );
    },
    (op) => {
      const [rows, added] = [taken(), fresh(op, 20)];
      const upserted = [...rows, ...added].map((row) => ({ ...row, mark: op }));
      return history.write(
        {
          name: `bulkUpsert ${op}`,
          effects: [...marks(rows, op), ...inserts(added, op)],
          isAtomic,
        },
        () => db.query(Item).bulkUpsert(upserted, limits()),
      );
    },
    (op) => {
      const rows = taken();
      return history.write(
        { name: `bulkUpdate ${op}`, effects: marks(rows, op), isAtomic: true },
        () =>
          db.query(Item).bulkUpdate(
            rows.map(({ id }) => ({ id, mark: op })),
            limits(),
          ),
      );
    },
    (op) => {
      const rows = taken();
      return history.write(
        { name: `deleteAll ${op}`, effects: removals(rows), isAtomic },
        () =>
          db.query(Item).deleteAll({
            filterBy: { id: idsOf(rows) },
            ...limits(),
          }),
      );
    },
    ...[false, false, true].map((isFailing) => (op: string) => {
      const [rows, added, pairs] = [taken(), fresh(op, 20), fresh(op, 5)];
      const effects = [
        ...marks(rows, op),
        ...inserts(added),
        ...pairs.map(({ id, op }) => ({ key: pairKey(id), after: op })),
      ];
      return history.write(
        { name: `transaction ${op}`, effects, isAtomic: true },
        () =>
          db.transaction(async (tx) => {
            await tx.query(Item).bulkInsert(added);
            await tx.query(Pair).bulkInsert(pairs);
            await tx.query(Item).updateAll({
              filterBy: { id: idsOf(rows) },
              set: { mark: op },
            });
            if (isFailing) throw new OwnError(op);
          }, limits()),
      );
    }),
    (op) => committing(op),
    (op) => reading(op),
    (op) => reading(op),
  ];

  async function committing(op: string): Promise<void> {
    const [updated, deleted] = [taken(), taken()];
    const effects = [...marks(updated, op), ...removals(deleted)];
    await history.write(
      { name: `commit ${op}`, effects, isAtomic: true },
      () =>
        db.withSession(async (session) => {
          for (const { id, op: by } of updated) {
            db.query(Item).update({ id, op: by, mark: null }, { mark: op });
          }
          for (const { id, op: by } of deleted) {
            db.query(Item).delete({ id, op: by, mark: null });
          }
          await session.commit(limits());
        }),
    );
  }

  /** Reads rows that the database has acknowledged. */
  async function reading(op: string): Promise<void> {
    const rows = own.slice(0, 50);
    if (rows.length === 0) return;
    const filterBy = { id: idsOf(rows) };
    const expected = rows.map(({ id, op }) => itemState(op, null) + id);
    const problem = (
      found: readonly { id: bigint; op: string; mark: string | null }[],
    ): string | undefined => {
      const states = found.map(({ id, op, mark }) => itemState(op, mark) + id);
      const missing = expected.filter((state) => !states.includes(state));
      return missing.length === 0 && states.length === expected.length
        ? undefined
        : `${missing.length} of ${expected.length} acknowledged rows are missing, ${states.length} are found`;
    };
    const run = pick(random, [
      async () =>
        problem(await db.query(Item).findAll({ filterBy, ...limits() })),
      async () =>
        problem(
          await Array.fromAsync(
            db.query(Item).stream({ filterBy, ...limits() }),
          ),
        ),
      async () => {
        const count = await db.query(Item).count({ filterBy, ...limits() });
        return count === rows.length ? undefined : `counts ${count} rows`;
      },
      async () => {
        const row = pick(random, rows);
        const found = await db.query(Item).findOne({
          filterBy: { id: row.id },
        });
        return found?.op === row.op ? undefined : `row ${row.id} is missing`;
      },
    ]);
    await history.read(`read ${op}`, run);
  }

  while (!signal.aborted) {
    await pick(random, CALLS)(`${lane}.${calls++}`);
    // A failed call of an unreachable server returns at once: like other programs, the writer waits longer each time.
    await pause(Math.min(2 ** failed, LONGEST_WAIT), signal);
  }
}
