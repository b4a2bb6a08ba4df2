import type { Dialog } from "../terminal/dialog.ts";
import type { Report } from "../terminal/report.ts";
import type { Selection, Target } from "./target.ts";

/** A command with its options, as the command line gives them. */
export interface Invocation {
  /** The name of the command, and of its file in this folder. */
  readonly name: string;
  readonly settings: Selection;
  /** Whether to print one JSON object. */
  readonly json: boolean;
  /** The options that `run` of the command's file takes. */
  readonly options: object;
}

/** The database and the user of a command. */
export interface Context extends Target, Dialog {
  /** Whether the command prints one JSON object. */
  readonly json: boolean;
}

/** The function `run` of a command's file. */
export type Run = (options: never, context: Context) => Promise<Report>;
