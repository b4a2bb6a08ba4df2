// What a user can name is on the page about it: each list comes from the code, so that a new name without documentation fails here.
import { bytes, defineModel, int16 } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { main } from "../../cli.ts";
import meta from "../../deno.json" with { type: "json" };
import { EXIT } from "../../src/base/errors/exit_codes.ts";
import { ruleOf } from "../../src/mongo/schema/validator_rules.ts";
import { CLIENT_KEYS } from "../../src/mongo/driver/client_options.ts";
import { columnType } from "../../src/sql/codec/column_type.ts";
import { ROOT } from "../support/program.ts";
import { type Page, proseOf, readPage, sectionOf } from "./pages.ts";

/** A symbol of `deno doc --json`. */
interface Documented {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly def: {
      readonly properties?: readonly { readonly name: string }[];
      readonly methods?: readonly { readonly name: string }[];
    };
  }[];
}

/** The public symbols of an entry point. */
async function symbolsOf(entry: string): Promise<readonly Documented[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", entry],
    cwd: ROOT,
    stderr: "null",
  }).output();
  assert.ok(success, entry);
  const { nodes }: {
    nodes: Record<string, { readonly symbols: readonly Documented[] }>;
  } = JSON.parse(new TextDecoder().decode(stdout));
  return Object.values(nodes).flatMap(({ symbols }) => symbols);
}

const PUBLIC = await symbolsOf("mod.ts");

/** The properties and methods of a public type. */
function membersOf(type: string): string[] {
  const members = PUBLIC.filter(({ name }) => name === type).flatMap((
    { declarations },
  ) =>
    declarations.flatMap(({ def: { properties = [], methods = [] } }) => [
      ...[...properties, ...methods].map(({ name }) => name),
    ])
  );
  assert.ok(members.length > 0, `${type} has no members`);
  return members.filter((name) => !name.startsWith("["));
}

/** Fails unless a text names everything as code, such as `` `find` ``. */
function assertNamed(
  names: readonly string[],
  text: string,
  where: string,
): void {
  const prose = proseOf({ path: where, text });
  const spans = [...prose.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  const words = new Set(spans.flatMap((span) => span.split(/[^\w$-]+/)));
  assert.deepEqual(
    names.filter((name) => !words.has(name)),
    [],
    `missing on ${where}`,
  );
}

async function assertOnPage(
  names: readonly string[],
  path: string,
): Promise<Page> {
  const page = await readPage(path);
  assertNamed(names, page.text, path);
  return page;
}

Deno.test("every public method of a query, and every option of its methods, is on its page", async () => {
  await assertOnPage([
    ...membersOf("Query"),
    ...["FindOptions", "PageOptions", "Pagination", "AggregateOptions"].flatMap(
      membersOf,
    ),
    ...["limit", "offset", "batchSize", "max", "onConflict"],
    ...["conflict", "update", "prefer", "set", "all"],
  ], "docs/queries.md");
});

Deno.test("every option of a position, a region and a cross-match is on its page", async () => {
  await assertOnPage(
    ["Near", "Box", "SkyConditions", "SpatialOptions", "CrossmatchOptions"]
      .concat("Match", "Target").flatMap(membersOf),
    "docs/sky.md",
  );
});

Deno.test("every member of a writer, and every option, is on its page", async () => {
  await assertOnPage(
    ["Writer", "WriterOptions", "WriterUpsertOptions", "RejectedRow"]
      .concat("FlushReport", "WriterStats").flatMap(membersOf),
    "docs/writer.md",
  );
});

Deno.test("every option of load is on its page", async () => {
  const symbols = await symbolsOf("src/load/mod.ts");
  const names = symbols.flatMap(({ declarations }) =>
    declarations.flatMap(({ def: { properties = [] } }) =>
      properties.map(({ name }) => name)
    )
  );
  assert.ok(names.length > 20);
  await assertOnPage(
    names.filter((name) => !["model", "index", "problems"].includes(name)),
    "docs/loading.md",
  );
});

Deno.test("every option of exportRows is on its page", async () => {
  const symbols = await symbolsOf("src/export/mod.ts");
  const names = symbols.flatMap(({ declarations }) =>
    declarations.flatMap(({ def: { properties = [] } }) =>
      properties.map(({ name }) => name)
    )
  );
  assert.ok(names.length > 7);
  await assertOnPage(names, "docs/exporting.md");
});

Deno.test("every member of a connection with middleware is on its page", async () => {
  await assertOnPage(
    [...membersOf("ConnectionView"), "rowFilter", "next"],
    "docs/middleware.md",
  );
});

Deno.test("every filter operator is on its page", async () => {
  const text = await Deno.readTextFile(
    join(ROOT, "src/query/filter/filter.ts"),
  );
  const operators = [...text.matchAll(/^ +(\w+)\?: /gm)].map(([, name = ""]) =>
    name
  );
  assert.ok(operators.length >= 15);
  const page = await readPage("docs/queries.md");
  assertNamed(operators, sectionOf(page, "Filters"), "docs/queries.md");
});

Deno.test("every option of defineModel and of its parts is on its page", async () => {
  const page = await assertOnPage(
    [
      ...["ModelOptions", "ForeignKey", "Index", "IndexOrder", "Check"],
      ...["Relation", "PartitionBy"],
    ].flatMap(membersOf),
    "docs/models.md",
  );
  assertNamed(
    membersOf("ModelOptions"),
    sectionOf(page, "Options of defineModel"),
    "docs/models.md",
  );
  await assertOnPage(membersOf("MongoOptions"), "docs/mongodb.md");
});

Deno.test("every meta key that models read is on its page", async () => {
  const read = new Set<string>();
  const field = z.string();
  const recorded = new Proxy({}, {
    get(_target, key) {
      read.add(String(key));
      return undefined;
    },
  });
  Object.defineProperty(field, "meta", { value: () => recorded });
  defineModel("probe", { fields: z.object({ field }) });
  assert.ok(read.size >= 8);
  const page = await readPage("docs/models.md");
  assertNamed([...read], sectionOf(page, "meta"), "docs/models.md");
});

Deno.test("the table of field types shows the column types that the code makes", async () => {
  const page = await readPage("docs/models.md");
  const rows = [
    ...sectionOf(page, "Fields").matchAll(
      /^\| `((?:z\.|bytes|int16).*?)` +\|.*?\| `(.*?)`.*?\| (.*?) +\|$/gm,
    ),
  ];
  const kinds = new Set<string>();
  for (const [, type = "", sql, bson = ""] of rows) {
    const made = new Function("z", "bytes", "int16", `return ${type}`)(
      z,
      bytes,
      int16,
    );
    const [field] = defineModel("probe", { fields: z.object({ made }) }).fields;
    assert.ok(field);
    kinds.add(field.type.kind);
    assert.equal(columnType(field), sql, type);
    const types = ruleOf(field).types.join(" or ") || "anything";
    assert.equal(bson.replaceAll("`", ""), types, type);
  }
  const source = await Deno.readTextFile(join(ROOT, "src/model/field.ts"));
  const known = [...source.matchAll(/^ +\| "(\w+)"|kind: "(\w+)"/gm)].map((
    [, scalar, other],
  ) => scalar ?? other ?? "");
  assert.deepEqual([...kinds].sort(), known.sort());
});

Deno.test("every settings key and variable of the environment is on its page", async () => {
  const keys: string[] = [];
  for (const engine of ["sql", "mongo"]) {
    const path = join(ROOT, "src", engine, "driver", "config.ts");
    const [, list = ""] = /^const KEYS = \{\n([\s\S]*?)^\}/m.exec(
      await Deno.readTextFile(path),
    ) ?? [];
    keys.push(
      ...[...list.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, key = ""]) => key),
    );
  }
  assert.ok(keys.length > 20);
  const variables: string[] = [];
  for (const path of ["src/settings/load.ts"]) {
    const text = await Deno.readTextFile(join(ROOT, path));
    variables.push(
      ...[...text.matchAll(/env\.get\("(\w+)"\)/g)].map(([, name = ""]) =>
        name
      ),
    );
  }
  assert.ok(variables.length > 0);
  await assertOnPage([
    ...keys,
    ...CLIENT_KEYS,
    ...variables,
    ...["DB_CONFIG", "MODELS", "ENGINES"],
    ...["ConnectOptions", "ConnectByConfigOptions", "ConnectionParts"].flatMap(
      membersOf,
    ),
  ], "docs/settings.md");
});

Deno.test("every option of sessions and transactions is on its page", async () => {
  await assertOnPage(
    [
      ...["Session", "SessionOptions", "TransactionOptions", "Transaction"],
    ].flatMap(membersOf),
    "docs/sessions.md",
  );
});

Deno.test("every error class is on its page", async () => {
  const errors = PUBLIC.filter(({ name, declarations }) =>
    name.endsWith("Error") && declarations.some(({ kind }) => kind === "class")
  );
  assert.ok(errors.length > 20);
  await assertOnPage(errors.map(({ name }) => name), "docs/errors.md");
});

Deno.test("every function of the migrations and alerts entry points is on its page", async () => {
  const pages = {
    "./migrate": "docs/migrations.md",
    "./ztf": "docs/alerts.md",
    "./lsst": "docs/alerts.md",
  } as const;
  for (const [entry, page] of Object.entries(pages)) {
    const path = Reflect.get(meta.exports, entry);
    const functions = (await symbolsOf(path)).filter(({ declarations }) =>
      declarations.some(({ kind }) => kind === "function")
    ).map(({ name }) => name);
    assert.ok(functions.length > 5);
    const { text } = await readPage(page);
    const missing = functions.filter((name) =>
      !new RegExp(`\\b${name}\\b`).test(text)
    );
    assert.deepEqual(missing, [], page);
  }
});

Deno.test("every command, with every option, is on its page", async () => {
  const page = await readPage("docs/commands.md");
  const names = await words(["--help"], /^ {2}([a-z_]+) {2}/gm);
  assert.ok(names.length >= 12);
  assertNamed(names, sectionOf(page, "Commands"), "docs/commands.md");
  const shared = sectionOf(page, "Options of every command");
  for (const name of names) {
    if (name === "completions") continue;
    const options = await words([name, "--help"], /^ {2}(--[\w-]+)/gm);
    assert.ok(options.length > 2, name);
    assertNamed(
      options,
      shared + sectionOf(page, name),
      `${name} of ${page.path}`,
    );
  }

  async function words(
    args: readonly string[],
    pattern: RegExp,
  ): Promise<string[]> {
    const printed: string[] = [];
    await main(args, { out: (text) => printed.push(text), err: () => {} });
    return [...printed.join("\n").matchAll(pattern)].map(([, word = ""]) =>
      word
    );
  }
});

Deno.test("the table of exit codes has every code, and no other", async () => {
  const page = await readPage("docs/commands.md");
  const codes = [
    ...sectionOf(page, "Exit codes").matchAll(/^\| (\d+) /gm),
  ].map(([, code]) => Number(code));
  assert.deepEqual(codes, Object.values(EXIT).toSorted((a, b) => a - b));
});
