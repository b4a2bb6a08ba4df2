import type { State } from "./works.ts";

/** A server of the benchmark with ALeRCE's tables `object` and `detection`. */
export interface Server {
  readonly engine: "PostgreSQL" | "MongoDB";
  readonly version: string;
  readonly url: string;
  /** Restores the rows of `detection` before a work. */
  restore(state: State): Promise<void>;
  /** Returns a text that two equal contents of `detection` have in common. */
  fingerprint(): Promise<string>;
  /** Fills `detection` with more rows, for streams. */
  grow(count: number): Promise<void>;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
}
