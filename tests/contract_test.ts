import { contract } from "@alerce/db-plugins/testing";
import { sqlEngines } from "./engines.ts";
import { memoryEngine } from "./memory_engine.ts";

for (const engine of [...sqlEngines, memoryEngine]) contract(engine);
