import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { DecisionError } from "../errors.ts";

/** Signals that end a question, besides the keys that do. */
const ENDING: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Asks at the terminal. What is not a yes is a no, an interruption too; the
 * terminal is left as it was.
 *
 * @throws {DecisionError} where there is no terminal
 */
export async function ask(question: string): Promise<boolean> {
  // Results go to the standard output, perhaps into a file; so the question does not.
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) {
    throw new DecisionError(
      `There is no terminal to ask at: ${question} Say --yes if it is meant`,
      ["--yes"],
    );
  }
  return await askAt(process.stdin, process.stderr, question);
}

async function askAt(
  input: Readable,
  output: Writable,
  question: string,
): Promise<boolean> {
  const { confirm } = await import("@clack/prompts");
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const signal of ENDING) Deno.addSignalListener(signal, interrupt);
  try {
    const answer = await confirm({
      message: question,
      initialValue: false,
      input,
      output,
      signal: interruption.signal,
    });
    return answer === true;
  } finally {
    for (const signal of ENDING) Deno.removeSignalListener(signal, interrupt);
  }
}
