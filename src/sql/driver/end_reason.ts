import type pg from "pg";
import { isLoss, isServerError } from "../link/server_error.ts";

/** Why the server ended the connection of a client. */
const reasons = new WeakMap<pg.ClientBase, unknown>();

/** Keeps the reason of a server that ends the connection of a client: `pg` reports it once, and later calls fail without it. */
export function keepEndReason(client: pg.ClientBase, error: unknown): void {
  if (isServerError(error) && isLoss(error)) {
    reasons.set(client, error);
  }
}

/** Returns the error of a call on a client: its own, or the reason why the server had ended the connection. */
export function withEndReason(client: pg.ClientBase, error: unknown): unknown {
  keepEndReason(client, error);
  return isServerError(error) ? error : reasons.get(client) ?? error;
}
