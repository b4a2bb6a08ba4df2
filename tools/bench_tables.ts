// deno-lint-ignore-file no-console
// Writes the comparison with other libraries into README.md and docs/performance.md, from
// bench/peers/results.json, between markers such as <!-- peers --> and <!-- /peers -->.
//   deno task bench-tables                     writes the tables
//   deno task bench-tables --check             fails if a page differs from the results
//   deno task bench-tables --results FILE PAGE reads other results, writes another page
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { Results } from "../bench/peers/results.ts";
import {
  rateTables,
  ratioTable,
  shortRatioTable,
} from "../bench/peers/tables.ts";

const path = (relative: string): string =>
  fileURLToPath(new URL(relative, import.meta.url));
const PAGES = [path("../README.md"), path("../docs/performance.md")];

/** The text of each pair of markers. */
const SECTIONS: Readonly<Record<string, (results: Results) => string>> = {
  "peers": ratioTable,
  "peers in short": shortRatioTable,
  "peer rates": rateTables,
};

/** Returns the text with the tables between its markers, or undefined if it has none. */
export function withTables(text: string, results: Results): string | undefined {
  let updated = text;
  let found = false;
  for (const [name, tables] of Object.entries(SECTIONS)) {
    const marked = new RegExp(
      `(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`,
    );
    found ||= marked.test(text);
    updated = updated.replace(
      marked,
      (_, start: string, end: string) =>
        `${start}\n${tables(results)}\n\n${end}`,
    );
  }
  return found ? updated : undefined;
}

/** Formats Markdown as `deno fmt` does. */
async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format the tables: deno fmt failed");
  return new TextDecoder().decode(stdout);
}

async function update(
  page: string,
  results: Results,
  check: boolean,
): Promise<string | undefined> {
  const text = await Deno.readTextFile(page);
  const updated = withTables(text, results);
  if (updated === undefined) {
    return `Cannot write the tables into ${page}: the markers <!-- peers --> and <!-- /peers --> are missing. Add both, in this order`;
  }
  const final = await formatted(updated);
  if (final === text) return undefined;
  if (check) {
    return `The tables in ${page} differ from the results. Run \`deno task bench-tables\``;
  }
  await Deno.writeTextFile(page, final);
  return undefined;
}

if (import.meta.main) {
  const { values: { check, results }, positionals } = parseArgs({
    options: {
      check: { type: "boolean", default: false },
      results: {
        type: "string",
        default: path("../bench/peers/results.json"),
      },
    },
    allowPositionals: true,
  });
  const read: Results = JSON.parse(await Deno.readTextFile(results));
  const pages = positionals.length > 0 ? positionals : PAGES;
  let failed = false;
  for (const page of pages) {
    const problem = await update(page, read, check);
    if (problem !== undefined) {
      console.error(problem);
      failed = true;
    }
  }
  if (failed) Deno.exit(1);
}
