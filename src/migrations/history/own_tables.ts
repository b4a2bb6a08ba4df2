import { HISTORY } from "./record.ts";

/** Name of the table or collection that stores how far files are loaded, on any engine. */
export const LOADS = "dbp_loads";

/** The tables or collections of this package, which no model of a program describes. */
export const OWN_TABLES: readonly string[] = [HISTORY, LOADS];
