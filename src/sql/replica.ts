import type { ReplicaEvent } from "../engine/engine.ts";
import type { Executor } from "../query/statement/executor.ts";
import { NoAnswerError, withinTime } from "./driver/patience.ts";
import {
  type Checked,
  checkReplica,
  isSameCluster,
} from "./driver/replica_check.ts";
import { TIMES } from "./driver/replica_times.ts";
import type { SqlDriver, SqlLink } from "./link/link.ts";

/** An open connection to a replica. */
interface OpenReplica {
  /** The driver, whose errors are those of this package. */
  readonly driver: SqlDriver;
  /** Executes reads on it. */
  readonly executor: Executor;
}

/** A server that only reads, and whether it can be used. */
export interface ReplicaServer {
  /** The number of statements that run on it. */
  busy: number;
  /** Whether it can be used without a check. */
  isReady(): boolean;
  /** Whether it was left out, and the time has not passed or its check has not ended. */
  isLeftOut(): boolean;
  /** Checks it, unless a check is running or it is left out. Returns whether it can be used. */
  check(): Promise<boolean>;
  /** Checks it in the background if the last check is getting old. */
  refresh(): void;
  /** Returns the executor of a replica that is ready. */
  executor(): Executor | undefined;
  /** Leaves it out for a while. */
  leaveOut(error: Error): void;
  /** Closes its connections. */
  close(): Promise<void>;
}

/** How replicas are opened and judged. */
interface ReplicaOptions {
  /** The location for messages. */
  readonly location: string;
  /** Opens the connection. */
  readonly open: () => Promise<OpenReplica>;
  /** The driver of the primary. */
  readonly primary: SqlLink;
  /** How far it may be behind, in milliseconds. */
  readonly maxLag: number | undefined;
  readonly onChange: ((event: ReplicaEvent) => void) | undefined;
}

/** Creates a replica, which is opened when it is first needed. */
export function createReplica(
  { location, open, primary, maxLag, onChange }: ReplicaOptions,
): ReplicaServer {
  let opening: Promise<OpenReplica> | undefined;
  let opened: OpenReplica | undefined;
  let isVerified = false;
  let checking: Promise<boolean> | undefined;
  /** The time until which the last check is valid. */
  let readyUntil = -Infinity;
  /** The time from which on it is checked again in the background. */
  let dueFrom = -Infinity;
  let leftOutUntil = -Infinity;
  let isOut = false;
  let closed = false;

  function setOut(milliseconds: number, reason: string, error?: Error): void {
    readyUntil = -Infinity;
    leftOutUntil = performance.now() + milliseconds;
    if (isOut || closed) return;
    isOut = true;
    report({
      server: location,
      state: "left out",
      reason,
      ...(error === undefined ? {} : { error }),
    });
  }

  /** Runs in a turn of its own, so that an error of the program's function does not fail the read. */
  function report(event: ReplicaEvent): void {
    if (onChange !== undefined) queueMicrotask(() => onChange(event));
  }

  async function connection(): Promise<OpenReplica> {
    const found = await (opening ??= open());
    if (closed) await found.driver.close();
    opened = found;
    return found;
  }

  async function judge(): Promise<Checked> {
    const { driver } = await connection().catch((error) => {
      opening = undefined;
      throw error;
    });
    isVerified ||= await isSameCluster(driver, primary);
    return isVerified
      ? await checkReplica(driver, primary, maxLag !== undefined)
      : { problem: "belongs to another cluster than the primary" };
  }

  /** Returns whether the replica can be used. */
  function accept(checked: Checked): boolean {
    if ("problem" in checked) {
      setOut(TIMES.failed, checked.problem);
      return false;
    }
    const now = performance.now();
    const lag = now - checked.asOf;
    if (maxLag !== undefined && lag > maxLag) {
      setOut(
        Math.min(TIMES.behind, maxLag),
        `${lagText(lag)}, more than MAX_LAG (${maxLag} ms)`,
      );
      return false;
    }
    const rest = Math.min(TIMES.checked, (maxLag ?? Infinity) - lag);
    readyUntil = now + rest;
    dueFrom = now + rest / 2;
    leftOutUntil = -Infinity;
    if (isOut) report({ server: location, state: "in use" });
    isOut = false;
    return true;
  }

  async function judgeInTime(): Promise<boolean> {
    try {
      return accept(await withinTime(judge(), TIMES.answer));
    } catch (error) {
      if (error instanceof NoAnswerError) {
        setOut(TIMES.failed, `gave no answer within ${TIMES.answer} ms`);
        return false;
      }
      const failure = error instanceof Error ? error : new Error(String(error));
      setOut(TIMES.failed, failure.message, failure);
      return false;
    }
  }

  const replica: ReplicaServer = {
    busy: 0,
    isReady: () => performance.now() < readyUntil,
    isLeftOut: () => isOut,
    check() {
      if (closed || performance.now() < leftOutUntil) {
        return Promise.resolve(false);
      }
      checking ??= judgeInTime().finally(() => checking = undefined);
      return checking;
    },
    refresh() {
      if (checking !== undefined || performance.now() < dueFrom) return;
      replica.check();
    },
    executor: () => opened?.executor,
    leaveOut: (error) => setOut(TIMES.failed, error.message, error),
    async close() {
      closed = true;
      readyUntil = -Infinity;
      await opened?.driver.close();
    },
  };
  return replica;
}

function lagText(lag: number): string {
  return lag === Infinity
    ? "is behind by an unknown time"
    : `is behind by ${Math.round(lag)} ms`;
}
