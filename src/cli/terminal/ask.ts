import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { DecisionError } from "../../base/errors/mod.ts";
import type { Decision } from "../../engine/migrations/mod.ts";
import { ENDING } from "./interruption.ts";

/** What every prompt of the library takes. */
interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  /** Ends the question. */
  readonly signal: AbortSignal;
}

/** Where an option leaves a value to the person. */
const PLACEHOLDER = /=VALUE$/;

/** Whether there is somebody to ask. Results go to the standard output, perhaps into a file; so questions do not. */
export function isAtTerminal(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Asks at the terminal. What is not a yes is a no, an interruption too; the
 * terminal is left as it was.
 *
 * @throws {DecisionError} where there is no terminal
 */
export async function ask(question: string): Promise<boolean> {
  if (!isAtTerminal()) {
    throw new DecisionError(
      `There is no terminal to ask at: ${question} Say --yes if it is meant`,
      ["--yes"],
    );
  }
  const { confirm } = await import("@clack/prompts");
  return await atTerminal(async (terminal) =>
    await confirm({ message: question, initialValue: false, ...terminal }) ===
      true
  );
}

/** Asks for one of a decision's options, and for a value where the option takes one; undefined is none of them, an interruption too. */
export async function choose(
  { question, options }: Decision,
): Promise<string | undefined> {
  const { isCancel, select, text } = await import("@clack/prompts");
  // What else a decision names is no option, but a change of the models.
  const answers = options.filter((option) => option.startsWith("--"))
    .map((option) => ({ value: option, label: option }));
  const none = { value: "", label: "none of these: write nothing" };
  // The first is chosen by pressing a key without reading: it loses nothing.
  const loses = answers[0]?.value.startsWith("--drop") ?? true;
  return await atTerminal(async (terminal) => {
    const option = await select({
      message: question,
      options: loses ? [none, ...answers] : [...answers, none],
      ...terminal,
    });
    if (isCancel(option) || option === "") return undefined;
    if (!PLACEHOLDER.test(option)) return option;
    const value = await text({
      message: option.replace(PLACEHOLDER, "="),
      ...terminal,
    });
    return isCancel(value)
      ? undefined
      : option.replace(PLACEHOLDER, () => `=${value ?? ""}`);
  });
}

async function atTerminal<T>(
  work: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const signal of ENDING) Deno.addSignalListener(signal, interrupt);
  try {
    return await work({
      input: process.stdin,
      output: process.stderr,
      signal: interruption.signal,
    });
  } finally {
    for (const signal of ENDING) Deno.removeSignalListener(signal, interrupt);
  }
}
