import { DbPluginsError } from "./error.ts";

/** There is no session here, or it has ended. */
export class SessionError extends DbPluginsError {}

/** A transaction is used in a way that would wait for ever or write outside it. */
export class TransactionError extends DbPluginsError {}
