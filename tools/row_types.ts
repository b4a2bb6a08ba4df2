// deno-lint-ignore-file no-console
// Writes the row types of ALeRCE's tables, src/models/rows/*.ts, from their models, so that a column
// is described once. JSR needs the types by name: it cannot infer them from a zod object.
//   deno task row-types           writes the files
//   deno task row-types --check   fails if a file differs from its model
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { AnyModel } from "@alerce/db-plugins";
import type { Field, FieldType } from "@alerce/db-plugins/engine";

const MODELS = new URL("../src/models/", import.meta.url);

/** The folders of the models, each with a folder `rows`. */
const FOLDERS = ["", "multisurvey/", "multisurvey/archive/"];

/** The TypeScript type of each kind of field that ALeRCE's tables have. */
const TYPES: Readonly<Record<string, string>> = {
  int16: "number",
  int32: "number",
  int64: "bigint",
  float32: "number",
  float64: "number",
  string: "string",
  boolean: "boolean",
  date: "Date",
  json: "unknown",
};

/** Returns the text of the file with the row type of a model in a folder. */
function rowTypes(
  folder: string,
  name: string,
  model: AnyModel,
  description: string,
): string {
  const up = "../".repeat(folder.split("/").length + 1);
  return `// Written by \`deno task row-types\` from ../${model.table}.ts.
import type { Insertable } from "${up}model/types.ts";

/** A row of \`${model.table}\`: ${description} */
export interface ${name}Row {
${model.fields.map(fieldText).join("\n")}
}

/** The input of a write to \`${model.table}\`. */
${insertText(name, model)}
`;
}

/** Returns the input of a write: fields with a default are optional, as nullable ones are. */
function insertText(name: string, { fields }: AnyModel): string {
  const row = `${name}Row`;
  const optional = fields.filter((field) =>
    field.default !== undefined && !field.nullable
  ).map((field) => `"${field.name}"`).join(" | ");
  return optional === ""
    ? `export type ${name}Insert = Insertable<${row}>;`
    : `export type ${name}Insert = Insertable<
  & Omit<${row}, ${optional}>
  & Partial<
    Pick<${row}, ${optional}>
  >
>;`;
}

function fieldText({ name, type, nullable, unit, description }: Field): string {
  const comment = unit === undefined
    ? `${description}.`
    : `${description} (${unit}).`;
  return `  /** ${comment} */\n  ${name}: ${typeText(type)}${
    nullable ? " | null" : ""
  };`;
}

function typeText(type: FieldType): string {
  if (type.kind === "array") return `${typeText(type.item)}[]`;
  const text = TYPES[type.kind];
  if (text !== undefined) return text;
  throw new Error(`Cannot write a row type: ${type.kind} has no type here`);
}

/** Returns the text of every file by its path in the folder of the models: `rows/detection.ts`. */
export async function allRowTypes(): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const folder of FOLDERS) {
    const url = new URL(folder, MODELS);
    for await (const { name: file, isFile } of Deno.readDir(url)) {
      if (!isFile || file === "mod.ts") continue;
      const source = await Deno.readTextFile(new URL(file, url));
      const [, description] = /\/\*\* `\w+`: (.*) \*\//.exec(source) ?? [];
      const exported: Record<string, unknown> = await import(
        new URL(file, url).href
      );
      for (const [name, model] of Object.entries(exported)) {
        if (description !== undefined && isModel(model)) {
          const text = rowTypes(folder, name, model, description);
          texts.set(`${folder}rows/${file}`, text);
        }
      }
    }
  }
  return texts;
}

function isModel(value: unknown): value is AnyModel {
  return typeof value === "object" && value !== null && "fields" in value;
}

if (import.meta.main) {
  const { values: { check } } = parseArgs({
    options: { check: { type: "boolean", default: false } },
  });
  for (const [file, text] of await allRowTypes()) {
    const url = new URL(file, MODELS);
    if (await Deno.readTextFile(url).catch(() => "") === text) continue;
    if (check) {
      console.error(
        `${
          fileURLToPath(url)
        } differs from its model. Run \`deno task row-types\``,
      );
      Deno.exitCode = 1;
    } else await Deno.writeTextFile(url, text);
  }
}
