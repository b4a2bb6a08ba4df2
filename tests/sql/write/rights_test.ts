// Writes of roles with few rights: without TEMPORARY, on some columns only, and
// under row-level security.
import { DatabaseError, defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { postgres15Settings, postgresSettings } from "../../support/engines.ts";
import { type RoleCase, withRole } from "../../support/roles.ts";

const Star = defineModel("star", {
  fields: z.object({
    id: z.int32(),
    name: z.string().nullable(),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["id"],
});
const TABLE =
  "create table star (id int primary key, name varchar, mag float8)";
/** A database that gives TEMPORARY to nobody; the tests of a server share it. */
const DATABASE = "dbp_without_temporary";

async function createDatabase(
  settings: Record<string, unknown>,
): Promise<void> {
  await using db = new SQLConnection({ models: [] });
  await db.connect(settings);
  const existing = await db
    .sql`select from pg_database where datname = ${DATABASE}`;
  if (existing.length > 0) return;
  await db.sql`${sql.raw(`create database ${DATABASE}`)}`;
  await db.sql`${
    sql.raw(`revoke temporary on database ${DATABASE} from public`)
  }`;
}

for (
  const [name, settings] of [
    ["postgresql", postgresSettings()],
    ["postgresql 15", postgres15Settings()],
  ] as const
) {
  if (settings === undefined) continue;
  const roleTest = (
    title: string,
    statements: readonly string[],
    fn: (place: RoleCase) => Promise<void>,
    more: object = {},
  ) =>
    test(
      `${name}: ${title}`,
      async () => {
        if ("DB_NAME" in more) await createDatabase(settings);
        await withRole([Star], [TABLE, ...statements], fn, {
          ...settings,
          ...more,
        });
      },
    );

  roleTest(
    "bulk writes need no TEMPORARY",
    ["grant select, insert, update, delete on star to ROLE"],
    async ({ open, role }) => {
      const db = await open();
      const stars = db.query(Star);
      const rows = Array.from({ length: 3_000 }, (_, id) => ({ id, mag: id }));
      assert.deepEqual(await stars.bulkInsert(rows.slice(0, 1_000)), {
        inserted: 1_000,
        ignored: 0,
      });
      assert.deepEqual(await stars.bulkInsert(rows.slice(0, 2_000)), {
        inserted: 1_000,
        ignored: 1_000,
      });
      assert.deepEqual(
        await stars.bulkUpsert([...rows, { id: 1, name: "b" }]),
        { inserted: 1_000, updated: 1, unchanged: 2_000 },
      );
      await assert.rejects(
        stars.bulkInsert([{ id: 1 }], { onConflict: "error" }),
      );
      assert.equal(await stars.count(), 3_000);
      await assert.rejects(
        db.sql`create temporary table t ()`,
        (error) =>
          error instanceof DatabaseError && error.code === "42501" &&
          error.message.endsWith(
            `. The role ${role} lacks TEMPORARY on database ${DATABASE}: its owner, postgres, can run GRANT TEMPORARY ON DATABASE ${DATABASE} TO ${role}`,
          ),
      );
    },
    { DB_NAME: DATABASE },
  );

  roleTest(
    "bulk writes need rights on the written columns only",
    [
      "grant select (id), insert (id, mag), update (mag) on star to ROLE",
    ],
    async ({ open, owner }) => {
      const db = await open();
      const stars = db.query(Star);
      assert.deepEqual(await stars.bulkInsert([{ id: 1 }, { id: 2, mag: 2 }]), {
        inserted: 2,
        ignored: 0,
      });
      assert.deepEqual(await stars.bulkInsert([{ id: 1 }, { id: 3 }]), {
        inserted: 1,
        ignored: 1,
      });
      assert.deepEqual(
        await stars.bulkUpsert([{ id: 1, mag: 5 }, { id: 4, mag: 4 }]),
        { inserted: 1, updated: 1, unchanged: 0 },
      );
      assert.deepEqual(await stars.bulkUpdate([{ id: 4, mag: 6 }]), {
        updated: 1,
        missing: 0,
      });
      const mags = await owner.query(Star).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(mags.map((row) => Object(row).mag), [5, 2, null, 6]);
      for (
        const [call, grant] of [
          [() => stars.bulkInsert([{ id: 9, name: "x" }]), "INSERT (name)"],
          [() => stars.bulkUpsert([{ id: 1, name: "x" }]), "(name)"],
          [
            () => stars.updateAll({ filterBy: { id: 1 }, set: { name: "x" } }),
            "UPDATE (name)",
          ],
          [
            () => stars.getOrCreate({ filterBy: { id: 7 } }),
            "SELECT (name, mag)",
          ],
          [() => stars.findAll(), "SELECT (name, mag)"],
          [() => stars.count({ filterBy: { name: "x" } }), "SELECT (name)"],
          [
            () => stars.checkExists({ filterBy: { mag: 1 } }),
            "SELECT (mag)",
          ],
          [() => stars.deleteAll({ filterBy: { id: 1 } }), "DELETE"],
        ] as const
      ) {
        await assert.rejects(call, (error) => {
          assert.ok(error instanceof DatabaseError, String(error));
          assert.equal(error.code, "42501");
          assert.ok(error.message.includes("GRANT "), error.message);
          assert.ok(error.message.includes(grant), error.message);
          return true;
        });
      }
    },
  );

  roleTest(
    "rows under row-level security are written, or the policy is named",
    [
      "grant select, insert, update, delete on star to ROLE",
      "alter table star enable row level security",
      "create policy own on star to ROLE using (id < 100) with check (id < 100)",
    ],
    async ({ open, owner }) => {
      const db = await open();
      const stars = db.query(Star);
      await owner.query(Star).bulkInsert([{ id: 200 }]);
      assert.deepEqual(await stars.bulkInsert([{ id: 1 }, { id: 2 }]), {
        inserted: 2,
        ignored: 0,
      });
      assert.deepEqual(
        await stars.bulkUpsert([{ id: 1, mag: 1 }, { id: 3, mag: 3 }]),
        { inserted: 1, updated: 1, unchanged: 0 },
      );
      for (
        const call of [
          () => stars.bulkInsert([{ id: 300 }]),
          () => stars.bulkUpsert([{ id: 200, mag: 1 }]),
          () => stars.insert({ id: 300 }),
          () => stars.getOrCreate({ filterBy: { id: 300 } }),
        ]
      ) {
        await assert.rejects(
          call,
          (error) =>
            error instanceof DatabaseError &&
            /star.*A policy of the table does not allow r_\w+ this row/
              .test(error.message),
        );
      }
      await assert.rejects(
        stars.getOrCreate({ filterBy: { id: 200 } }),
        /policy|row-level security/i,
      );
      assert.equal(await stars.count(), 3);
      assert.equal(await owner.query(Star).count(), 4);
    },
  );

  roleTest(
    "rows that the role may read are returned, also without TEMPORARY and under row-level security",
    [
      "grant select, insert, update on star to ROLE",
      "alter table star enable row level security",
      "create policy own on star to ROLE using (id < 100) with check (id < 300)",
    ],
    async ({ open, owner }) => {
      const stars = (await open()).query(Star);
      const returning = ["id", "mag"] as const;
      const plain = (rows: readonly object[]) =>
        rows.map((row) => ({ ...row }));
      const first = await stars.bulkInsert([{ id: 2 }, { id: 1 }], {
        returning,
      });
      assert.deepEqual(plain(first.rows), [
        { id: 2, mag: null },
        { id: 1, mag: null },
      ]);
      const second = await stars.bulkUpsert(
        [{ id: 3, mag: 3 }, { id: 1, mag: 1 }],
        { returning },
      );
      assert.deepEqual(plain(second.rows), [
        { id: 3, mag: 3 },
        { id: 1, mag: 1 },
      ]);
      // The role may write the row, and not read it.
      await assert.rejects(
        stars.bulkInsert([{ id: 5 }, { id: 200 }], { returning }),
        /A policy of the table does not allow r_\w+ this row/,
      );
      assert.equal(await owner.query(Star).count(), 3);
    },
    { DB_NAME: DATABASE },
  );

  roleTest(
    "a missing right to read returned columns is named",
    ["grant insert on star to ROLE", "grant select (id) on star to ROLE"],
    async ({ open }) => {
      const stars = (await open()).query(Star);
      const { rows } = await stars.bulkInsert([{ id: 1 }], {
        returning: ["id"],
      });
      assert.deepEqual(rows.map(({ id }) => id), [1]);
      await assert.rejects(
        stars.bulkInsert([{ id: 2 }], { returning: ["name"] }),
        /lacks SELECT on name: GRANT SELECT \(name\) ON/,
      );
    },
  );
}
