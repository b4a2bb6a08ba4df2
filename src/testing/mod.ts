/** t
 * @module */
export { type Behaviour, behaviour, type EngineUnderTest } from "./engine.ts";
