import type { Document } from "mongodb";
import type { Step } from "../../../engine/migrations/mod.ts";
import { commandIn } from "./json.ts";

const COMMANDS = new WeakMap<Step, readonly Document[]>();

/** Returns the commands of a step. Parses them once. */
export function commandsOf(step: Step): readonly Document[] {
  const known = COMMANDS.get(step);
  if (known !== undefined) return known;
  const commands = step.statements.map(commandIn);
  COMMANDS.set(step, commands);
  return commands;
}
