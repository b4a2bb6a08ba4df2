import pg from "pg";
import type { Command, Done, RawRow } from "../link/link.ts";
import { send } from "./row_query.ts";

/** Clients that many statements share, each sent without waiting for the answer to the one before. */
export interface Lanes {
  /** The lane with the least to do; undefined where every lane is held up. */
  pick(): Lane | undefined;
  /** Ends them. */
  close(): Promise<void>;
}

/** One of them. */
export interface Lane {
  /** Sends a command. */
  send(command: Command, onRow: (row: RawRow) => void): Promise<Done>;
}

/** How many there are: measured, the second adds a third to the rate of reads by key, a third adds nothing. */
const LANES = 2;
/** Milliseconds after which a lane whose first statement has no answer takes no more: a lock may hold it. */
const HELD_UP = 50;

interface OpenLane extends Lane {
  readonly client: pg.Client;
  readonly ready: Promise<unknown>;
  waiting: number;
  lastAnswer: number;
}

/** Lanes to a server; each is opened when it is first needed, and again after it was lost. */
export function createLanes(options: pg.ClientConfig): Lanes {
  const lanes: (OpenLane | undefined)[] = Array.from({ length: LANES });
  let closed = false;

  function open(place: number): OpenLane {
    const client = new pg.Client({ ...options, pipeline: true });
    const forget = (): void => {
      if (lanes[place] === lane) lanes[place] = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    const ready = client.connect();
    ready.catch(forget);
    const lane: OpenLane = {
      client,
      ready,
      waiting: 0,
      lastAnswer: performance.now(),
      async send(command, onRow) {
        if (lane.waiting++ === 0) {
          lane.lastAnswer = performance.now();
          rest(client, false);
        }
        try {
          await ready;
          return await send(client, command, onRow);
        } finally {
          lane.lastAnswer = performance.now();
          // A program that has nothing more to do ends, closed or not.
          if (--lane.waiting === 0) rest(client, true);
        }
      },
    };
    lanes[place] = lane;
    return lane;
  }

  return {
    pick() {
      if (closed) return undefined;
      const late = performance.now() - HELD_UP;
      let best: OpenLane | undefined;
      for (const [place, known] of lanes.entries()) {
        const lane = known ??
          (best === undefined || best.waiting > 0 ? open(place) : undefined);
        if (
          lane === undefined || (lane.waiting > 0 && lane.lastAnswer < late)
        ) continue;
        if (best === undefined || lane.waiting < best.waiting) best = lane;
      }
      return best;
    },
    async close() {
      closed = true;
      await Promise.all(lanes.map(async (lane) => {
        if (lane === undefined) return;
        // A pipelined client says goodbye once all is answered, which a lock can put off for ever.
        if (lane.waiting > 0) return cut(lane.client);
        rest(lane.client, false);
        await lane.ready.then(() => lane.client.end()).catch(() => {});
      }));
    },
  };
}

/** Whether a client keeps the program alive; `@types/pg` leaves this out. */
function rest(client: pg.Client, resting: boolean): void {
  if (resting && "unref" in client && typeof client.unref === "function") {
    client.unref();
  }
  if (!resting && "ref" in client && typeof client.ref === "function") {
    client.ref();
  }
}

/** What `@types/pg` leaves out of a client: its way to the server. */
interface Connected {
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Breaks the way to the server; what is under way fails. */
export function cut(client: pg.Client): void {
  const { connection } = client as pg.Client & Connected;
  connection.stream.destroy();
}
