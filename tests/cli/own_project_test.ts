// The package in a folder of one's own, as it comes from the registry: imports of that folder's deno.json work in settings, models and programs.
import assert from "node:assert/strict";
import { join } from "node:path";
import meta from "../../deno.json" with { type: "json" };
import { initializePglite } from "../support/pglite_template.ts";
import { deno, jsrRegistry } from "../support/jsr_registry.ts";

const CLI = `jsr:${meta.name}@${meta.version}/cli`;

const FILES: Readonly<Record<string, string>> = {
  "deno.json": JSON.stringify({
    imports: {
      "@alerce/db-plugins": `jsr:${meta.name}@${meta.version}`,
      "#lib/": "./lib/",
      "zod": meta.imports.zod,
    },
    tasks: { dbp: `deno run -A ${CLI}` },
  }),
  "lib/degrees.ts": `
    import { z } from "zod";
    export const degrees = z.float64().meta({ unit: "deg" });`,
  "models.ts": `
    import { degrees } from "#lib/degrees.ts";
    import { defineModel } from "@alerce/db-plugins";
    import { z } from "zod";
    export const Star = defineModel("star", {
      fields: z.object({ id: z.int64(), ra: degrees }),
      primaryKey: ["id"],
      relations: {
        nights: { kind: "many", model: "night", on: { id: "star" } },
      },
    });
    export const Night = defineModel("night", {
      fields: z.object({ star: z.int64(), mjd: z.int32() }),
      primaryKey: ["star", "mjd"],
      relations: { of: { kind: "one", model: "star", on: { star: "id" } } },
    });`,
  "settings.ts": `
    import type { DbConfig } from "@alerce/db-plugins";
    import { Night, Star } from "./models.ts";
    export const DB_CONFIG = {
      SQL: { ENGINE: "pglite", DB_NAME: import.meta.dirname + "/data" },
    } satisfies DbConfig;
    export const MODELS = [Star, Night] as const;`,
  "main.ts": `
    import { connect } from "@alerce/db-plugins";
    import { Night, Star } from "./models.ts";
    import { DB_CONFIG, MODELS } from "./settings.ts";
    await using db = await connect(DB_CONFIG, { models: MODELS });
    await db.query(Star).insert({ id: 1n, ra: 279.2 });
    await db.query(Night).insert({ star: 1n, mjd: 59000 });
    const stars = await db.query(Star).findAll({ include: { nights: true } });
    const mjds: number[] = stars.flatMap(({ nights }) =>
      nights.map(({ mjd }) => mjd)
    );
    // @ts-expect-error an unknown field of an included row
    void stars[0]?.nights[0]?.mdj;
    // @ts-expect-error an unknown table
    db.kysely.selectFrom("stars");
    const rows: { ra: number }[] = await db.kysely.selectFrom("star")
      .select("ra").execute();
    console.log(JSON.stringify({ mjds, rows }));`,
};

Deno.test("dbp and a program from the registry work in a folder of one's own", async () => {
  await using registry = await jsrRegistry();
  const folder = await Deno.makeTempDir({ prefix: "dbp-own-" });
  const run = (...args: string[]): Promise<string> =>
    deno(folder, registry.env, args);
  try {
    await Deno.mkdir(join(folder, "lib"));
    for (const [name, text] of Object.entries(FILES)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await initializePglite(join(folder, "data"));
    const made = await run("task", "dbp", "initdb");
    assert.match(made, /^Applied \d{8}T\d{6}_baseline$/m);
    const status = await run("run", "-A", CLI, "status");
    assert.match(status, /^1 applied, 0 pending/m);
    // Without a version, the command is the newest one.
    await run("run", "-A", `jsr:${meta.name}/cli`, "check");
    await run("check", "main.ts", "settings.ts");
    assert.deepEqual(JSON.parse(await run("run", "-A", "main.ts")), {
      mjds: [59000],
      rows: [{ ra: 279.2 }],
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
