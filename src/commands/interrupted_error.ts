import { DbPluginsError } from "../errors.ts";

/** A signal ended the work, in order. */
export class InterruptedError extends DbPluginsError {}
