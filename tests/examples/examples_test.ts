// Every example runs. The API, the demo, and the seed example have separate tests.
import assert from "node:assert/strict";
import { join } from "node:path";
import { program, ROOT, WITH_TEMPLATE } from "../support/program.ts";

const OUTPUT = {
  "batches.ts":
    "acknowledged up to 30\nacknowledged up to 60\nacknowledged up to 78\n45 objects\n250 detections\n0 rows rejected\n",
  "own_model.ts":
    "<Score(candid=516171791415015025, classifier='stamp')> 0.9\n",
  "requests.ts":
    "<AstroObject(oid='ZTF18aaxlzgi')> 1\n<AstroObject(oid='ZTF18aazxcwf')> 2\n",
};

for (const [name, out] of Object.entries(OUTPUT)) {
  Deno.test(`examples/${name} prints its rows`, async () => {
    const finished = await program([
      ...WITH_TEMPLATE,
      join(ROOT, "examples", name),
    ]);
    assert.deepEqual(finished, { code: 0, out, err: "" });
  });
}

Deno.test("every example has a test", async () => {
  const known = [
    ...["api.ts", "chart.ts", "demo.ts", "seed.ts"],
    ...Object.keys(OUTPUT),
  ];
  const names: string[] = [];
  for await (const { name } of Deno.readDir(join(ROOT, "examples"))) {
    if (name.endsWith(".ts")) names.push(name);
  }
  assert.deepEqual(names.sort(), known.sort());
});
