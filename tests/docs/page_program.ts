import { join } from "node:path";
import {
  type Block,
  blocksOf,
  type Page,
  readPage,
  readPages,
} from "./pages.ts";

/** Returns the blocks that form the program of a page. Files, whose first line is their name, are not among them. */
export function partsOf(page: Page): Block[] {
  return blocksOf(page).filter(({ info, text }) =>
    info === "ts ignore" && !/^\/\/ \S+\.ts\n/.test(text)
  );
}

/**
 * The program of a page. Every line stands where it stands on the page, so that
 * errors name the right one; imports come first, and each block after the first
 * is a scope of its own.
 */
export function programOf(page: Page): string {
  const imports = new Map<string, Set<string>>();
  const lines = page.text.split("\n").map(() => "");
  for (const [place, { text, line }] of partsOf(page).entries()) {
    const body = text.replaceAll(
      /^import (?:(\w+)|\{([^}]*)\}) from "([^"]+)";\n/gm,
      (found, whole: string | undefined, names = "", from = "") => {
        const known = imports.get(from) ?? new Set();
        imports.set(from, known);
        for (const name of whole ? [whole] : names.split(",")) {
          const clean = name.trim();
          if (clean !== "") known.add(whole ? `default as ${clean}` : clean);
        }
        return found.replaceAll(/[^\n]/g, "");
      },
    );
    for (const [at, text] of body.split("\n").entries()) {
      lines[line + at] = text;
    }
    if (place === 0) continue;
    lines[line - 1] = "{";
    lines[line + text.split("\n").length - 1] = "}";
  }
  const header = [...imports].map(([from, names]) =>
    `import { ${[...names].join(", ")} } from "${from}";`
  );
  lines[0] = header.join(" ");
  return lines.join("\n");
}

/** The file of the program of a page. */
export function programFile(folder: string, { path }: Page): string {
  return join(folder, `${path.replace("/", "_")}.ts`);
}

/** Writes the programs of all pages, and the files of the tutorial, into a folder. Returns their files. */
export async function writePrograms(folder: string): Promise<string[]> {
  await Deno.mkdir(folder);
  const files: string[] = [];
  for (const page of await readPages()) {
    if (partsOf(page).length === 0) continue;
    const file = programFile(folder, page);
    await Deno.writeTextFile(file, programOf(page));
    files.push(file);
  }
  for (const [version, text] of (await tutorialPrograms()).entries()) {
    const file = join(folder, `tutorial_${version}.ts`);
    await Deno.writeTextFile(file, text);
    files.push(file);
  }
  return files;
}

/** The files of the tutorial as one program, which exports nothing; another one for each file that a later block replaces. */
async function tutorialPrograms(): Promise<readonly string[]> {
  const versions = [new Map<string, string>()];
  for (const { text } of blocksOf(await readPage("docs/tutorial.md"))) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
    if (name === undefined) continue;
    let version = versions.at(-1);
    if (version === undefined || version.has(name)) {
      version = new Map(version);
      versions.push(version);
    }
    version.set(name, text);
  }
  return versions.map((version) =>
    [...version.values()].join("\n")
      .replaceAll(/^import .* from "\.\/.*";\n/gm, "")
      .replaceAll(/^export /gm, "")
  );
}
