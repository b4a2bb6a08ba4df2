/** Where the folder of migrations is, unless it is said. */
export const DIRECTORY = "./migrations";

/** Milliseconds to wait for another process that migrates, unless it is said. */
export const LOCK_WAIT = 60_000;
