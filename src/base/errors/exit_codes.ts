/** What `dbp` ends with, and what a `MigrationError` carries of it. */
export const EXIT = {
  /** Done, or clean. */
  done: 0,
  /** A migration or the run failed. */
  failed: 1,
  /** Something is to be applied or written. */
  pending: 2,
  /** Another process has the lock, or it was lost. */
  locked: 3,
  /** Files or history are invalid. */
  invalid: 4,
  /** The database is not what history or models say. */
  drift: 5,
  /** A file breaks a rule for live tables. */
  lint: 6,
  /** A person must decide, or finish by hand. */
  undecided: 7,
  /** The command line, or what a function was given, is wrong. */
  usage: 64,
  /** Interrupted, in order. */
  interrupted: 130,
} as const;
