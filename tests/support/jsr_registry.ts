import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ROOT } from "./program.ts";

/** A JSR registry on loopback, with this package as `deno publish` uploads it. */
interface JsrRegistry extends AsyncDisposable {
  /** Variables for processes that use the registry. They share a cache of modules, which is deleted with the registry. */
  readonly env: Readonly<Record<string, string>>;
}

const UPLOAD = /^\/api\/scopes\/([\w-]+)\/packages\/([\w-]+)\/versions\/(.+)$/;

/** Starts a registry and publishes this checkout to it, uncommitted changes included. */
export async function jsrRegistry(): Promise<JsrRegistry> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-jsr-" });
  const files = join(folder, "files");
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => answer(files, request),
  );
  const close = async (): Promise<void> => {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const env = {
      JSR_URL: `http://127.0.0.1:${server.addr.port}/`,
      DENO_DIR: await moduleCache(folder),
      NO_COLOR: "1",
    };
    await deno(ROOT, env, [
      ...["publish", "--token=none", "--allow-dirty", "--no-check"],
      ...["--no-provenance"],
    ]);
    return { env, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs `deno` in a folder and returns its output. */
export async function deno(
  cwd: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { ...env },
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stdout) + text.decode(stderr));
  return text.decode(stdout);
}

/** A new cache of modules that has the npm packages of the user's cache. */
async function moduleCache(folder: string): Promise<string> {
  const { npmCache }: { npmCache: string } = JSON.parse(
    await deno(ROOT, {}, ["info", "--json"]),
  );
  const cache = join(folder, "cache");
  await Deno.mkdir(cache);
  await Deno.symlink(npmCache, join(cache, "npm"));
  return cache;
}

/** Answers as the registry does: an upload, a question of the API, or a file. */
async function answer(files: string, request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const [, scope, name, version] = UPLOAD.exec(pathname) ?? [];
  if (scope && name && version) {
    if (request.method !== "POST") return new Response("{}", { status: 404 });
    const folder = join(files, `@${scope}`, name);
    const config = searchParams.get("config") ?? "/deno.json";
    await store(folder, version, config, await request.bytes());
    return Response.json({ id: "upload", status: "success", error: null });
  }
  if (pathname.startsWith("/api/")) return Response.json({});
  const file = await Deno.readFile(join(files, pathname)).catch(() => null);
  if (file === null) return new Response(null, { status: 404 });
  const type = pathname.endsWith(".ts")
    ? "application/typescript"
    : "application/json";
  return new Response(file, { headers: { "content-type": type } });
}

/** Unpacks an upload, and writes the files that describe the version and the package. */
async function store(
  folder: string,
  version: string,
  config: string,
  archive: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const root = join(folder, version);
  await Deno.mkdir(root, { recursive: true });
  const tar = new Deno.Command("tar", {
    args: ["-xz"],
    cwd: root,
    stdin: "piped",
  }).spawn();
  await new Blob([archive]).stream().pipeTo(tar.stdin);
  assert.ok((await tar.status).success);
  const manifest: Record<string, { size: number; checksum: string }> = {};
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await Deno.readFile(path);
    manifest[`/${relative(root, path)}`] = {
      size: bytes.length,
      checksum: `sha256-${createHash("sha256").update(bytes).digest("hex")}`,
    };
  }
  const { exports } = JSON.parse(await Deno.readTextFile(root + config));
  await Deno.writeTextFile(
    join(folder, `${version}_meta.json`),
    JSON.stringify({ manifest, exports }),
  );
  await Deno.writeTextFile(
    join(folder, "meta.json"),
    JSON.stringify({ latest: version, versions: { [version]: {} } }),
  );
}
