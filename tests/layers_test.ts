// Imports point one way, types included, and form no cycle.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** The layers, lowest first. A file may import from its own and from those below. */
const LAYERS: readonly (readonly string[])[] = [
  [
    "src/duration.ts",
    "src/moment.ts",
    "src/entry.ts",
    "src/errors.ts",
    "src/errors/",
    "src/exit_codes.ts",
    "src/host.ts",
    "src/nearest.ts",
    "src/pause.ts",
    "src/setting.ts",
  ],
  ["src/model/"],
  ["src/models/"],
  ["src/query/"],
  [
    "src/migration.ts",
    "src/migration/",
    "src/migration_comment.ts",
    "src/migration_directive.ts",
    "src/migration_intent.ts",
    "src/migration_names.ts",
    "src/migration_next.ts",
    "src/migration_place.ts",
    "src/migration_record.ts",
    "src/migration_rename.ts",
    "src/migration_renames.ts",
    "src/migration_requirement.ts",
    "src/migration_step.ts",
    "src/migration_stopped.ts",
  ],
  ["src/engine.ts"],
  ["src/connection/"],
  ["src/sql/", "src/mongo/"],
  ["src/migrate/"],
  ["src/config.ts", "src/settings_file.ts", "src/connect.ts", "src/ztf/"],
  ["src/testing/", "src/commands/"],
  ["mod.ts", "cli.ts"],
];

interface Specifier {
  readonly specifier?: string;
}

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: Specifier;
    readonly type?: Specifier;
  }[];
}

const root = fileURLToPath(new URL("../", import.meta.url));

/** Every file of the package with the files it imports. */
async function imports(): Promise<ReadonlyMap<string, readonly string[]>> {
  const graph = new Map<string, readonly string[]>();
  for (
    const entry of [
      "mod.ts",
      "cli.ts",
      "src/commands/run.ts",
      "src/commands/mermaid.ts",
      "src/models/mod.ts",
      "src/models/mongo/mod.ts",
      "src/sql/mod.ts",
      "src/mongo/mod.ts",
      "src/migrate/mod.ts",
      "src/testing/mod.ts",
    ]
  ) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: root,
    }).output();
    const { modules }: { modules: readonly Module[] } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    for (const { specifier, dependencies = [] } of modules) {
      const file = local(specifier);
      if (file === undefined) continue;
      graph.set(
        file,
        dependencies.flatMap(({ code, type }) =>
          local((type ?? code)?.specifier) ?? []
        ),
      );
    }
  }
  return graph;
}

function local(specifier: string | undefined): string | undefined {
  if (!specifier?.startsWith("file:") || !specifier.endsWith(".ts")) {
    return undefined;
  }
  const path = fileURLToPath(specifier);
  return path.startsWith(root) && !path.includes("node_modules")
    ? path.slice(root.length)
    : undefined;
}

function layerOf(file: string): number {
  return LAYERS.findIndex((layer) =>
    layer.some((place) =>
      place.endsWith("/") ? file.startsWith(place) : file === place
    )
  );
}

const graph = await imports();

Deno.test("every source file is in a layer, and the graph has them all", async () => {
  assert.deepEqual([...graph.keys()].filter((file) => layerOf(file) < 0), []);
  const missing: string[] = [];
  for (const file of await sources("src/")) {
    if (!graph.has(file)) missing.push(file);
  }
  assert.deepEqual(missing, []);
});

Deno.test("no import points to a layer above", () => {
  const up = [...graph].flatMap(([file, targets]) =>
    targets.filter((target) => layerOf(target) > layerOf(file)).map((target) =>
      `${file} → ${target}`
    )
  );
  assert.deepEqual(up, []);
});

Deno.test("no file is its own import, by way of whatever others", () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(
      !path.includes(file),
      `cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`,
    );
    if (done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
});

Deno.test("an engine is known only to what opens connections, and its drivers only to the engine", () => {
  const importers = (place: string): string[] =>
    [...graph].filter(([file, targets]) =>
      !file.startsWith(place) &&
      targets.some((target) => target.startsWith(place))
    )
      .map(([file]) => file).sort();
  assert.deepEqual(importers("src/sql/"), ["mod.ts", "src/connect.ts"]);
  assert.deepEqual(importers("src/mongo/"), ["mod.ts", "src/connect.ts"]);
  assert.deepEqual(importers("src/sql/drivers/"), ["src/sql/engine.ts"]);
});

Deno.test("nothing inside imports the package's own front door", () => {
  const inside = [...graph].filter(([file, targets]) =>
    file.startsWith("src/") &&
    targets.some((target) => target === "mod.ts" || target === "cli.ts")
  );
  assert.deepEqual(inside.map(([file]) => file), []);
});

Deno.test("zod's inside is looked at in one file", async () => {
  const looking: string[] = [];
  for (const file of await sources("src/")) {
    if ((await Deno.readTextFile(root + file)).includes("_zod")) {
      looking.push(file);
    }
  }
  assert.deepEqual(looking, ["src/model/zod.ts"]);
});

async function sources(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (isDirectory) files.push(...await sources(`${folder}${name}/`));
    else if (name.endsWith(".ts")) files.push(folder + name);
  }
  return files.sort();
}
