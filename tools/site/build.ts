// deno-lint-ignore-file no-console
// Builds the documentation as a site into docs/_site.
//   deno task docs           builds; fails on a dead link
//   deno task docs --serve   builds, and serves the site on loopback
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vitepress";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SITE = join(ROOT, "tools", "site");
/** The pages as VitePress reads them. */
const PAGES = join(SITE, ".pages");
const OUTPUT = join(ROOT, "docs", "_site");
/** Pages of the site that stand elsewhere in the repository. */
const OTHERS: Readonly<Record<string, string>> = {
  "CONTRIBUTING.md": "contributing.md",
  "CHANGELOG.md": "changelog.md",
};

await rm(PAGES, { recursive: true, force: true });
await mkdir(join(PAGES, ".vitepress", "theme"), { recursive: true });
await writePages();
await copyFile(
  join(SITE, "config.js"),
  join(PAGES, ".vitepress", "config.js"),
);
for (const name of await readdir(join(SITE, "theme"))) {
  await copyFile(
    join(SITE, "theme", name),
    join(PAGES, ".vitepress", "theme", name),
  );
}
await build(PAGES, { outDir: OUTPUT });
await writeReference();
await rm(PAGES, { recursive: true });
console.log(`Built ${OUTPUT}`);
if (Deno.args.includes("--serve")) serve();

async function writePages(): Promise<void> {
  const pages = new Map(Object.entries(OTHERS));
  for (const name of await readdir(join(ROOT, "docs"))) {
    if (name.endsWith(".md")) pages.set(`docs/${name}`, name);
  }
  for (const [from, to] of pages) {
    const text = await Deno.readTextFile(join(ROOT, from));
    await Deno.writeTextFile(join(PAGES, to), pageOf(text));
  }
}

/** A page with its links as the site needs them; its diagrams are drawn by the theme. */
function pageOf(text: string): string {
  return text
    .replaceAll(
      /\]\((?:\.\.\/)?([A-Z]+\.md)/g,
      (_, name: string) => `](${OTHERS[name] ?? name}`,
    )
    .replaceAll("](docs/", "](")
    .replaceAll(
      /^```mermaid\n([\s\S]*?)^```$/gm,
      '<pre class="mermaid" v-pre>\n$1</pre>',
    );
}

/** The API reference of every entry point. */
async function writeReference(): Promise<void> {
  const { default: { name, exports } } = await import("../../deno.json", {
    with: { type: "json" },
  });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["doc", "--html", "--quiet", `--name=${name}`],
      `--output=${join(OUTPUT, "api")}`,
      ...Object.values(exports),
    ],
    cwd: ROOT,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await removeSourceLinks(join(OUTPUT, "api"));
  const narrow = await Deno.readTextFile(join(SITE, "reference.css"));
  await Deno.writeTextFile(join(OUTPUT, "api", "page.css"), narrow, {
    append: true,
  });
}

/** Removes the links to source files, which are paths of this machine. */
async function removeSourceLinks(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!/\.(?:html|js)$/.test(entry)) continue;
    const path = join(folder, entry);
    const text = await Deno.readTextFile(path);
    const clean = text.replaceAll(/ href="file:\/\/[^"]*"/g, "")
      .replaceAll(/"file:\/\/[^"]*"/g, '""');
    if (clean !== text) await Deno.writeTextFile(path, clean);
  }
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

function serve(): void {
  Deno.serve({ hostname: "127.0.0.1", port: 8000 }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = join(OUTPUT, decodeURIComponent(pathname));
    for (const file of [path, `${path}.html`, join(path, "index.html")]) {
      const body = await Deno.readFile(file).catch(() => undefined);
      if (body === undefined) continue;
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      return new Response(body, { headers: { "content-type": type } });
    }
    return new Response("Not found", { status: 404 });
  });
}
