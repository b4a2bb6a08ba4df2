import { contract } from "@alerce/db-plugins/testing";
import { sqlEngines } from "../support/engines.ts";
import { memoryEngine } from "../memory/engine.ts";

for (const engine of [...sqlEngines, memoryEngine]) contract(engine);
