/** Name of the table or collection that stores the history, on any engine. */
export const HISTORY = "dbp_migrations";

/** Format version of the history that this package writes, and the newest that it reads. */
export const FORMAT = 1;

/** Number of former runs that the history keeps of a migration. */
export const FORMER = 100;
