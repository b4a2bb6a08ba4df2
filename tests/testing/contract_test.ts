import { contract } from "@alerce/db-plugins/testing";
import { linguisticEngine, sqlEngines } from "../support/engines.ts";
import { memoryEngine } from "../memory/engine.ts";

for (const engine of [...sqlEngines, linguisticEngine, memoryEngine]) {
  contract(engine);
}
