// The SQL of position indexes, and of the searches that use them.
import { type AnyModel, defineModel, ModelError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { positionOf } from "../../../src/query/statement/position.ts";
import { ALL } from "../../../src/query/statement/condition.ts";
import { createCompiler } from "../../../src/sql/compile/compiler.ts";
import type { PositionIndexKind } from "../../../src/sql/compile/position_index.ts";
import { createTables } from "../../../src/sql/schema/create_tables.ts";
import { wantedTable } from "../../../src/sql/schema/table.ts";

const source = (
  spatial: { using?: PositionIndexKind; index?: boolean } = {},
): AnyModel =>
  defineModel("source", {
    fields: z.object({ id: z.int32(), ra: z.float64(), dec: z.float32() }),
    primaryKey: ["id"],
    spatial: { ra: "ra", dec: "dec", ...spatial },
  });

/** Returns the statements that create the indexes of a model. */
function indexes(model: AnyModel): string[] {
  return createTables([wantedTable(model, [model])], undefined)
    .filter((text) => text.startsWith("create index"));
}

/** Returns a cone search, and a cross-match, without the exact distance. */
function searches(using: PositionIndexKind): string[] {
  const model = source({ using });
  const position = positionOf(model);
  if (position === undefined) throw new Error("no position");
  const compile = createCompiler(
    undefined,
    undefined,
    () => ({ using, prefix: '"ext".' }),
  );
  const cone = { ra: 10, dec: 0, radius: 3.6 };
  const id = model.fields.slice(0, 1);
  return [
    compile({
      kind: "count",
      model,
      where: { kind: "sky", position, region: { kind: "cone", ...cone } },
      max: undefined,
    }),
    compile({
      ...using === "zones"
        ? { kind: "findInZones", nearestFirst: false }
        : { kind: "findNear" },
      model,
      position,
      targets: [cone],
      where: ALL,
      order: [],
      fields: id,
      limit: 1,
    }),
  ].map(({ text }) =>
    text.replace(/ and case when .*$/, "")
      .replace(/unnest\(.*?\) (with|as)/, "unnest(…) $1")
  );
}

const KEY =
  `case when ra >= 0 and ra <= 360 and abs(cast("dec" as double precision)) <= 90 then cube(array[cosd(cast("dec" as double precision)) * cosd(ra), cosd(cast("dec" as double precision)) * cosd(ra - 90), sind(cast("dec" as double precision))]) end`;

const ZONE =
  `case when abs(cast("dec" as double precision)) <= 90 then floor(cast("dec" as double precision) * 60) end`;

Deno.test("the position index consists of zones, cubes of the unit vector, cells of q3c, or nothing", () => {
  assert.deepEqual(indexes(source()), [
    `create index "ix_source_position" on "source" using "btree" ((${ZONE}), "ra", "dec")`,
  ]);
  assert.deepEqual(indexes(source({ using: "cube" })), [
    `create index "ix_source_position" on "source" using "gist" ((${KEY}))`,
  ]);
  assert.deepEqual(indexes(source({ using: "q3c" })), [
    'create index "ix_source_position" on "source" using "btree" ((q3c_ang2ipix(ra, cast("dec" as double precision))))',
  ]);
  assert.deepEqual(indexes(source({ index: false })), []);
  assert.throws(
    () => source({ using: "q3c", index: false }),
    (error) =>
      error instanceof ModelError &&
      /has no index \(index: false\), so using: "q3c" has no effect/.test(
        error.message,
      ),
  );
});

Deno.test("searches name the functions and operators of the extension with its schema", () => {
  const key = KEY.replaceAll(/\bra\b/g, '"ra"').replace("cube(", '"ext".cube(');
  assert.deepEqual(searches("cube"), [
    `select count(*) from "source" where ((${key}) operator("ext".<@) "ext".cube(cast($1 as double precision[]), cast($2 as double precision[]))`,
    `select cast(dbp_targets.dbp_number as integer), dbp_rows.* from unnest(…) with ordinality as dbp_targets(dbp_ra, dbp_dec, dbp_cosine, dbp_radius, dbp_haversine, dbp_half, dbp_number) cross join lateral (select "id" from "source" where (${key}) operator("ext".<@) "ext".cube_enlarge("ext".cube(array[cosd(dbp_targets.dbp_dec) * cosd(dbp_targets.dbp_ra), cosd(dbp_targets.dbp_dec) * cosd(dbp_targets.dbp_ra - 90), sind(dbp_targets.dbp_dec)]), dbp_targets.dbp_half, 3)`,
  ]);
  assert.deepEqual(searches("zones"), [
    `select count(*) from "source" where ((${ZONE} = any(array[cast($1 as double precision), cast($2 as double precision)]) and "ra" between cast($3 as double precision) and cast($4 as double precision) and "dec" between cast($5 as double precision) and cast($6 as double precision))`,
    `select dbp_strips.dbp_number, "id" from unnest(…) as dbp_strips(dbp_number, dbp_zone, dbp_west, dbp_east, dbp_south, dbp_north) cross join lateral (select "id" from "source" where ${ZONE} = dbp_zone and "ra" between dbp_west and dbp_east and "dec" between dbp_south and dbp_north limit $7) as dbp_rows`,
  ]);
  assert.deepEqual(searches("q3c"), [
    `select count(*) from "source" where ("ext".q3c_radial_query("ra", cast("dec" as double precision), cast($1 as double precision), cast($2 as double precision), cast($3 as double precision))`,
    `select cast(dbp_targets.dbp_number as integer), dbp_rows.* from unnest(…) with ordinality as dbp_targets(dbp_ra, dbp_dec, dbp_cosine, dbp_radius, dbp_haversine, dbp_half, dbp_number) cross join lateral (select "id" from "source" where "ext".q3c_join(dbp_targets.dbp_ra, dbp_targets.dbp_dec, "ra", cast("dec" as double precision), dbp_targets.dbp_radius / 3600 + 0.00001)`,
  ]);
});
