// Links between pages, anchors, and paths of the source lead somewhere.
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "../support/program.ts";
import {
  anchorsOf,
  blocksOf,
  type Page,
  proseOf,
  readPage,
  readPages,
} from "./pages.ts";

/** Pages besides the documentation itself. */
const OTHERS = ["CONTRIBUTING.md", "CHANGELOG.md", "migrations/README.md"];

const PAGES = [
  ...await readPages(),
  ...await Promise.all(OTHERS.map(readPage)),
];
const BY_PATH = new Map(PAGES.map((page) => [page.path, page]));

function linksOf(page: Page): string[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) =>
    link
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(join(ROOT, path)).then(() => true, () => false);
}

Deno.test("every internal link leads to a page and an anchor", async () => {
  const dead: string[] = [];
  let count = 0;
  for (const page of PAGES) {
    for (const link of linksOf(page)) {
      if (/^https?:/.test(link)) continue;
      count++;
      const [file = "", anchor] = link.split("#");
      const path = file === ""
        ? page.path
        : normalize(join(dirname(page.path), file));
      const target = BY_PATH.get(path);
      const isAlive = target === undefined || anchor === undefined
        ? anchor === undefined && await exists(path)
        : anchorsOf(target).has(anchor);
      if (!isAlive) dead.push(`${page.path}: ${link}`);
    }
  }
  assert.ok(count > 100);
  assert.deepEqual(dead, []);
});

Deno.test("every page is in the README's table and in the index", async () => {
  for (const path of ["README.md", "docs/index.md"]) {
    const page = await readPage(path);
    const linked = linksOf(page).map((link) =>
      normalize(join(dirname(path), link))
    );
    const pages = (await readPages()).map(({ path }) => path);
    assert.deepEqual(
      pages.filter((other) =>
        !linked.includes(other) && other !== path &&
        !["README.md", "docs/index.md"].includes(other)
      ),
      [],
      path,
    );
  }
});

Deno.test("every path of the source that a page names exists", async () => {
  const dead: string[] = [];
  for (const page of PAGES) {
    if (page.path === "CHANGELOG.md") continue;
    const paths = proseOf(page).matchAll(
      /`((?:src|tests|tools|bench|examples)\/[\w./-]*)`/g,
    );
    for (const [, path = ""] of paths) {
      if (!await exists(path)) dead.push(`${page.path}: ${path}`);
    }
  }
  assert.deepEqual(dead, []);
});

Deno.test("every code block runs in a test, or names what it shows", () => {
  const kinds = new Set(PAGES.flatMap(blocksOf).map(({ info }) => info));
  assert.deepEqual(
    [...kinds].sort(),
    [
      ...["js ignore", "json", "mermaid", "python", "sh", "sh ignore", "sql"],
      ...["text", "ts", "ts ignore"],
    ],
  );
});

Deno.test("the README has at most 200 lines", async () => {
  const { text } = await readPage("README.md");
  assert.ok(text.split("\n").length <= 200);
});
