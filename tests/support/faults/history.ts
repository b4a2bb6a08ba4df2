// Records the result of every call, and checks a database against the records.
import {
  DbPluginsError,
  type PartlyWritten,
  type WriteOutcome,
} from "@alerce/db-plugins";

/** What a call changes in one row. No other call changes this row from the same state. */
export interface Effect {
  /** The table and the key of the row. */
  readonly key: string;
  /** The state without the call; undefined if the row does not exist. */
  readonly before?: string | undefined;
  /** The state after the call; undefined if the row does not exist. */
  readonly after?: string | undefined;
}

/** A call that writes, and its result. */
export interface Write {
  /** The method and the marker of the call. */
  readonly name: string;
  readonly effects: readonly Effect[];
  /** Whether the call must change all rows or none. */
  readonly isAtomic: boolean;
  readonly outcome: WriteOutcome;
  /** Why it failed, without what the error itself would keep in memory. */
  readonly reason?: string;
}

/** The error that a transaction function throws on purpose. */
export class OwnError extends Error {}

/** The reason with which a caller aborts a call; the library sets its outcome. */
export class Aborted extends Error {
  declare outcome?: WriteOutcome;
  declare partly?: PartlyWritten;
}

/** The records of all clients. */
export interface History {
  /** The calls that wrote, in the order in which they ended. */
  readonly writes: readonly Write[];
  /** Violations that reads and errors showed. */
  readonly violations: readonly string[];
  /** The longest time of a call, in milliseconds. */
  longest(): { readonly name: string; readonly ms: number };
  /** Runs a call that writes. Returns whether it succeeded. */
  write(
    call: Pick<Write, "name" | "effects" | "isAtomic">,
    run: () => Promise<unknown>,
  ): Promise<boolean>;
  /** Runs a call that reads. Returns whether it succeeded; `run` returns what is wrong with its result. */
  read(name: string, run: () => Promise<string | undefined>): Promise<boolean>;
  /** Returns the violations of the history in the states of all rows, at most ten. */
  check(states: ReadonlyMap<string, string>): readonly string[];
}

const LONGEST_REASON = 300;

/** Starts to record. */
export function startHistory(): History {
  const writes: Write[] = [];
  const violations: string[] = [];
  let longest = { name: "no call", ms: 0 };
  const timed = async (
    name: string,
    run: () => Promise<unknown>,
  ): Promise<unknown> => {
    const started = performance.now();
    try {
      return await run();
    } finally {
      const ms = performance.now() - started;
      if (ms > longest.ms) longest = { name, ms };
    }
  };
  return {
    writes,
    violations,
    longest: () => longest,
    async write(call, run) {
      try {
        await timed(call.name, run);
        writes.push({ ...call, outcome: "applied" });
        return true;
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome === undefined) {
          violations.push(
            `${call.name} failed without an outcome: ${Deno.inspect(error)}`,
          );
        }
        const reason = String(error).slice(0, LONGEST_REASON);
        writes.push(
          ...split({ ...call, outcome: outcome ?? "unknown", reason }, error),
        );
        return false;
      }
    },
    async read(name, run) {
      try {
        const problem = await timed(name, run);
        if (problem !== undefined) violations.push(`${name}: ${problem}`);
        return true;
      } catch (error) {
        if (!isOwn(error)) {
          violations.push(`${name} failed with ${Deno.inspect(error)}`);
        }
        return false;
      }
    },
    check: (states) =>
      [...violations, ...problems(writes, states)].slice(0, 10),
  };
}

function outcomeOf(error: unknown): WriteOutcome | undefined {
  if (error instanceof OwnError) return "not applied";
  return isOwn(error) ? error.outcome : undefined;
}

/** Whether the library throws such an error on purpose. */
function isOwn(error: unknown): error is DbPluginsError | Aborted {
  return error instanceof DbPluginsError || error instanceof Aborted;
}

/** Splits a bulk write that failed halfway into its parts, as `error.partly` lists them. */
function split(write: Write, error: unknown): Write[] {
  if (!isOwn(error) || error.partly === undefined) return [write];
  const { written, unwritten } = error.partly;
  const ids = (rows: readonly object[]): Set<string> =>
    new Set(rows.map((row) => `item ${Reflect.get(row, "id")}`));
  const lists = { applied: ids(written), "not applied": ids(unwritten) };
  const part = (outcome: WriteOutcome): Write => ({
    ...write,
    outcome,
    isAtomic: false,
    effects: write.effects.filter(({ key }) =>
      outcome === "unknown"
        ? !lists.applied.has(key) && !lists["not applied"].has(key)
        : lists[outcome].has(key)
    ),
  });
  return [part("applied"), part("not applied"), part("unknown")];
}

function problems(
  writes: readonly Write[],
  states: ReadonlyMap<string, string>,
): string[] {
  const found: string[] = [];
  const last = new Map<string, Write>();
  for (const write of writes) {
    for (const { key } of write.effects) last.set(key, write);
  }
  for (const write of writes) {
    const { name, outcome, isAtomic, effects, reason } = write;
    const because = reason === undefined ? "" : `; the call failed: ${reason}`;
    let [changed, unchanged] = [0, 0];
    for (const { key, before, after } of effects) {
      if (last.get(key) !== write) continue;
      const state = states.get(key);
      if (state === after) changed++;
      else if (state === before) unchanged++;
      const right = outcome === "applied"
        ? state === after
        : outcome === "not applied"
        ? state === before
        : state === after || state === before;
      if (right) continue;
      found.push(
        `${name} is ${outcome}, but ${key} is ${state} (before: ${before}, after: ${after})${because}`,
      );
    }
    if (isAtomic && changed > 0 && unchanged > 0) {
      found.push(
        `${name} is atomic, but changed ${changed} rows and left ${unchanged}${because}`,
      );
    }
  }
  for (const key of states.keys()) {
    if (!last.has(key)) found.push(`${key} exists, and no call wrote it`);
  }
  return found;
}
