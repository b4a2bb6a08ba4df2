import { MongoNetworkError } from "mongodb";
import { pause } from "../../base/pause.ts";

/** Milliseconds in which what is under way may end by itself once the client is closed. */
const PATIENCE = 100;

/** What is under way on a client. */
export interface Ending {
  /** Does some work, which fails where the client is closed meanwhile. */
  until<T>(work: () => Promise<T>): Promise<T>;
  /** Ends what is still under way. */
  end(): Promise<void>;
}

/** The driver leaves some calls without an answer for ever when its client is closed under them; these end. */
export function createEnding(): Ending {
  const open = new Set<(error: Error) => void>();
  return {
    until: (work) =>
      new Promise((resolve, reject) => {
        const working = work();
        open.add(reject);
        working.then(
          (result) => {
            open.delete(reject);
            resolve(result);
          },
          (error) => {
            open.delete(reject);
            reject(error);
          },
        );
      }),
    async end() {
      if (open.size === 0) return;
      await pause(PATIENCE);
      for (const reject of open) {
        reject(new MongoNetworkError("The connection was closed"));
      }
    },
  };
}
