import { DbPluginsError } from "../../base/errors/mod.ts";

/** A signal ended the command; the migration lock was released. */
export class InterruptedError extends DbPluginsError {}
