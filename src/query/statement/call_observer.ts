import type { AnyModel } from "../../model/types.ts";

/** A call of a public method. */
export interface ObservedCall {
  /** The method: `findAll`, `commit`. */
  readonly method: string;
  /** The model that it is about. */
  readonly model?: AnyModel | undefined;
  /** Whether it returns rows that it reads. */
  readonly isRead?: boolean;
}

/** Sees the calls of public methods, with the statements that they send. */
export interface CallObserver {
  /** Runs a call. */
  run<T>(call: ObservedCall, work: () => Promise<T>): Promise<T>;
  /** Returns the rows of a stream. Its call ends with the loop. */
  stream<T>(call: ObservedCall, rows: AsyncIterable<T>): AsyncIterable<T>;
}

/** Runs a call, with the observer if there is one. */
export function observed<T>(
  observer: CallObserver | undefined,
  call: ObservedCall,
  work: () => Promise<T>,
): Promise<T> {
  return observer === undefined ? work() : observer.run(call, work);
}
