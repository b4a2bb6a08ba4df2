import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import { STEP } from "../../../migrations/plan/draft.ts";
import { textOf } from "../file/json.ts";

/** Returns a step of one command. */
export function step(command: Document, ...comments: string[]): DraftStep {
  return {
    ...STEP,
    transaction: false,
    statements: [textOf(command)],
    comments,
  };
}

/** Returns an update of all matching documents in batches. */
export function batchedUpdate(
  collection: string,
  q: Document,
  u: Document | readonly Document[],
  ...comments: string[]
): DraftStep {
  const updates = [{ q, u, multi: true }];
  return {
    ...step({ update: collection, updates }, ...comments),
    repeat: true,
  };
}
