import pg from "./pg.ts";
import type { Command, Rows } from "../link/link.ts";
import { requireBinding } from "./channel_binding.ts";
import { cut } from "./client_socket.ts";
import type { SqlConfig } from "./config.ts";
import type { PeerWatch } from "./peer_watch.ts";
import type { Sender, Sent } from "./sender.ts";
import type { Ticker } from "./ticker.ts";

/** Clients that many statements share: each statement is sent without waiting for the previous answer. */
interface Pipelines {
  /** Returns the pipeline with the fewest waiting statements, or undefined if all are blocked. */
  pick(): Pipeline | undefined;
  /** Returns an idle pipeline, which takes no other statement until this one has its answer. Undefined if one is already taken, so that the others stay free for reads, or if none is idle yet. */
  take(): Pipeline | undefined;
  /** Begins to close all pipelines; the watch on their clients sees to the end. */
  close(): void;
}

/** One of these clients. */
export interface Pipeline {
  /** Sends a command. */
  send(command: Command, rows: Rows | undefined): Promise<Sent>;
}

/** The number of pipelines. Measured: the second one adds a third to the rate of reads by key, a third one adds nothing. */
const PIPELINES = 2;
/** Milliseconds without an answer after which a pipeline accepts no more statements: its first one may wait for a lock. */
const BLOCKED_AFTER = 50;

interface OpenPipeline extends Pipeline {
  isConnected: boolean;
  isTaken: boolean;
  readonly client: pg.Client;
  readonly ready: Promise<unknown>;
  waiting: number;
  lastAnswer: number;
}

/** Creates the pipelines to a server. Each opens when it is first needed, and again after its connection was lost. */
export function createPipelines(
  options: pg.ClientConfig,
  { send }: Sender,
  config: SqlConfig,
  watch: PeerWatch,
  ticker: Ticker,
): Pipelines {
  const pipelines: (OpenPipeline | undefined)[] = Array.from({
    length: PIPELINES,
  });
  let closed = false;

  function openAt(index: number): OpenPipeline {
    const client = new pg.Client({ ...options, pipeline: true });
    requireBinding(client, config);
    watch.follow(client);
    const forget = (): void => {
      if (pipelines[index] === pipeline) pipelines[index] = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    const ready = client.connect();
    const pipeline: OpenPipeline = {
      client,
      ready,
      isConnected: false,
      isTaken: false,
      waiting: 0,
      lastAnswer: ticker.now(),
      async send(command, rows) {
        if (pipeline.waiting++ === 0) {
          pipeline.lastAnswer = ticker.now();
          setIdle(client, false);
        }
        try {
          if (!pipeline.isConnected) await ready;
          return await send(client, command, rows);
        } finally {
          pipeline.lastAnswer = ticker.now();
          // An idle pipeline does not keep the program alive.
          if (--pipeline.waiting === 0) setIdle(client, true);
        }
      },
    };
    pipelines[index] = pipeline;
    ready.then(() => {
      pipeline.isConnected = true;
      if (!closed && pipeline.waiting === 0) setIdle(client, true);
    }, forget);
    return pipeline;
  }

  return {
    pick() {
      if (closed) return undefined;
      const blockedSince = ticker.now() - BLOCKED_AFTER;
      let best: OpenPipeline | undefined;
      for (const [index, known] of pipelines.entries()) {
        if (known?.isTaken) continue;
        const pipeline = known ??
          (best === undefined || best.waiting > 0 ? openAt(index) : undefined);
        if (
          pipeline === undefined ||
          (pipeline.waiting > 0 && pipeline.lastAnswer < blockedSince)
        ) continue;
        if (best === undefined || pipeline.waiting < best.waiting) {
          best = pipeline;
        }
      }
      return best;
    },
    take() {
      if (closed || pipelines.some((known) => known?.isTaken)) return undefined;
      const pipeline = pipelines.find((known) =>
        known?.isConnected && known.waiting === 0
      );
      if (pipeline === undefined) {
        // The statement would not be sent if this server were lost: it does not wait for the connection.
        if (pipelines.every((known) => known === undefined)) openAt(0);
        return undefined;
      }
      pipeline.isTaken = true;
      return {
        send: (...statement) =>
          pipeline.send(...statement).finally(() => pipeline.isTaken = false),
      };
    },
    close() {
      closed = true;
      for (const pipeline of pipelines) {
        if (pipeline === undefined) continue;
        const { client, isConnected, waiting } = pipeline;
        // A pipelined client closes after all answers, which a lock can delay forever.
        if (waiting > 0 || !isConnected) cut(client);
        else {
          setIdle(client, false);
          client.end();
        }
      }
    },
  };
}

/** Sets whether a client keeps the program alive; `@types/pg` has no types for this. */
function setIdle(client: pg.Client, isIdle: boolean): void {
  if (isIdle && "unref" in client && typeof client.unref === "function") {
    client.unref();
  }
  if (!isIdle && "ref" in client && typeof client.ref === "function") {
    client.ref();
  }
}
