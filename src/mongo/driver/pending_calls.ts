import { MongoNetworkError } from "../link/mongodb.ts";
import { pause } from "../../base/pause.ts";

/** Milliseconds for pending calls to end themselves after the client is closed. */
const GRACE_PERIOD = 100;

/** The pending calls of a client. */
interface PendingCalls {
  /**
   * Runs a call, which fails if the client is closed before it ends.
   *
   * @param failed receives the error of the call itself
   */
  run<T>(call: () => Promise<T>, failed: (error: unknown) => void): Promise<T>;
  /** Fails all calls that are still pending. */
  end(): Promise<void>;
}

/** Tracks the calls of a client: when it is closed, the driver never settles some of them. */
export function createPendingCalls(): PendingCalls {
  const rejects = new Set<(error: Error) => void>();
  return {
    run: (call, failed) =>
      new Promise((resolve, reject) => {
        const pending = call();
        rejects.add(reject);
        pending.then(
          (result) => {
            rejects.delete(reject);
            resolve(result);
          },
          (error) => {
            rejects.delete(reject);
            failed(error);
            reject(error);
          },
        );
      }),
    async end() {
      if (rejects.size === 0) return;
      await pause(GRACE_PERIOD);
      for (const reject of rejects) {
        reject(new MongoNetworkError("The connection was closed"));
      }
    },
  };
}
