/**
 * The contract suite: tests of the behaviour that every engine has.
 *
 * @example
 * ```ts
 * import { behaviours } from "@alerce/db-plugins/testing";
 * import assert from "node:assert/strict";
 *
 * assert.ok(behaviours.some(({ name }) => name.startsWith("getOrCreate")));
 * ```
 *
 * @module
 */
export { behaviours, contract } from "./contract.ts";
export { type Behaviour, behaviour, type EngineUnderTest } from "./engine.ts";
export {
  Job,
  type JobRow,
  Place,
  type PlaceRelations,
  type PlaceRow,
  Sighting,
  type SightingRelations,
  type SightingRow,
  Stamp,
  type StampRow,
  Star,
  type StarInsert,
  type StarRelations,
  type StarRow,
  SUITE_MODELS,
  Tally,
  type TallyRow,
} from "./models.ts";
