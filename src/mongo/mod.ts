/**
 * MongoDB.
 *
 * @example
 * ```ts
 * import { mongodb } from "@alerce/db-plugins/mongo";
 * import assert from "node:assert/strict";
 *
 * assert.equal(mongodb.name, "mongodb");
 * ```
 *
 * @module
 */
export { type MongoBackend } from "./backend.ts";
export { mongodb } from "./engine.ts";
