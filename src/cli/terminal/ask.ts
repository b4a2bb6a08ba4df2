import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { DecisionError } from "../../base/errors/mod.ts";
import { printable } from "../../base/errors/printable.ts";
import type { Decision } from "../../engine/migrations/mod.ts";
import { SIGNALS } from "./interruption.ts";
import { loadModule } from "../../base/load_module.ts";

/** The options of every prompt of the library. */
interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  /** Cancels the prompt. */
  readonly signal: AbortSignal;
}

/** The end of an option whose value the user must enter. */
const PLACEHOLDER = /=VALUE$/;

/** Whether the user can be asked. Questions go to stderr, because stdout may be a file. */
export function isAtTerminal(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Asks for confirmation. Every other answer than yes is a no, also an
 * interruption.
 *
 * @throws {DecisionError} if there is no terminal
 */
export async function ask(question: string): Promise<boolean> {
  if (!isAtTerminal()) {
    throw new DecisionError(
      `Cannot ask for confirmation without a terminal: ${question} Pass --yes to confirm`,
      ["--yes"],
    );
  }
  const { confirm } = await loadModule(() => import("@clack/prompts"));
  return await atTerminal(async (terminal) =>
    await confirm({
      message: printable(question),
      initialValue: false,
      ...terminal,
    }) ===
      true
  );
}

/** Asks for one of a decision's options, and for its value if it takes one; undefined if the user chooses none or interrupts. */
export async function choose(
  { question, options }: Decision,
): Promise<string | undefined> {
  const { isCancel, select, text } = await loadModule(() =>
    import("@clack/prompts")
  );
  // Other options of a decision are changes of the models.
  const answers = options.filter((option) => option.startsWith("--"))
    .map((option) => ({ value: option, label: printable(option) }));
  const none = { value: "", label: "None of these: write nothing" };
  // Enter chooses the first answer, so it must not lose data.
  const losesData = answers[0]?.value.startsWith("--drop") ?? true;
  return await atTerminal(async (terminal) => {
    const option = await select({
      message: printable(question),
      options: losesData ? [none, ...answers] : [...answers, none],
      ...terminal,
    });
    if (isCancel(option) || option === "") return undefined;
    if (!PLACEHOLDER.test(option)) return option;
    const value = await text({
      message: printable(option.replace(PLACEHOLDER, "=")),
      ...terminal,
    });
    return isCancel(value)
      ? undefined
      : option.replace(PLACEHOLDER, () => `=${value ?? ""}`);
  });
}

async function atTerminal<T>(
  prompt: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  for (const signal of SIGNALS) Deno.addSignalListener(signal, interrupt);
  try {
    return await prompt({
      input: process.stdin,
      output: process.stderr,
      signal: interruption.signal,
    });
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, interrupt);
  }
}
