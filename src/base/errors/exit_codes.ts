/** The exit codes of `dbp`; a `MigrationError` carries one. */
export const EXIT = {
  /** Success, or nothing to report. */
  done: 0,
  /** A migration or the command failed. */
  failed: 1,
  /** Migrations are pending, or files must be written. */
  pending: 2,
  /** Another process holds the lock, or the lock was lost. */
  locked: 3,
  /** Files or history are invalid. */
  invalid: 4,
  /** The database differs from the history or the models. */
  drift: 5,
  /** A file breaks a rule for live tables. */
  lint: 6,
  /** A person must decide, or finish the work manually. */
  undecided: 7,
  /** The arguments of the command or function are wrong. */
  usage: 64,
  /** The user interrupted the command, which stopped cleanly. */
  interrupted: 130,
} as const;
