// What a program loads at its start: only what it uses. Times are measured by `task bench start`.
import assert from "node:assert/strict";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import meta from "../deno.json" with { type: "json" };
import { mongoSettings, postgresSettings } from "./support/engines.ts";
import { withoutMongo } from "./support/mongo_server.ts";
import { ROOT } from "./support/program.ts";

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** Returns the modules of an entry point, those that it imports dynamically included. */
async function modulesOf(entry: string): Promise<ReadonlyMap<string, Module>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
  }).output();
  const { modules }: { modules: readonly Module[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  return new Map(modules.map((module) => [module.specifier, module]));
}

/** Returns the files, from the root of the checkout, and the npm packages that an entry point imports statically. */
async function staticImports(
  entry: string,
): Promise<{ files: string[]; packages: string[] }> {
  const modules = await modulesOf(entry);
  const reached = new Set([pathToFileURL(join(ROOT, entry)).href]);
  for (const specifier of reached) {
    for (
      const { isDynamic, code } of modules.get(specifier)?.dependencies ?? []
    ) {
      if (isDynamic !== true && code?.specifier !== undefined) {
        reached.add(code.specifier);
      }
    }
  }
  const all = [...reached];
  return {
    files: all.filter(isOwn).map(pathOf),
    packages: all.filter(isPackage).map(packageOf),
  };
}

const isOwn = (specifier: string): boolean =>
  specifier.startsWith("file:") && !specifier.includes("/node_modules/");
const isPackage = (specifier: string): boolean => specifier.startsWith("npm:");
const pathOf = (specifier: string): string =>
  fileURLToPath(specifier).slice(ROOT.length);
/** `npm:/@optique/core@1.3.6/doc` is of the package `@optique/core`. */
const packageOf = (specifier: string): string =>
  /^npm:\/?(@?[^@]+)@/.exec(specifier)?.[1] ?? specifier;

Deno.test("the main entry point loads zod, leven, and no engine, driver or model of a table", async () => {
  const { files, packages } = await staticImports("mod.ts");
  assert.deepEqual(packages.toSorted(), ["leven", "zod"]);
  const allowed =
    /^(?:mod|src\/connect)\.ts$|^src\/(?:base|sky|model|query|engine|connection|writer|settings)\/|^src\/(?:sql|mongo)\/(?:link\/)?\w+\.ts$/;
  assert.deepEqual(files.filter((file) => !allowed.test(file)), []);
  assert.deepEqual(
    files.filter((file) => /\/(?:open|backend|executor)\.ts$/.test(file)),
    [],
  );
});

Deno.test("a PostgreSQL connection loads no write, schema change, plan of a migration, Kysely or COPY", async () => {
  const open = await staticImports("src/sql/open.ts");
  const driver = await staticImports("src/sql/driver/postgresql.ts");
  const packages = new Set([...open.packages, ...driver.packages]);
  assert.deepEqual([...packages].toSorted(), ["leven", "pg", "postgres-array"]);
  const unused =
    /^src\/(?:models|mongo|alerts|multisurvey|ztf|lsst|migrations\/(?!file\/))|^src\/sql\/write\/(?!model_errors)|^src\/sql\/migrations\/(?!target|dialect|file\/|lint\/)/;
  assert.deepEqual(
    [...open.files, ...driver.files].filter((file) => unused.test(file)),
    [],
  );
});

Deno.test("dbp, its commands and their entry points load no Parquet library before a Parquet file", async () => {
  for (
    const entry of [
      ...["cli.ts", "src/cli/run/load.ts", "src/cli/run/export.ts"],
      ...["src/load/mod.ts", "src/export/mod.ts"],
    ]
  ) {
    const { packages } = await staticImports(entry);
    assert.deepEqual(
      packages.filter((name) => name.startsWith("hyparquet")),
      [],
    );
  }
});

Deno.test("one file imports each npm package, because each import takes time at the start", async () => {
  const importers = new Map<string, Set<string>>();
  for (
    const entry of [
      ...["mod.ts", "cli.ts", "src/ztf/mod.ts", "src/lsst/mod.ts"],
      ...["src/load/mod.ts", "src/export/mod.ts"],
    ]
  ) {
    for (
      const { specifier, dependencies } of (await modulesOf(entry)).values()
    ) {
      if (!isOwn(specifier)) continue;
      for (const { code } of dependencies ?? []) {
        if (
          code?.specifier === undefined || !isPackage(code.specifier)
        ) continue;
        const name = packageOf(code.specifier);
        importers.set(
          name,
          (importers.get(name) ?? new Set()).add(pathOf(specifier)),
        );
      }
    }
  }
  assert.ok(importers.size > 8);
  for (const [name, files] of importers) {
    assert.equal(
      files.size,
      1,
      `${name} is imported by ${[...files].join(", ")}`,
    );
  }
});

const CONNECTS = `
import { connect, defineModel } from "@alerce/db-plugins";
import { z } from "zod";
const Missing = defineModel("missing_table", { fields: z.object({ id: z.int32() }) });
await using db = await connect(JSON.parse(Deno.args[0]));
await db.query(Missing).first().catch(({ name }) => console.log(name));
`;

/** Runs a program in which packages throw when they are loaded. */
async function runWithout(
  packages: readonly string[],
  settings: object,
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-graph-" });
  try {
    const imports = Object.fromEntries(
      Object.entries(meta.imports).map(([name, target]) => [
        name,
        target.startsWith("./")
          ? new URL(target, pathToFileURL(ROOT)).href
          : target,
      ]),
    );
    for (const name of packages) {
      const file = `${name.replaceAll(/\W/g, "_")}.ts`;
      imports[name] = `./${file}`;
      await Deno.writeTextFile(
        join(folder, file),
        `throw new Error("loaded ${name}");`,
      );
    }
    await Deno.writeTextFile(
      join(folder, "import_map.json"),
      JSON.stringify({ imports }),
    );
    await Deno.writeTextFile(join(folder, "program.ts"), CONNECTS);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      // The settings file of the checkout would decide what its own files import.
      args: [
        ...["run", "-A", "--quiet", "--no-config"],
        "--import-map=import_map.json",
        ...["program.ts", JSON.stringify(settings)],
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    return text.decode(stdout) + text.decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The packages that a program on an engine must not load for its first read. */
const UNUSED: readonly {
  readonly engine: string;
  readonly packages: readonly string[];
  readonly settings: () => object;
}[] = [
  {
    engine: "PostgreSQL",
    packages: ["mongodb", "@electric-sql/pglite", "kysely", "pg-copy-streams"],
    settings: postgresSettings,
  },
  {
    engine: "PGlite",
    packages: ["mongodb", "pg", "kysely", "pg-copy-streams"],
    settings: () => ({ ENGINE: "pglite", DB_NAME: "memory://" }),
  },
  {
    engine: "MongoDB",
    packages: ["@electric-sql/pglite", "pg", "kysely", "pg-copy-streams"],
    settings: mongoSettings,
  },
];

for (const { engine, packages, settings } of UNUSED) {
  Deno.test({
    name: `a program on ${engine} connects and reads without ${
      packages.join(", ")
    }`,
    ignore: engine === "MongoDB" && withoutMongo,
    fn: async () => {
      assert.equal(await runWithout(packages, settings()), "SchemaError\n");
    },
  });
}
