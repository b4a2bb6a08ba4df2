import { DbPluginsError, type ErrorFields } from "./error.ts";

/** One wrong key of the settings. */
export interface ConfigProblem {
  /** The key as it was written, with its place: `SQL.HOTS`. */
  readonly key: string;
  /** What is wrong with it; never its value. */
  readonly problem: string;
  /** The right key it most resembles. */
  readonly nearest?: string | undefined;
}

/** The settings cannot be used. All wrong keys are named at once, no value is. */
export class ConfigError extends DbPluginsError {
  /** Every wrong key. */
  readonly problems: readonly ConfigProblem[];
  /** Made where it is thrown.
   * @param source what cannot be used, as in `Invalid settings file /home/me/settings.ts`
   */
  constructor(
    source: string,
    problems: readonly ConfigProblem[],
    fields: ErrorFields = {},
  ) {
    const lines = problems.map(({ key, problem, nearest }) =>
      `${key} ${problem}${nearest ? `; did you mean ${nearest}?` : ""}`
    );
    super(
      [source, lines.join("\n  ")].filter(Boolean).join(
        lines.length > 1 ? ":\n  " : ": ",
      ),
      fields,
    );
    this.problems = problems;
  }
}
