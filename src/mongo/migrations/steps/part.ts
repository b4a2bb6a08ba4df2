import type { Document } from "mongodb";
import type {
  Decision,
  DraftStep,
  Ignored,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import { textOf } from "../file/json.ts";

/** What one collection needs, there and back. */
export interface Part {
  /** In order. */
  readonly up: readonly DraftStep[];
  /** In order. */
  readonly down: readonly DraftStep[];
  /** What is different, a line each. */
  readonly changes: readonly string[];
  /** Words for the migration's name. */
  readonly names: readonly string[];
  /** What is lost, as `dbp:destructive` says it. */
  readonly destructive: readonly string[];
  /** Why there is no way back. */
  readonly irreversible: readonly string[];
  /** What the server must be. */
  readonly requires: readonly string[];
  /** Rules that the files break on purpose. */
  readonly ignored: readonly Ignored[];
  /** What nobody manages. */
  readonly unmanaged: readonly string[];
  /** What a person must say first. */
  readonly decisions: readonly Decision[];
  /** What a person must write. */
  readonly refused: SchemaPlan["refused"];
}

/** Nothing to do. */
export const NOTHING: Part = {
  up: [],
  down: [],
  changes: [],
  names: [],
  destructive: [],
  irreversible: [],
  requires: [],
  ignored: [],
  unmanaged: [],
  decisions: [],
  refused: [],
};

/** A step of one command. */
export function step(command: Document, ...comments: string[]): DraftStep {
  return {
    transaction: false,
    repeat: false,
    lockTimeout: undefined,
    statementTimeout: undefined,
    statements: [textOf(command)],
    comments,
  };
}

/** An update of all documents that a filter finds, in parts. */
export function inParts(
  collection: string,
  q: Document,
  u: Document | readonly Document[],
  ...comments: string[]
): DraftStep {
  return {
    ...step(
      { update: collection, updates: [{ q, u, multi: true }] },
      ...comments,
    ),
    repeat: true,
  };
}
