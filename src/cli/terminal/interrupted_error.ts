import { DbPluginsError } from "../../base/errors/mod.ts";

/** A signal ended the work, in order. */
export class InterruptedError extends DbPluginsError {}
