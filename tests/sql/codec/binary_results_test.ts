// Every type is read from its binary format as the text that the server writes, whatever the settings of the session are.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { sql } from "kysely";
import pg from "pg";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import {
  freshPglite,
  freshSchema,
  HOSTILE_SETTINGS,
  hostilePool,
  postgres15Settings,
  postgresSettings,
} from "../../support/engines.ts";
import { arrayLiteral, LITERALS } from "../../support/literals.ts";
import { ROUNDS } from "../../support/rounds.ts";

const ROWS = 60 * ROUNDS;
const SEED = 20_180_601;

const types = Object.entries(LITERALS).flatMap(([type, literal]) => [
  { type, literal },
  { type: `${type}[]`, literal: arrayLiteral(type, literal) },
]).map((entry, index) => ({ ...entry, name: `c${index}` }));

const Values = defineModel("values", {
  fields: z.object({
    id: z.int32(),
    ...Object.fromEntries(
      types.map(({ name, type }) => [
        name,
        z.string().nullable().meta({ sqlType: type }),
      ]),
    ),
  }),
  primaryKey: ["id"],
});

const SERVERS = {
  "PostgreSQL 18": postgresSettings,
  "PostgreSQL 15": postgres15Settings,
  PGlite: () => ({}),
};

for (const [server, settingsOf] of Object.entries(SERVERS)) {
  test(`${server}: each type is read as its text, under settings that change texts`, async () => {
    const settings = settingsOf();
    if (settings === undefined) return;
    const client = server === "PGlite"
      ? await freshPglite()
      : hostilePool(settings);
    if (!(client instanceof pg.Pool)) {
      await client.exec(
        Object.entries(HOSTILE_SETTINGS).map(([name, value]) =>
          `set ${name} to ${value.includes("/") ? `'${value}'` : value};`
        ).join(""),
      );
    }
    const SCHEMA = freshSchema();
    const db = new SQLConnection({ models: [Values], client });
    await db.connect({
      ENGINE: server === "PGlite" ? "pglite" : "postgresql",
      SCHEMA,
    });
    try {
      const [shown] = await db.sql`select current_setting('TimeZone') as zone,
        current_setting('extra_float_digits') as digits`;
      assert.deepEqual({ ...shown }, {
        zone: HOSTILE_SETTINGS.TimeZone,
        digits: "-15",
      });
      await db.createDb();
      const columns = types.map(({ literal }) =>
        fc.sample(fc.option(literal, { nil: null, freq: 9 }), {
          numRuns: ROWS,
          seed: SEED,
        })
      );
      const rows = Array.from({ length: ROWS }, (_, id) => ({
        id,
        ...Object.fromEntries(
          types.map(({ name }, index) => [name, columns[index]?.[id] ?? null]),
        ),
      }));
      for (const { name, type } of types) {
        await db.sql`insert into ${sql.id(SCHEMA, "values")} (id, ${
          sql.id(name)
        }) select id, text::${sql.raw(type)} from jsonb_to_recordset(${
          JSON.stringify(
            rows.map((row) => ({ id: row.id, text: Reflect.get(row, name) })),
          )
        }::jsonb) as given (id int, text text)
          on conflict (id) do update set ${sql.id(name)} = excluded.${
          sql.id(name)
        }`;
      }
      await db.sql`create function ${
        sql.id(SCHEMA, "shown")
      } (anyelement) returns text language plpgsql
        set DateStyle = 'ISO, YMD' set IntervalStyle = 'postgres' set TimeZone = 'UTC'
        set extra_float_digits = 1 set bytea_output = 'hex'
        as $$ begin return case when $1 is null then null else format('%s', $1) end; end $$`;
      const expected = await db.sql`select id, ${
        sql.join(types.map(({ name }) =>
          sql`${sql.id(SCHEMA, "shown")}(${sql.id(name)}) as ${sql.id(name)}`
        ))
      } from ${sql.id(SCHEMA, "values")} order by id`;
      const found = await db.query(Values).findAll({ orderBy: { id: "asc" } });
      assert.equal(found.length, ROWS);
      for (const [index, row] of found.entries()) {
        for (const { name, type } of types) {
          assert.equal(
            Reflect.get(row, name),
            Reflect.get(expected[index] ?? {}, name),
            `${type} of row ${index}`,
          );
        }
      }
    } finally {
      await db.dropDb();
      await db.close();
      if (client instanceof pg.Pool) await client.end();
    }
  });
}
