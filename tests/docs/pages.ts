import { join } from "node:path";
import { ROOT } from "../support/program.ts";

/** A page of the documentation. */
export interface Page {
  /** Its path from the root of the checkout. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface Block {
  /** What follows the opening fence, as in `ts ignore`. */
  readonly info: string;
  readonly text: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
}

/** Reads a page by its path from the root of the checkout. */
export async function readPage(path: string): Promise<Page> {
  return { path, text: await Deno.readTextFile(join(ROOT, path)) };
}

/** The README and every page in docs/. */
export async function readPages(): Promise<Page[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(ROOT, "docs")));
  const names = entries.filter(({ name }) => name.endsWith(".md"))
    .map(({ name }) => `docs/${name}`).sort();
  return await Promise.all(["README.md", ...names].map(readPage));
}

/** The fenced blocks of a page, in order. */
export function blocksOf({ text }: Page): Block[] {
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((
    { index, 1: info = "", 2: text = "" },
  ) => ({ info, text, line: lineOf(text, index) }));

  function lineOf(_block: string, index: number): number {
    return text.slice(0, index).split("\n").length;
  }
}

/** The text of a page without its fenced blocks. */
export function proseOf({ text }: Page): string {
  return text.replaceAll(/^```.*\n[\s\S]*?^```$/gm, "");
}

/** The part of a page under a heading, its subheadings included. */
export function sectionOf(page: Page, heading: string): string {
  const [, marks = "", text = ""] = new RegExp(
    `^(#+) ${heading}\\n([\\s\\S]*)`,
    "m",
  ).exec(page.text) ?? [];
  const end = text.search(new RegExp(`^#{1,${marks.length}} `, "m"));
  return end < 0 ? text : text.slice(0, end);
}

/** The anchors of a page's headings, as GitHub makes them; the site makes the same. */
export function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of proseOf(page).matchAll(/^#+ (.+)$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) {
      anchor = `${slug}-${count}`;
    }
    anchors.add(anchor);
  }
  return anchors;
}

/** The anchor of a heading. */
function slugOf(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

/** The arguments of the `dbp` commands in a shell block, without comments. */
export function commandsIn(text: string): string[] {
  return text.split("\n").flatMap((line) =>
    /^(?:deno task )?dbp (.*?)(?:\s+#.*)?$/.exec(line)?.[1] ?? []
  );
}
