// The shipped models: from nothing to all of them, and then there is nothing to do.
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { test } from "./connected.ts";
import { oracle } from "./plan_oracle.ts";
import { ON_SQL } from "./plan_place.ts";

for (const engine of ON_SQL) {
  test(`${engine.name}: from nothing to the 17 models`, async () => {
    await oracle(engine, [], ALERCE_MODELS);
  });
}
