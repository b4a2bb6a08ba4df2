import type { ClientSession, Collection, MongoClient } from "mongodb";
import type { Call, CursorLink, MongoLink } from "../link/link.ts";
import type { RunBounded } from "./bounded_work.ts";

/** Sends a command outside of transactions, and reports it. */
export type SendCommand = <T>(
  call: Call<T>,
  work: (collection: Collection) => Promise<T>,
) => Promise<T>;

/** Creates a link outside of transactions whose commands have a session, by which the server can end them. */
export function sessionLink(
  client: MongoClient,
  send: SendCommand,
  run: RunBounded,
  signal?: AbortSignal,
): MongoLink & { cursorLink(): CursorLink } {
  const sendOn = <T>(session: ClientSession, call: Call<T>): Promise<T> =>
    send(call, (collection) =>
      run(session, signal, () => {
        // Another member than the primary does not know which session to end.
        const { mode = "primary" } = collection.readPreference ?? {};
        return call.work(
          collection,
          signal !== undefined && mode !== "primary"
            ? { session, signal }
            : { session },
        );
      }));
  return {
    async send(call) {
      const session = client.startSession();
      try {
        return await sendOn(session, call);
      } finally {
        await session.endSession();
      }
    },
    cursorLink() {
      const session = client.startSession();
      return {
        send: (call) => sendOn(session, call),
        end: () => session.endSession(),
      };
    },
  };
}
