import type { AnyModel } from "@alerce/db-plugins";
import type { Intent, SchemaPlan } from "../../src/engine/migrations/mod.ts";
import assert from "node:assert/strict";
import { managedBy } from "../../src/sql/migrations/compare/managed_now.ts";
import {
  apply,
  catalogs,
  embedded,
  files,
  NO_INTENT,
  type Place,
  type Places,
} from "./plan_database.ts";

/** The input of an oracle besides the models. */
export interface Case {
  readonly intent?: Intent;
  /** Statements that insert rows after the old models are created. */
  readonly rows?: readonly string[];
  /** Statements that create unmanaged objects. */
  readonly unmanaged?: readonly string[];
}

/**
 * Migrates from old to new models and compares the result with tables that
 * createDb made; migrates down, compares with the start, and migrates up again.
 */
export async function oracle(
  engine: Places,
  old: readonly AnyModel[],
  next: readonly AnyModel[],
  { intent = NO_INTENT, rows = [], unmanaged = [] }: Case = {},
): Promise<
  {
    readonly plan: SchemaPlan;
    readonly upText: string;
    readonly downText: string;
  }
> {
  const place = await engine.place();
  const direct = await engine.place();
  try {
    const from = await place.open(old);
    await from.createDb();
    for (const statement of [...rows, ...unmanaged]) await place.run(statement);
    const start = await fingerprint(place, from);
    const managed = await managedIn(engine, from, old);
    const to = await place.open(next);
    const target = to.migrations();
    const plan = await target.plan({ intent, managed });
    assert.deepEqual([plan.decisions, plan.refused], [[], []]);
    const { up, down, upText, downText } = files(to, plan);
    assert.deepEqual(
      [target.dialect.lint(up, "up"), target.dialect.lint(down, "down")],
      [[], []],
      upText,
    );
    await target.prove(up, down, { intent, managed });
    const counts = await countsOf(place, old);
    await apply(place, up);
    assert.deepEqual(await countsOf(place, old, plan), without(counts, plan));
    if (unmanaged.length === 0) {
      for (const { statements } of up.steps) {
        for (const text of statements) {
          if (text.startsWith("CREATE EXTENSION")) await direct.run(text);
        }
      }
      await (await direct.open(next)).createDb();
      assert.deepEqual(await catalogs(place), await catalogs(direct));
    }
    const again = await target.plan({
      intent: NO_INTENT,
      managed: [...managed, ...await managedIn(engine, to, next)],
    });
    assert.deepEqual([again.changes, again.up.steps], [[], []]);
    if (plan.down.irreversible === undefined) {
      const end = await target.fingerprint();
      await apply(place, down);
      assert.equal(await fingerprint(place, from), start, downText);
      await apply(place, up);
      assert.equal(await target.fingerprint(), end);
    }
    return { plan, upText, downText };
  } finally {
    await place.close();
    await direct.close();
  }
}

/** The managed names: a server would open a session for each question, which takes it as long as a plan. */
async function managedIn(
  engine: Places,
  db: Awaited<ReturnType<Place["open"]>>,
  models: readonly AnyModel[],
): Promise<readonly string[]> {
  return engine === embedded ? await managedOf(db) : managedBy(models);
}

/** The managed names of the models of a connection. */
export async function managedOf(
  db: Awaited<ReturnType<Place["open"]>>,
): Promise<readonly string[]> {
  const session = await db.migrations().lock({
    wait: 60_000,
    onEvent: () => {},
    toolVersion: "0",
  });
  try {
    return await session.managed();
  } finally {
    await session.release();
  }
}

function fingerprint(
  _place: Place,
  db: Awaited<ReturnType<Place["open"]>>,
): Promise<string> {
  return db.migrations().fingerprint();
}

/** The number of rows of each table, under its name after a plan. */
async function countsOf(
  place: Place,
  models: readonly AnyModel[],
  plan?: SchemaPlan,
): Promise<Record<string, string>> {
  const counts: Record<string, string> = {};
  for (const { table } of models) {
    if (plan?.up.destructive.includes(`drop-table ${table}`)) continue;
    const renamed = plan?.changes.map((change) =>
      /^rename the table (.*) to (.*)$/.exec(change)
    ).find((found) => found?.[1] === table)?.[2];
    const [[count = ""] = []] = await place.run(
      `select count(*) from "${renamed ?? table}"`,
    );
    counts[table] = count;
  }
  return counts;
}

function without(
  counts: Record<string, string>,
  plan: SchemaPlan,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counts).filter(([table]) =>
      !plan.up.destructive.includes(`drop-table ${table}`)
    ),
  );
}
