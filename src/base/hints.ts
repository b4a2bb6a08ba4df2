import { AsyncLocalStorage } from "node:async_hooks";
import { shellWord } from "./shell_word.ts";

/** The options of the running command that its hints repeat: names, each with its value. */
export type RepeatedOptions = Readonly<Record<string, string>>;

const running = new AsyncLocalStorage<RepeatedOptions>();

/** Runs a command. Meanwhile hints are commands with the same options. */
export function withCommandHints<T>(
  options: RepeatedOptions,
  work: () => Promise<T>,
): Promise<T> {
  return running.run(options, work);
}

/**
 * Returns a command for a message, with the options in use: `dbp migrate --db MPC`.
 *
 * @param words the command and its own options: `stamp --to 20260930T141502_a`
 */
export function commandHint(words: string): string {
  const repeated = Object.entries(running.getStore() ?? {})
    .flatMap(([name, value]) => [name, shellWord(value)]);
  return `\`${["dbp", words, ...repeated].join(" ")}\``;
}
