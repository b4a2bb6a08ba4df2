// The names in options, and the errors for wrong names, on PGlite and MongoDB.
import {
  type AnyModel,
  type Connection,
  MigrationError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import type { Intent, SchemaPlan } from "../../../src/engine/migrations/mod.ts";
import { test } from "../../support/connected.ts";
import { mongoTest } from "../../support/mongo_migrating.ts";
import { model } from "../../support/plan_cases.ts";
import { managedOf } from "../../support/plan_oracle.ts";
import { embedded, intent, NO_INTENT } from "../../support/plan_database.ts";

/** A database whose models change. */
interface Place {
  open(models: readonly AnyModel[]): Promise<Connection>;
}

function everywhere(name: string, holds: (place: Place) => Promise<void>) {
  test(`pglite: ${name}`, async () => {
    const place = await embedded.place();
    try {
      await holds(place);
    } finally {
      await place.close();
    }
  });
  mongoTest(name, holds);
}

async function planned(
  place: Place,
  next: readonly AnyModel[],
  managed: readonly string[],
  wanted: Intent,
): Promise<SchemaPlan> {
  const db = await place.open(next);
  return await db.migrations().plan({ intent: wanted, managed });
}

const id = z.int32();
const some = id.nullable();
const table = (name: string, ...columns: string[]): AnyModel =>
  model(
    name,
    Object.fromEntries(columns.map((column) => [column, some])),
    { primaryKey: ["id"] },
  );
const OLD = [
  table("star", "name", "mag", "ra"),
  table("obs", "day"),
  table("obs.night", "seen"),
  table("old.1", "x", "gone"),
];
const NEXT = [
  table("star", "title", "ra"),
  table("obs", "day"),
  table("obs.night", "noted"),
  table("new.1", "y", "z"),
];

everywhere(
  "a wrong name is refused with the nearest name",
  async (place) => {
    const db = await place.open(OLD);
    await db.createDb();
    const managed = await managedOf(db);
    for (
      const [wanted, exitCode, message] of [
        [
          { renames: { "zzz.a": "zzz.b" } },
          7,
          /^Cannot rename zzz\.a to zzz\.b: neither the database nor a model has a (table|collection) zzz$/,
        ],
        [
          { renames: { "stra.name": "stra.title" } },
          7,
          /neither the database nor a model has a (table|collection) stra; did you mean star\?$/,
        ],
        [
          { renames: { "star.name": "stra.title" } },
          7,
          /neither the database nor a model has a (table|collection) stra; did you mean star\?$/,
        ],
        [
          { renames: { "obs.nigt.seen": "obs.nigt.noted" } },
          7,
          /no model has a (column|field) obs\.nigt\.noted$/,
        ],
        [
          { renames: { "star.nmae": "star.title" } },
          7,
          /the database has no (column|field) star\.nmae; did you mean star\.name\?$/,
        ],
        [
          { renames: { "star.name": "star.titel" } },
          7,
          /no model has a (column|field) star\.titel; did you mean star\.title\?$/,
        ],
        [
          { renames: { "obs.night.sen": "obs.night.noted" } },
          7,
          /no (column|field) obs\.night\.sen; did you mean obs\.night\.seen\?$/,
        ],
        [
          { renames: { "old.2": "new.1" } },
          7,
          /the database has no (table|collection) old\.2; did you mean old\.1\?$/,
        ],
        [
          { renames: { "old.1": "nwe.1" } },
          7,
          /no model has a (table|collection) nwe\.1; did you mean new\.1\?$/,
        ],
        [
          { renames: { "star.name": "obs.day" } },
          7,
          /a (column|field) cannot move to another (table|collection)/,
        ],
        [{ renames: { "star.name": "star.ra" } }, 7, /the database has both$/],
        [
          { renames: { "star.name": "star.title", "star.mag": "star.title" } },
          7,
          /^Cannot rename star\.mag to star\.title: another rename changes star\.name to star\.title$/,
        ],
        [
          { renames: { "star.ra": "star.title" } },
          7,
          /the models still have the old name$/,
        ],
        [
          { drops: ["zzz.a"] },
          64,
          /^Cannot use --drop zzz\.a: neither the database nor a model has it/,
        ],
        [
          { drops: ["obs.nigth.seen"] },
          64,
          /^Cannot use --drop obs\.nigth\.seen: .*did you mean obs\.night\.seen\?$/,
        ],
        [
          { defaults: { "obs.night.notd": "1" } },
          64,
          /^Cannot use --default .*did you mean obs\.night\.noted\?$/,
        ],
        [
          { defaults: { "obs.night": "1" } },
          64,
          /^Cannot use --default obs\.night: it is not a column/,
        ],
      ] as const
    ) {
      await assert.rejects(
        planned(
          place,
          NEXT,
          managed,
          intent({
            ..."renames" in wanted ? { renames: wanted.renames } : {},
            ..."drops" in wanted ? { drops: [...wanted.drops] } : {},
            ..."defaults" in wanted ? { defaults: wanted.defaults } : {},
          }),
        ),
        (error) => {
          assert(error instanceof MigrationError, String(error));
          assert.match(error.message, message);
          assert.equal(error.exitCode, exitCode, error.message);
          return true;
        },
        JSON.stringify(wanted),
      );
    }
  },
);

everywhere(
  "columns of tables with dots in their names are renamed and dropped, even by the old name of the table",
  async (place) => {
    const db = await place.open(OLD);
    await db.createDb();
    const managed = await managedOf(db);
    const undecided = await planned(place, NEXT, managed, NO_INTENT);
    assert.deepEqual(undecided.decisions.map(({ options }) => options), [
      ["--rename old.1=new.1", "--drop old.1"],
      ["--rename star.name=star.title", "--drop star.name"],
      ["--rename star.mag=star.title", "--drop star.mag"],
      ["--rename obs.night.seen=obs.night.noted", "--drop obs.night.seen"],
    ]);
    const renames = {
      "old.1": "new.1",
      "star.name": "star.title",
      "obs.night.seen": "obs.night.noted",
      "old.1.x": "new.1.y",
    };
    const plan = await planned(
      place,
      NEXT,
      managed,
      intent({ renames, drops: ["old.1.gone", "star.mag"] }),
    );
    assert.deepEqual(plan.decisions, []);
    const text = db.migrations().dialect.print(plan.up);
    assert.doesNotMatch(text, /DROP COLUMN x|drop-\w+ new\.1\.x/);
    assert.match(text, /drop-(column|field) new\.1\.gone/);
  },
);

test("the fingerprint distinguishes a table a.b from a column b of a table a", async () => {
  const place = await embedded.place();
  try {
    const db = await place.open([
      table("obs", "night"),
      table("obs.night", "seen"),
    ]);
    await db.createDb();
    const before = await db.migrations().fingerprint();
    await place.run('ALTER TABLE "obs.night" ALTER COLUMN seen SET DEFAULT 1');
    const after = await db.migrations().fingerprint();
    assert.notEqual(after, before);
    await place.run("ALTER TABLE obs ALTER COLUMN night SET DEFAULT 1");
    assert.notEqual(await db.migrations().fingerprint(), after);
  } finally {
    await place.close();
  }
});
