// The diagram of the schema: its text, and its markers in docs/schema.md.
import { type AnyModel, defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { mermaid } from "../../tools/mermaid.ts";

const numbers = Array.from({ length: 8 }, (_, index) => `n${index}`);

/** Tables with every symbol of a diagram. */
const MODELS: readonly AnyModel[] = [
  defineModel("star", {
    fields: z.object({
      id: z.int64(),
      name: z.string(),
      labels: z.array(z.string()).nullable(),
      kind: z.enum(["O", "G"]),
      seen: z.date().meta({ column: "last seen" }),
    }),
    primaryKey: ["id"],
    unique: [["name"]],
  }),
  defineModel("sighting", {
    fields: z.object({
      star: z.int64(),
      night: z.int32(),
      by: z.string().nullable(),
    }),
    primaryKey: ["star", "night"],
    foreignKeys: [
      { fields: ["star"], references: { table: "star", fields: ["id"] } },
      { fields: ["by"], references: { table: "title", fields: ["id"] } },
      { fields: ["night"], references: { table: "elsewhere", fields: ["id"] } },
    ],
  }),
  defineModel("title", {
    fields: z.object({ id: z.string() }),
    primaryKey: ["id"],
    foreignKeys: [
      { fields: ["id"], references: { table: "star", fields: ["name"] } },
    ],
  }),
  defineModel("wide", {
    fields: z.object({
      id: z.uuid(),
      ...Object.fromEntries(numbers.map((name) => [name, z.float32()])),
    }),
    primaryKey: ["id"],
  }),
];

const DIAGRAM = `erDiagram
  direction LR
  star ||--o{ sighting : "star"
  "title" |o--o{ sighting : "by"
  star ||--o| "title" : "id"
  star {
    int64 id PK
    string name UK
    string[] labels
    enum kind
    date last_seen
  }
  sighting {
    int64 star PK, FK
    int32 night PK, FK
    string by FK
  }
  "title" {
    string id PK, FK
  }
  wide {
    uuid id PK
    and others "8 more"
  }`;

Deno.test("a diagram has tables with types and keys, and lines for foreign keys between them", () => {
  assert.equal(mermaid(MODELS), DIAGRAM);
});

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `deno task diagram` and returns its exit code and its errors. */
async function draw(...args: readonly string[]): Promise<[number, string]> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "diagram", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return [code, new TextDecoder().decode(stderr)];
}

Deno.test("the diagram in docs/schema.md matches the models", async () => {
  assert.deepEqual(await draw("--check"), [0, ""]);
});

Deno.test("the diagram replaces the text between its markers only; without markers it is an error", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "page.md");
    const write = (text: string): Promise<void> =>
      Deno.writeTextFile(path, text);
    await write(
      "# Title\n\n<!-- schema -->\nold\n<!-- /schema -->\n\nmore $1\n",
    );
    const [code, message] = await draw("--check", path);
    assert.equal(code, 1);
    assert.match(
      message,
      /differs from the models\. Run `deno task diagram`\n$/,
    );
    assert.match(await Deno.readTextFile(path), /\nold\n/);
    assert.deepEqual(await draw(path), [0, ""]);
    const updated = await Deno.readTextFile(path);
    assert.match(
      updated,
      /^# Title\n\n<!-- schema -->\n\n```mermaid\nerDiagram\n(?: .*\n)+```\n\n<!-- \/schema -->\n\nmore \$1\n$/,
    );
    assert.match(updated, /detection \|\|--o\| dataquality : "candid, oid"/);
    assert.deepEqual(await draw("--check", path), [0, ""]);
    await write("# Title\n\n<!-- /schema --> and <!-- schema -->\n");
    const [missing, error] = await draw(path);
    assert.equal(missing, 1);
    assert.match(error, /page\.md: the markers .* are missing/);
    assert.match(
      await Deno.readTextFile(path),
      /^# Title\n\n<!-- \/schema -->/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
