// Keys of type citext, an extension that ignores the case, in a database of their own.
import { SQLConnection } from "@alerce/db-plugins";
import { sql } from "kysely";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { LINGUISTIC } from "../../support/engines.ts";
import { assertOneKey, keyModels, keyTables } from "../../support/one_key.ts";

for (const [name, open] of LINGUISTIC) {
  for (const isDeclared of [true, false]) {
    test(
      `${name}: all writes agree on keys of citext${
        isDeclared ? "" : " that the model does not declare"
      }`,
      async () => {
        const models = keyModels(
          z.string(),
          isDeclared ? { sqlType: "citext" } : {},
        );
        await using db = new SQLConnection({ models });
        await db.connect(await open());
        const run = async (statement: string) => {
          const { rows } = await sql.raw(statement).execute(db.kysely);
          return rows as Record<string, unknown>[];
        };
        for (
          const statement of ["create extension citext", ...keyTables("citext")]
        ) await run(statement);
        await assertOneKey({ db, run }, models, ["ZTF18a", "ztf18A"]);
      },
    );
  }
}
