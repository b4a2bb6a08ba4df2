// Modules that the library loads on demand do not change the async context of the program.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { readdirSync } from "node:fs";
import { loadModule } from "../../src/base/load_module.ts";
import { ROOT } from "../support/program.ts";

Deno.test("callbacks of the program do not run in the context in which a module was loaded", async () => {
  const requests = new AsyncLocalStorage<string>();
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => resolve(port),
  }, () => new Response(requests.getStore() ?? "no request"));
  const port = await promise;
  const load = () =>
    loadModule(() => import(`data:text/javascript,//${crypto.randomUUID()}`));
  await requests.run("the first request", async () => {
    await load();
    assert.equal(requests.getStore(), "the first request");
  });
  const answer = await fetch(`http://127.0.0.1:${port}`);
  assert.equal(await answer.text(), "no request");
  await server.shutdown();
});

Deno.test("the library loads every module on demand in this way", () => {
  const files = readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts")).map((file) => `src/${file}`);
  const found = ["cli.ts", ...files].filter((file) => {
    const text = Deno.readTextFileSync(ROOT + file)
      .replaceAll(/^\s*(?:\*|\/\/).*$/gm, "")
      .replaceAll(
        /typeof import\(|(?:loadModule|onDemand)\(\(\) =>\s+import\(/g,
        "",
      );
    return /(?<![\w.])import\(/.test(text);
  });
  assert.deepEqual(found, []);
});
