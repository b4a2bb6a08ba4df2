// deno-lint-ignore-file no-console
// Writes a diagram of ALeRCE's tables into docs/schema.md, between <!-- schema --> and <!-- /schema -->.
//   deno task diagram           writes the diagram
//   deno task diagram --check   fails if the diagram differs from the models
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { mermaid } from "./mermaid.ts";

const MARKED = /(<!-- schema -->\n)[\s\S]*?(<!-- \/schema -->)/;

/** Returns the text with the diagram between its markers, or undefined if the markers are missing. */
function withDiagram(text: string): string | undefined {
  if (!MARKED.test(text)) return undefined;
  const diagram = `\n\`\`\`mermaid\n${mermaid(ALERCE_MODELS)}\n\`\`\`\n\n`;
  return text.replace(
    MARKED,
    (_, start: string, end: string) => start + diagram + end,
  );
}

async function update(
  path: string,
  check: boolean,
): Promise<string | undefined> {
  const text = await Deno.readTextFile(path);
  const updated = withDiagram(text);
  if (updated === undefined) {
    return `Cannot write the diagram into ${path}: the markers <!-- schema --> and <!-- /schema --> are missing. Add both, in this order`;
  }
  if (updated === text) return undefined;
  if (check) {
    return `The diagram in ${path} differs from the models. Run \`deno task diagram\``;
  }
  await Deno.writeTextFile(path, updated);
  return undefined;
}

if (import.meta.main) {
  const { values: { check }, positionals: [path] } = parseArgs({
    options: { check: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const page = fileURLToPath(new URL("../docs/schema.md", import.meta.url));
  const problem = await update(path ?? page, check);
  if (problem !== undefined) {
    console.error(problem);
    Deno.exit(1);
  }
}
