// The index of q3c, on a server that has the extension: Debian's package postgresql-15-q3c.
import { type Connection, defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import pg from "pg";
import { z } from "zod";
import { POSITIONS } from "../../../src/testing/places.ts";
import { test } from "../../support/connected.ts";
import {
  clientConfig,
  postgres15Settings,
  postgresSettings,
} from "../../support/engines.ts";
import { APART, type Places } from "../../support/plan_database.ts";

const sourceOf = (
  name: string,
  spatial: { readonly using?: "q3c"; readonly index?: boolean },
) =>
  defineModel(name, {
    fields: z.object({
      id: z.int32(),
      ra: z.float64().nullable(),
      dec: z.float64().nullable(),
    }),
    primaryKey: ["id"],
    spatial: { ra: "ra", dec: "dec", ...spatial },
  });
const Q3c = sourceOf("by_q3c", { using: "q3c" });
const Zones = sourceOf("by_zones", {});
const Plain = sourceOf("by_nothing", { index: false });

const RANDOM = 500;
const CENTERS = [[0, 0], [10, 90], [0, -90], [45, 45]];
/** Radii in arcseconds, of which the last is beyond every index. */
const RADII = [0, 1, 3_600, 80_000, 500_000];

/** Returns awkward positions, others that are spread over the sky, and one near each of them. */
function rows(): { id: number; ra: number | null; dec: number | null }[] {
  const spread = Array.from({ length: RANDOM }, (_, index) => ({
    ra: (index * 137.507764) % 360,
    dec: Math.asin(2 * (index + 0.5) / RANDOM - 1) * 180 / Math.PI,
  }));
  const near = spread.map(({ ra, dec }) => ({
    ra,
    dec: Math.max(-90, dec - 1 / 3600),
  }));
  return [...POSITIONS.map(([ra, dec]) => ({ ra, dec })), ...spread, ...near]
    .map((row, id) => ({ id, ...row }));
}

/** Returns the answers to the same questions. */
async function answers(
  db: Connection,
  model: typeof Q3c,
): Promise<unknown[]> {
  const query = db.query(model);
  const found: unknown[] = [];
  for (const [ra = 0, dec = 0] of CENTERS) {
    for (const radius of RADII) {
      const near = { ra, dec, radius };
      found.push(
        await query.findAll({ filterBy: { near }, orderBy: "distance" }),
        await query.count({ filterBy: { not: { near }, id: { lt: 300 } } }),
        await query.first({
          filterBy: { near },
          orderBy: "distance",
          select: ["id"],
        }),
      );
    }
  }
  const polygon = [[40, 40], [50, 40], [50, 50], [40, 50]] as const;
  const orderBy = { id: "asc" } as const;
  found.push(await query.findAll({ filterBy: { polygon }, orderBy }));
  const targets = rows().flatMap(({ id, ra, dec }) =>
    ra === null || dec === null || id % 3 > 0 ? [] : [{ id, ra, dec }]
  );
  for (const nearest of [1, undefined]) {
    for await (
      const { target, row, distance } of query.crossmatch(targets, {
        radius: 2,
        ...nearest === undefined ? {} : { nearest },
      })
    ) found.push([target.id, row.id, distance]);
  }
  return found;
}

const installed = await withQ3c();
const name = 'using: "q3c" finds the same rows as the other indexes';

if (installed === undefined) {
  Deno.test.ignore(`${name} (no server has the extension q3c)`, () => {});
} else {
  test(`${installed.name}: ${name}`, async () => {
    const place = await installed.place();
    try {
      const db = await place.open([Q3c, Zones, Plain]);
      assert.deepEqual((await db.createDb()).notes ?? [], []);
      for (const model of [Q3c, Zones, Plain]) {
        await db.query(model).bulkInsert(rows());
      }
      const indexes = await place.run(
        "select 1 from pg_indexes where tablename = 'by_q3c' and indexdef like '%q3c_ang2ipix(ra, %'",
      );
      assert.equal(indexes.length, 1);
      const expected = await answers(db, Plain);
      assert.ok(expected.length > RANDOM / 3);
      assert.deepEqual(await answers(db, Q3c), expected, "q3c");
      assert.deepEqual(await answers(db, Zones), expected, "zones");
    } finally {
      await place.close();
    }
  });
}

/** Returns databases on a server that has q3c; undefined if none does. */
async function withQ3c(): Promise<Places | undefined> {
  const servers = [
    ["postgresql", postgresSettings()],
    ["postgresql 15", postgres15Settings()],
  ] as const;
  for (const [server, settings] of servers) {
    if (settings === undefined) continue;
    // The idle clients of a pool would have timers during other tests.
    const client = new pg.Client(clientConfig(settings));
    await client.connect();
    const { rowCount } = await client.query(
      "select from pg_available_extensions where name = 'q3c'",
    );
    await client.end();
    if (rowCount === 1) return APART.find(({ name }) => name === server);
  }
  return undefined;
}
