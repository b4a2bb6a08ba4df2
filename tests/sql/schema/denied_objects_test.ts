// The error of a denied statement names the right that the role lacks, in any
// language of the server.
import { type Connection, defineModel, serial } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { CompiledQuery, sql } from "kysely";
import { z } from "zod";
import { missingRightText } from "../../../src/sql/schema/denied_objects.ts";
import { test } from "../../support/connected.ts";
import { postgres15Settings, postgresSettings } from "../../support/engines.ts";
import { withRole } from "../../support/roles.ts";

const Star = defineModel("star", {
  fields: z.object({ id: serial(z.int32()), name: z.string().nullable() }),
  primaryKey: ["id"],
});
const Comment = defineModel("comment", {
  fields: z.object({ id: z.int32() }),
  primaryKey: ["id"],
});
const TABLE = "create table star (id serial primary key, name varchar)";

for (
  const [name, settings] of [
    ["postgresql", postgresSettings()],
    ["postgresql 15", postgres15Settings()],
  ] as const
) {
  if (settings === undefined) continue;

  test(`${name}: a denied call names the missing right, in and outside of a transaction`, () =>
    withRole([Star, Comment], [
      TABLE,
      "revoke usage on schema SCHEMA from ROLE",
    ], async ({ schema, role, open, run, owner }) => {
      const [found] = await owner.sql<
        { database: string; owner: string }
      >`select current_database() as database, current_user as owner`;
      assert.ok(found);
      const grant = (right: string, object: string) =>
        `. The role ${role} lacks ${right} on ${object.toLowerCase()}: its owner, ${found.owner}, can run GRANT ${right} ON ${object} TO ${role}`;
      const db = await open({ POOL_SIZE: 1 });
      const denied = (call: () => Promise<unknown>, ending: string) =>
        assert.rejects(call, (error) => {
          assert.ok(error instanceof Error && "code" in error, String(error));
          assert.equal(error.code, "42501");
          assert.ok(error.message.endsWith(ending), error.message);
          return true;
        });
      const deniedEverywhere = async (
        call: (to: Pick<Connection, "query">) => Promise<unknown>,
        ending: string,
      ) => {
        await denied(() => call(db), ending);
        await denied(() => db.transaction(call), ending);
      };

      const usage = grant("USAGE", `SCHEMA ${schema}`);
      await deniedEverywhere((to) => to.query(Star).findAll(), usage);
      await deniedEverywhere((to) => to.query(Star).insert({}), usage);
      await denied(async () => {
        for await (const _ of db.query(Star).stream()) break;
      }, usage);
      await denied(
        () => db.sql`select from ${sql.table(`${schema}.star`)}`,
        usage,
      );

      await run(`grant usage on schema ${schema} to ROLE`);
      await denied(
        async () => {
          for await (const _ of db.query(Star).stream()) break;
        },
        `lacks SELECT on the table: GRANT SELECT ON ${schema}.star TO ${role}`,
      );
      await run("grant select, insert, update on star to ROLE");
      const sequence = grant("USAGE", `SEQUENCE ${schema}.star_id_seq`);
      await deniedEverywhere((to) => to.query(Star).insert({}), sequence);
      await deniedEverywhere((to) => to.query(Star).bulkInsert([{}]), sequence);
      await denied(
        () => db.sql`delete from ${sql.table(`${schema}.star`)}`,
        `The role ${role} lacks DELETE on table ${schema}.star, and only its owner, ${found.owner}, can change or drop it. The owner can run GRANT DELETE ON TABLE ${schema}.star TO ${role}, with only the privileges that the statement needs`,
      );
      await run("grant all on star to ROLE");
      await denied(
        () => db.sql`drop table ${sql.table(`${schema}.star`)}`,
        `. Only the owner of table ${schema}.star can do that: run it as ${found.owner} or as a member of that role`,
      );

      await denied(() => db.createDb(), grant("CREATE", `SCHEMA ${schema}`));
      await run(`grant create on schema ${schema} to ROLE`);
      // The role needs no right to create schemas.
      assert.deepEqual((await db.createDb({ verify: false })).created, [
        "comment",
      ]);
      const elsewhere = await open({ SCHEMA: `${schema}_new` });
      await denied(
        () => elsewhere.createDb(),
        grant("CREATE", `DATABASE ${found.database}`),
      );
    }, settings));
}

for (
  const [message, routine, ending] of [
    [
      "keine Berechtigung für Sequenz star_id_seq",
      "aclcheck_error",
      "GRANT USAGE ON SEQUENCE {schema}.star_id_seq TO {role}",
    ],
    [
      "droit refusé pour la séquence « star_id_seq »",
      "aclcheck_error",
      "GRANT USAGE ON SEQUENCE {schema}.star_id_seq TO {role}",
    ],
    [
      "スキーマ {schema} へのアクセスが拒否されました",
      "aclcheck_error",
      "GRANT CREATE ON SCHEMA {schema} TO {role}",
    ],
    [
      "keine Berechtigung für Datenbank {database}",
      "aclcheck_error",
      "GRANT CREATE ON DATABASE {database} TO {role}",
    ],
    ["keine Berechtigung, um Rolle »postgres« zu setzen", "check_role", ""],
  ] as const
) {
  test(`the missing right of a translated message is found: ${message}`, () =>
    withRole([], [TABLE], async ({ schema, role, open, owner }) => {
      const [found] = await owner.sql<
        { database: string }
      >`select current_database() as database`;
      const database = found?.database ?? "";
      const { kysely } = await open();
      const filled = (text: string) =>
        text.replaceAll("{schema}", schema).replaceAll("{database}", database)
          .replaceAll("{role}", role);
      const error = Object.assign(new Error(filled(message)), {
        code: "42501",
        routine,
      });
      const text = await missingRightText(
        {
          async query({ text, values }, rows) {
            const result = await kysely.executeQuery<object>(
              CompiledQuery.raw(text, [...values]),
            );
            assert.ok(typeof rows === "function");
            for (const row of result.rows) rows(Object.values(row));
            return { count: result.rows.length };
          },
        },
        error,
        schema,
      );
      assert.ok(
        ending === "" ? text === undefined : text?.endsWith(filled(ending)),
        text ?? "no object",
      );
    }));
}
