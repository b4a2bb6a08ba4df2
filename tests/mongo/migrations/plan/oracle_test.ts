// Every kind of change: applied, compared with collections that were created directly, and rolled back.
import { type AnyModel, defineModel, point } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import type { SchemaPlan } from "../../../../src/engine/migrations/mod.ts";
import { commandIn } from "../../../../src/mongo/migrations/file/json.ts";
import { planSchema } from "../../../../src/mongo/migrations/plan/plan.ts";
import {
  modelOf,
  mongoTest,
  oracle,
  type OracleOptions,
  type OracleReport,
} from "../../../support/mongo_migrating.ts";

const star = {
  id: z.int64(),
  name: z.string(),
  mag: z.float64().nullable(),
  ra: z.float64(),
  dec: z.float64(),
};

const Star = defineModel("star", {
  fields: z.object(star),
  primaryKey: ["id"],
  indexes: [{ fields: ["mag"] }],
});

/** Some stars. */
const STARS = [
  { id: 1n, name: "Sirius", mag: -1.46, ra: 101.3, dec: -16.7 },
  { id: 2n, name: "Vega", mag: 0.03, ra: 279.2, dec: 38.8 },
  { id: 3n, name: "Barnard's", ra: 269.5, dec: 4.7 },
];

/** The expected files; `DBP_TEST_UPDATE=1` rewrites them. */
const GOLDEN = new URL("../../../data/mongo_plans.txt", import.meta.url);

async function golden(name: string, { up, down }: OracleReport): Promise<void> {
  const begin = `=== ${name}\n`;
  const text = `${begin}--- up\n${up}--- down\n${down}`;
  const all = await Deno.readTextFile(GOLDEN).catch(() => "");
  const parts = new Map(
    all.split(/^(?==== )/m).filter(Boolean).map((part) => [
      part.slice(0, part.indexOf("\n") + 1),
      part,
    ]),
  );
  if (Deno.env.get("DBP_TEST_UPDATE") !== undefined) {
    parts.set(begin, text);
    await Deno.writeTextFile(GOLDEN, [...parts.values()].join(""));
    return;
  }
  assert.equal(text, parts.get(begin));
}

function changed(
  name: string,
  young: readonly AnyModel[],
  {
    old = [Star],
    then,
    ...options
  }: OracleOptions & {
    readonly old?: readonly AnyModel[];
    readonly then?: (report: OracleReport) => Promise<void> | void;
  } = {},
): void {
  mongoTest(name, async (place) => {
    const report = await oracle(place, old, young, {
      fill: async (db) => {
        await db.collection("star").insertMany(
          STARS.map((one) => ({ ...one })),
        );
      },
      ...options,
    });
    await then?.(report);
    await golden(name, report);
  });
}

const model = (
  fields: Readonly<Record<string, z.ZodType>>,
  more: Parameters<typeof modelOf>[2] = {},
): AnyModel =>
  modelOf("star", fields, {
    primaryKey: ["id"],
    indexes: [{ fields: ["mag"] }],
    ...more,
  });

changed("a new collection", [
  Star,
  defineModel("night", {
    fields: z.object({ id: z.int32(), kind: z.enum(["dark", "grey"]) }),
    primaryKey: ["id"],
  }),
]);

changed("a new collection with seed rows", [
  Star,
  defineModel("survey", {
    fields: z.object({
      sid: z.int64(),
      name: z.string(),
      since: z.date().nullable(),
      active: z.boolean().default(true),
    }),
    primaryKey: ["sid"],
    seed: [
      { sid: 1n, name: "ZTF", since: new Date("2018-03-20T00:00:00Z") },
      { sid: 9007199254740993n, name: "$LSST", active: false },
    ],
    mongo: { id: "sid" },
  }),
], {
  async then({ place }) {
    const rows = await place.db.collection("survey").find().toArray();
    assert.deepEqual(
      rows.map(({ _id, name, active }) => [String(_id), name, active]),
      [["1", "ZTF", true], ["9007199254740993", "$LSST", false]],
    );
  },
});

changed("a new nullable field", [
  model({ ...star, plx: z.float64().nullable() }),
]);

changed("a new required field with a default", [
  model({ ...star, visits: z.int32().default(0) }),
], {
  async then({ place }) {
    assert.deepEqual(
      (await place.db.collection("star").find().toArray()).map(({ visits }) =>
        visits
      ),
      [0, 0, 0],
    );
  },
});

changed("a new required field with a value from the user", [
  model({ ...star, survey: z.string() }),
], {
  defaults: { "star.survey": "ztf" },
  async then({ place }) {
    assert.equal(
      await place.db.collection("star").countDocuments({ survey: "ztf" }),
      3,
    );
  },
});

changed("a field becomes required", [
  model({ ...star, mag: z.float64() }),
], { defaults: { "star.mag": "99.5" } });

changed("a field becomes nullable", [
  model({ ...star, name: z.string().nullable() }),
]);

changed("a wider type", [
  model({ ...star, kind: z.int64().nullable() }),
], { old: [model({ ...star, kind: z.int32().nullable() })] });

changed("a wider type of a field that becomes required", [
  model({ ...star, visits: z.int64() }),
], {
  old: [model({ ...star, kind: z.int32().nullable() })],
  renames: { "star.kind": "star.visits" },
  defaults: { "star.visits": "7" },
});

changed("a renamed field with its indexes", [
  model({
    id: star.id,
    name: star.name,
    vmag: z.float64().nullable().meta({ renamedFrom: "mag" }),
    ra: star.ra,
    dec: star.dec,
  }, { indexes: [{ fields: ["vmag"] }] }),
], {
  async then({ place }) {
    const found = await place.db.collection("star").find().sort({ id: 1 })
      .toArray();
    assert.deepEqual(found.map(({ vmag, mag }) => [vmag, mag]), [
      [-1.46, undefined],
      [0.03, undefined],
      [undefined, undefined],
    ]);
  },
});

changed("a renamed field of the primary key", [
  defineModel("star", {
    fields: z.object({
      source: z.int64().meta({ renamedFrom: "id" }),
      name: star.name,
      mag: star.mag,
      ra: star.ra,
      dec: star.dec,
    }),
    primaryKey: ["source"],
    indexes: [{ fields: ["mag"] }],
  }),
]);

changed("a renamed collection", [
  defineModel("source", {
    renamedFrom: "star",
    fields: z.object(star),
    primaryKey: ["id"],
    indexes: [{ fields: ["mag"] }],
  }),
]);

changed("a renamed collection with a renamed field", [
  defineModel("source", {
    renamedFrom: "star",
    fields: z.object({
      id: star.id,
      title: z.string().meta({ renamedFrom: "name" }),
      mag: star.mag,
      ra: star.ra,
      dec: star.dec,
    }),
    primaryKey: ["id"],
    unique: [["title"]],
    indexes: [{ fields: ["mag"] }],
  }),
], { old: [model(star, { unique: [["name"]] })] });

changed("a field that is dropped from the model", [
  model({ id: star.id, name: star.name, mag: star.mag, ra: star.ra }),
], {
  async then({ place }) {
    assert.equal(
      await place.db.collection("star").countDocuments({
        dec: { $exists: true },
      }),
      3,
    );
  },
});

changed("a field that is dropped with its values", [
  model({ id: star.id, name: star.name, mag: star.mag, ra: star.ra }),
], {
  drops: ["star.dec"],
  stopsAt: /the data of star\.dec is lost/,
  async then({ place, up }) {
    assert.match(up, /"dbp": "destructive drop-field star\.dec"/);
    assert.equal(
      await place.db.collection("star").countDocuments({
        dec: { $exists: true },
      }),
      0,
    );
  },
});

changed("a collection that is dropped", [
  defineModel("night", {
    fields: z.object({ id: z.int32() }),
    primaryKey: ["id"],
  }),
], { drops: ["star"], stopsAt: /the data of star is lost/ });

changed("a new index and a new unique index", [
  model(star, {
    unique: [["name"]],
    indexes: [{ fields: ["mag"] }, {
      fields: [{ field: "ra", order: "desc" }, "dec"],
    }],
  }),
], {
  then({ up }) {
    assert.match(up, /"prepareUnique": true/);
    assert.match(up, /"unique": true/);
  },
});

changed("an index that is dropped", [
  model(star, { indexes: [] }),
], {
  then({ up }) {
    assert.match(up, /"hidden": true[^]*"dropIndexes"/);
  },
});

changed("an index that becomes unique", [
  model(star, { unique: [["name"]] }),
], {
  old: [model(star, { indexes: [{ fields: ["mag"] }, { fields: ["name"] }] })],
  then({ up }) {
    assert.doesNotMatch(up, /createIndexes/);
  },
});

for (
  const [version, order] of [
    ["5.0.9", ["createIndexes", "collMod", "dropIndexes"]],
    ["4.4.29", ["dropIndexes", "createIndexes"]],
  ] as const
) {
  mongoTest(
    `MongoDB ${version} makes an index unique without prepareUnique`,
    async (place) => {
      const old = await place.open([
        model(star, { indexes: [{ fields: ["mag"] }, { fields: ["name"] }] }),
      ]);
      await old.createDb();
      const wanted = [model(star, { unique: [["name"]] })];
      const planned = async () =>
        await planSchema({ db: old.db, prefix: "" }, wanted, version, {
          intent: { renames: new Map(), drops: new Set(), defaults: new Map() },
          managed: ["star", "star#ix_star_name"],
        });
      const { up, down } = await planned();
      const commands = async (steps: SchemaPlan["up"]["steps"]) => {
        const run: string[] = [];
        for (const text of steps.flatMap(({ statements }) => statements)) {
          const command = commandIn(text);
          run.push(Object.keys(command)[0] ?? "");
          assert.doesNotMatch(text, /prepareUnique/);
          await old.db.command(command);
        }
        return run;
      };
      const names = async () =>
        (await old.db.collection("star").indexes()).map(({ name }) => name);
      const before = (await names()).toSorted();
      assert.deepEqual(await commands(up.steps), order);
      assert.deepEqual((await planned()).changes, []);
      assert.deepEqual((await names()).includes("ix_star_name"), false);
      await commands(down.steps);
      assert.deepEqual((await names()).toSorted(), before);
    },
  );
}

changed("an index that is no longer unique", [
  model(star, { indexes: [{ fields: ["mag"] }, { fields: ["name"] }] }),
], { old: [model(star, { unique: [["name"]] })] });

changed("an index with the name of a wanted index", [
  model(star, {
    indexes: [
      { name: "ix_a", fields: ["name"] },
      { name: "ix_b", fields: ["mag"] },
      { name: "ix_c", fields: [{ field: "mag", order: "desc" }] },
    ],
  }),
], {
  old: [
    model(star, {
      unique: [["name"]],
      indexes: [
        { name: "ix_a", fields: ["mag", "name"] },
        { name: "ix_b", fields: ["name"] },
        { name: "ix_c", fields: ["mag"] },
      ],
    }),
  ],
});

changed("indexes that exchange their names", [
  model(star, {
    indexes: [
      { name: "ix_a", fields: ["name"] },
      { name: "ix_b", fields: ["mag", "name"] },
    ],
  }),
], {
  old: [
    model(star, {
      indexes: [
        { name: "ix_a", fields: [{ field: "name", order: "desc" }] },
        { name: "ix_b", fields: ["name"] },
      ],
    }),
  ],
});

changed("an index with another condition", [
  model(star, { indexes: [{ fields: ["mag"], where: "mag > 5" }] }),
], {
  old: [model(star, { indexes: [{ fields: ["mag"], where: "mag > 3" }] })],
});

changed("a new position", [
  model(star, { mongo: { derived: { loc: point("ra", "dec") } } }),
], {
  async then({ place }) {
    const [one] = await place.db.collection("star").find({ id: 2n }).toArray();
    assert.deepEqual(one?.loc.type, "Point");
  },
});

changed("an enum with more values", [
  model({ ...star, kind: z.enum(["O", "G", "M"]).nullable() }),
], { old: [model({ ...star, kind: z.enum(["O", "G"]).nullable() })] });

changed("a new description", [
  model({
    ...star,
    name: z.string().meta({ description: "What it is called" }),
  }),
], {
  then({ up }) {
    assert.match(up, /"dbp": "ignore strict-at-once only descriptions/);
  },
});

changed("several changes at once", [
  model({
    id: star.id,
    title: z.string().meta({ renamedFrom: "name" }),
    vmag: z.float64().nullable().meta({ renamedFrom: "mag" }),
    ra: star.ra,
    dec: star.dec,
    visits: z.int32().default(1),
  }, {
    unique: [["title"]],
    indexes: [{ fields: ["vmag"] }, { fields: ["visits"], using: "hash" }],
  }),
  defineModel("night", {
    fields: z.object({ id: z.int32() }),
    primaryKey: ["id"],
  }),
]);
