import { contract } from "@alerce/db-plugins/testing";
import { hostileEngine, sqlEngines } from "../support/engines.ts";
import { memoryEngine } from "../memory/engine.ts";

for (
  const engine of [
    ...sqlEngines,
    hostileEngine,
    memoryEngine,
  ]
) {
  contract(engine);
}
