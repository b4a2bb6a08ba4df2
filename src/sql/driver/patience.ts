import { pause } from "../../base/pause.ts";

/** The parts of a wait. */
const PARTS = 8;

/** The time for an answer is over. */
export class NoAnswerError extends Error {
  /** Creates the error. */
  constructor() {
    super("no answer");
  }
}

/**
 * Waits for an answer, and rejects with a {@link NoAnswerError} after some
 * milliseconds. The wait has several parts: if the program itself blocks its
 * event loop, only one of them passes, because the answer may have arrived.
 */
export async function withinTime<T>(
  answer: Promise<T>,
  milliseconds: number,
): Promise<T> {
  const end = new AbortController();
  const expiry = async (): Promise<never> => {
    for (let part = 0; part < PARTS; part++) {
      await pause(milliseconds / PARTS, end.signal);
    }
    throw new NoAnswerError();
  };
  try {
    return await Promise.race([answer, expiry()]);
  } finally {
    end.abort();
  }
}
