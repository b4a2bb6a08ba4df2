import type { Script, Step } from "../../engine/migrations/mod.ts";
import {
  type Directive,
  type EngineWords,
  fileDirectives,
  parseDirective,
  type PlacedDirective,
  printDirective,
} from "./directive.ts";
import { jsonHash } from "./json_hash.ts";
import type { Position } from "./position.ts";
import { PLAIN_STEP, printStep, type StepOptions } from "./step_directive.ts";

/** A statement or a directive of a file. */
export type FilePart<Statement> =
  | { readonly position: Position; readonly statement: Statement }
  | { readonly position: Position; readonly directive: string };

/** The statements of one step, as an engine reads them. */
export interface StepPart<Statement> {
  readonly options: StepOptions;
  /** The position of its directive, or of its first statement. */
  readonly position: Position;
  readonly statements: readonly Statement[];
}

/** A file as steps and directives. */
interface FileParts<Statement> {
  readonly steps: readonly StepPart<Statement>[];
  /** The directives other than `dbp:step`, in the order of the file. */
  readonly directives: readonly Directive[];
  /** What the directives say about the whole file. */
  readonly whole: Omit<Script, "steps" | "checksum">;
}

/**
 * Reads the directives of a file and divides its statements into steps. A
 * `dbp:step` directive begins a step; a step without statements is left to the
 * engine to refuse.
 *
 * @param single whether a step holds one statement, so that the next statement
 * begins another step
 * @throws {MigrationError} with exit code 4 if a directive is invalid
 */
export function readParts<Statement>(
  parts: Iterable<FilePart<Statement>>,
  words: EngineWords,
  single = false,
): FileParts<Statement> {
  const steps: (StepPart<Statement> & { readonly statements: Statement[] })[] =
    [];
  const placed: PlacedDirective[] = [];
  for (const part of parts) {
    const { position } = part;
    if ("directive" in part) {
      const directive = parseDirective(part.directive, position, words);
      if (directive.kind === "step") {
        const { kind: _, ...options } = directive;
        steps.push({ options, position, statements: [] });
      } else placed.push({ directive, position });
      continue;
    }
    const last = steps.at(-1);
    if (last === undefined || (single && last.statements.length > 0)) {
      const statements = [part.statement];
      steps.push({ options: PLAIN_STEP, position, statements });
    } else last.statements.push(part.statement);
  }
  return {
    steps,
    directives: placed.map(({ directive }) => directive),
    whole: fileDirectives(placed),
  };
}

/** Returns the checksum of a file from its directives, in any order, and its steps. */
export function scriptChecksum(
  directives: readonly Directive[],
  steps: readonly Step[],
): string {
  return jsonHash([
    directives.map(printDirective).sort(),
    steps.map((step) => [printStep(step), step.hash]),
  ]);
}
