// Imports point one way, types included: this test holds the folders of src/, never lists of files.
import assert from "node:assert/strict";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The folders of src/, lowest first. A file imports from its own folder and from those before it. */
const FOLDERS: readonly string[] = [
  ...["base/errors", "base"],
  ...["sky", "model"],
  ...["files/read", "files/avro"],
  ...["models/rows", "models", "models/mongo"],
  ...["models/multisurvey/archive/rows", "models/multisurvey/rows"],
  ...["models/multisurvey", "models/multisurvey/archive"],
  ...["query/statement", "query/limit", "query/checks", "query/filter"],
  "query/read",
  ...["query/middleware", "query/write", "query/session", "query"],
  ...["engine/migrations", "engine"],
  ...["connection", "writer"],
  ...["migrations/file", "migrations/plan", "migrations/report"],
  ...["migrations/folder", "migrations/history", "migrations/engine"],
  ...["migrations/check", "migrations/make", "migrations/run", "migrations"],
  ...["sql/link", "sql/codec/wire", "sql/codec", "sql/compile"],
  ...["sql/driver/protocol", "sql/driver"],
  ...["sql/migrations/file", "sql/schema", "sql/read", "sql/write"],
  ...["sql/migrations/history", "sql/migrations/lint"],
  ...["sql/migrations/compare", "sql/migrations/steps"],
  ...["sql/migrations/decide", "sql/migrations/run", "sql/migrations/plan"],
  ...["sql/migrations", "sql"],
  ...["mongo/link", "mongo/codec/bson", "mongo/codec", "mongo/compile"],
  ...["mongo/driver", "mongo/schema", "mongo/read"],
  ...["mongo/write/base", "mongo/write", "mongo/write/bulk"],
  ...["mongo/migrations/file", "mongo/migrations/history"],
  ...["mongo/migrations/compare", "mongo/migrations/steps"],
  ...["mongo/migrations/decide", "mongo/migrations/run"],
  ...["mongo/migrations/plan", "mongo/migrations", "mongo"],
  "settings",
  "connect.ts",
  ...["alerts", "multisurvey", "ztf", "lsst"],
  ...["load/input", "load/values", "load/parquet", "load/rows"],
  ...["load/record", "load"],
  ...["export/output", "export/text"],
  ...["export/parquet", "export/partition", "export", "testing"],
  ...["cli/terminal", "cli/run", "cli/parse", "cli"],
];

/** Folders of one level of the house, none of which knows the others. */
const APART: readonly (readonly string[])[] = [
  ["models", "query"],
  ["sql", "mongo"],
  ["alerts", "testing"],
  ["alerts", "load"],
  ["multisurvey", "testing"],
  ["multisurvey", "load"],
  ["ztf", "testing"],
  ["ztf", "load"],
  ["lsst", "testing"],
  ["lsst", "load"],
];

const ENGINES = ["sql", "mongo"];

/** The rooms that an engine may have. */
const ENGINE_ROOMS: readonly string[] = [
  ...["link", "codec", "compile", "driver", "schema", "read", "write"],
  "migrations",
];

/** The folders of migrations that an engine may use. */
const SHARED_MIGRATIONS: readonly string[] = [
  "migrations/file",
  "migrations/plan",
  "migrations/history",
];

interface Import {
  readonly from: string;
  readonly to: string;
}

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
const files = await sources("src/");
const imports = await importsOf(["mod.ts", "cli.ts", ...files]);

/** What every source file imports of the package's own. */
async function importsOf(entries: readonly string[]): Promise<Import[]> {
  const { modules } = await moduleGraph(entries);
  return modules.flatMap(({ specifier, dependencies = [] }) => {
    const from = local(specifier);
    if (from === undefined) return [];
    return dependencies.flatMap(({ code, type }) => {
      const to = local((type ?? code)?.specifier);
      return to === undefined ? [] : [{ from, to }];
    });
  });
}

/** The graph of all entries at once: of a module that imports them. */
async function moduleGraph(
  entries: readonly string[],
): Promise<{ readonly modules: readonly Module[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const all = `${folder}/all.ts`;
    const lines = entries.map((entry) => `import "file://${root}${entry}";`);
    await Deno.writeTextFile(all, lines.join("\n"));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", `${root}deno.json`, all],
      cwd: root,
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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

/** The folder of a file below src/; a file that stands in src/ itself is its own. */
function folderOf(file: string): string {
  const inside = file.slice("src/".length);
  return inside.includes("/") ? posix.dirname(inside) : inside;
}

/** Imports between the folders of src/. */
const arrows = imports
  .filter(({ from, to }) => from.startsWith("src/") && to.startsWith("src/"))
  .map(({ from, to }) => ({
    text: `${from} → ${to}`,
    from: folderOf(from),
    to: folderOf(to),
  }))
  .filter(({ from, to }) => from !== to);

function isIn(folder: string, outer: string): boolean {
  return folder === outer || folder.startsWith(`${outer}/`);
}

function texts(wrong: readonly { readonly text: string }[]): string[] {
  return wrong.map(({ text }) => text);
}

Deno.test("every folder of src/ has its floor, and no other is listed", () => {
  const folders = new Set(files.map(folderOf));
  assert.deepEqual([...folders].toSorted(), FOLDERS.toSorted());
});

Deno.test("an import points to its own folder or to a lower one", () => {
  const up = arrows.filter(({ from, to }) =>
    FOLDERS.indexOf(to) > FOLDERS.indexOf(from)
  );
  assert.deepEqual(texts(up), []);
});

Deno.test("no folder imports a folder that imports it, nor its parent folder", () => {
  const pairs = new Set(arrows.map(({ from, to }) => `${from} ${to}`));
  const mutual = arrows.filter(({ from, to }) => pairs.has(`${to} ${from}`));
  assert.deepEqual(texts(mutual), []);
  const parents = arrows.filter(({ from, to }) => isIn(from, to));
  assert.deepEqual(texts(parents), []);
});

Deno.test("folders of one level do not know each other", () => {
  const across = arrows.filter(({ from, to }) =>
    APART.some((group) =>
      group.some((one) =>
        isIn(from, one) &&
        group.some((other) => other !== one && isIn(to, other))
      )
    )
  );
  assert.deepEqual(texts(across), []);
});

Deno.test("no file imports itself through others", () => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) {
    targets.set(from, [...targets.get(from) ?? [], to]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(
      !path.includes(file),
      `cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`,
    );
    if (done.has(file)) return;
    for (const target of targets.get(file) ?? []) {
      visit(target, [...path, file]);
    }
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
});

Deno.test("engines have the same rooms, and of migrations use the three shared folders", () => {
  for (const engine of ENGINES) {
    const rooms = FOLDERS.filter((folder) => folder.startsWith(`${engine}/`))
      .map((folder) => folder.split("/")[1] ?? "");
    assert.deepEqual(
      [...new Set(rooms)].toSorted(),
      ENGINE_ROOMS.toSorted(),
      engine,
    );
    const beyond = arrows.filter(({ from, to }) =>
      isIn(from, engine) && isIn(to, "migrations") &&
      !SHARED_MIGRATIONS.includes(to)
    );
    assert.deepEqual(texts(beyond), []);
  }
});

Deno.test("an engine is known only to what opens connections, and its driver's client only to the engine", () => {
  for (const engine of ENGINES) {
    const outside = arrows.filter(({ from, to }) =>
      isIn(to, engine) && !isIn(from, engine)
    );
    assert.deepEqual(
      [...new Set(outside.map(({ from }) => from))],
      ["connect.ts"],
    );
  }
});

Deno.test("nothing inside imports the package's public modules", () => {
  const inside = imports.filter(({ from, to }) =>
    from.startsWith("src/") && !to.startsWith("src/")
  );
  assert.deepEqual(inside, []);
});

Deno.test("one file looks inside zod", async () => {
  const looking: string[] = [];
  for (const file of files) {
    if ((await Deno.readTextFile(root + file)).includes("_zod")) {
      looking.push(file);
    }
  }
  assert.deepEqual(looking, ["src/model/zod.ts"]);
});

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (isDirectory) found.push(...await sources(`${folder}${name}/`));
    else if (name.endsWith(".ts")) found.push(folder + name);
  }
  return found.toSorted();
}
