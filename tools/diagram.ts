// deno-lint-ignore-file no-console
// Draws ALeRCE's tables into the README, between <!-- schema --> and <!-- /schema -->.
//   deno task diagram           draws
//   deno task diagram --check   fails where the picture is not of today's models
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { mermaid } from "./mermaid.ts";

const MARKED = /(<!-- schema -->\n)[\s\S]*?(<!-- \/schema -->)/;

/** A text with the picture between its markers, or undefined where it has none. */
export function withPicture(text: string): string | undefined {
  if (!MARKED.test(text)) return undefined;
  const picture = `\n\`\`\`mermaid\n${mermaid(ALERCE_MODELS)}\n\`\`\`\n\n`;
  return text.replace(
    MARKED,
    (_, start: string, end: string) => start + picture + end,
  );
}

async function draw(path: string, check: boolean): Promise<string | undefined> {
  const text = await Deno.readTextFile(path);
  const drawn = withPicture(text);
  if (drawn === undefined) {
    return `${path} has no place for the picture: put <!-- schema --> and, below it, <!-- /schema --> where it should be`;
  }
  if (drawn === text) return undefined;
  if (check) {
    return `The picture in ${path} is not of today's models: run \`deno task diagram\``;
  }
  await Deno.writeTextFile(path, drawn);
  return undefined;
}

if (import.meta.main) {
  const { values: { check }, positionals: [path] } = parseArgs({
    options: { check: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const readme = fileURLToPath(new URL("../README.md", import.meta.url));
  const problem = await draw(path ?? readme, check);
  if (problem !== undefined) {
    console.error(problem);
    Deno.exit(1);
  }
}
