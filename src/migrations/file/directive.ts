import { type MigrationError, suggestionText } from "../../base/errors/mod.ts";
import type { Ignored, Script } from "../../engine/migrations/mod.ts";
import { fileError, type Position } from "./position.ts";
import { parseRequirement } from "./requirement.ts";
import {
  parseStep,
  printStep,
  STEP_SHAPE,
  type StepOptions,
} from "./step_directive.ts";
import { byNearness, nearest } from "../../base/nearest.ts";

/** A `dbp:` line of a migration file. */
export type Directive =
  | ({ readonly kind: "step" } & StepOptions)
  | { readonly kind: "destructive"; readonly what: string }
  | { readonly kind: "irreversible"; readonly why: string }
  | ({ readonly kind: "ignore" } & Ignored)
  | { readonly kind: "requires"; readonly what: string };

/** A directive and its position. */
export interface PlacedDirective {
  readonly directive: Directive;
  readonly position: Position;
}

/** What directives of one engine may contain. */
export interface EngineWords {
  /** The lint rules that its files may ignore. */
  readonly rules: readonly string[];
  /** An example of a requirement: `pg>=14`. */
  readonly requires: string;
}

const SHAPES: { readonly [K in Directive["kind"]]: string } = {
  step: STEP_SHAPE,
  destructive: "dbp:destructive drop-column object.stellar",
  irreversible: "dbp:irreversible <why>",
  ignore: "dbp:ignore <rule> <why>",
  requires: "dbp:requires pg>=14",
};

/** The words that may follow `dbp:`. */
export const KINDS: readonly string[] = Object.keys(SHAPES);

/**
 * Reads one directive.
 *
 * @param text the text after `dbp:`: `step tx=none`
 * @throws {MigrationError} with exit code 4, naming the wrong word and the
 * nearest valid one
 */
export function parseDirective(
  text: string,
  position: Position,
  { rules, requires }: EngineWords,
): Directive {
  const [kind = "", ...words] = text.trimEnd().split(/\s+/);
  const rest = words.join(" ");
  switch (kind) {
    case "step":
      return { kind, ...parseStep(words, position) };
    case "destructive":
      return {
        kind,
        what: requiredText(kind, rest, "must name what is lost", position),
      };
    case "irreversible":
      return {
        kind,
        why: requiredText(
          kind,
          rest,
          "must say why the migration cannot be rolled back",
          position,
        ),
      };
    case "ignore":
      return { kind, ...ignoredRule(words, position, rules) };
    case "requires":
      return { kind, what: parseRequirement(rest, position, requires) };
    default:
      throw unknownKind(kind, position);
  }
}

/** Writes a directive in its normal form, without `dbp:`: `step tx=none`. */
export function printDirective(directive: Directive): string {
  switch (directive.kind) {
    case "step":
      return printStep(directive);
    case "irreversible":
      return `${directive.kind} ${oneLine(directive.why)}`;
    case "ignore":
      return `${directive.kind} ${directive.rule} ${oneLine(directive.why)}`;
    case "destructive":
    case "requires":
      return `${directive.kind} ${oneLine(directive.what)}`;
  }
}

/** What the directives of a file say about the whole file. */
type FileDirectives = Pick<
  Script,
  "destructive" | "irreversible" | "ignored" | "requires"
>;

/**
 * Returns what the directives of a file say about the whole file, without its
 * steps.
 *
 * @throws {MigrationError} if a directive is repeated that may occur only once
 */
export function fileDirectives(
  placed: readonly PlacedDirective[],
): FileDirectives {
  const destructive: string[] = [];
  const ignored: Ignored[] = [];
  const requires: string[] = [];
  let irreversible: string | undefined;
  for (const { directive, position } of placed) {
    switch (directive.kind) {
      case "step":
        break;
      case "destructive":
        destructive.push(directive.what);
        break;
      case "irreversible":
        if (irreversible !== undefined) {
          throw fileError(position, "dbp:irreversible is repeated");
        }
        irreversible = directive.why;
        break;
      case "ignore":
        ignored.push({ rule: directive.rule, why: directive.why });
        break;
      case "requires":
        requires.push(directive.what);
    }
  }
  return { destructive, irreversible, ignored, requires };
}

/** Returns the directives of a whole file, in the order in which they are written. */
export function directivesOf(
  { destructive, irreversible, ignored = [], requires }: {
    readonly destructive: readonly string[];
    readonly irreversible?: string | undefined;
    readonly ignored?: readonly Ignored[] | undefined;
    readonly requires: readonly string[];
  },
): readonly Directive[] {
  return [
    ...requires.map((what) => ({ kind: "requires", what } as const)),
    ...destructive.map((what) => ({ kind: "destructive", what } as const)),
    ...irreversible === undefined
      ? []
      : [{ kind: "irreversible", why: irreversible } as const],
    ...ignored.map(({ rule, why }) => ({ kind: "ignore", rule, why } as const)),
  ];
}

/** Returns the error for a directive that does not exist. */
export function unknownKind(kind: string, position: Position): MigrationError {
  if (kind === "") {
    return fileError(
      position,
      `dbp: must be followed by a directive: dbp:${KINDS.join(", dbp:")}`,
    );
  }
  const near = nearest(kind, KINDS);
  return fileError(
    position,
    `dbp:${kind} is not a directive${
      near === undefined ? `; directives are dbp:${KINDS.join(", dbp:")}` : ""
    }`,
    near && `dbp:${near}`,
  );
}

function ignoredRule(
  [rule, ...why]: readonly string[],
  position: Position,
  rules: readonly string[],
): Ignored {
  if (rule === undefined) {
    throw fileError(
      position,
      `dbp:ignore must name a rule: ${SHAPES.ignore}`,
    );
  }
  if (!rules.includes(rule)) {
    const near = suggestionText(nearest(rule, rules)) || ".";
    throw fileError(
      position,
      `dbp:ignore: no rule is named "${rule}"${near} The rules are ${
        byNearness(rule, rules).join(", ")
      }`,
    );
  }
  if (why.length === 0) {
    throw fileError(
      position,
      `dbp:ignore ${rule} must give a reason: dbp:ignore ${rule} <why>`,
    );
  }
  return { rule, why: why.join(" ") };
}

function requiredText(
  kind: keyof typeof SHAPES,
  text: string,
  problem: string,
  position: Position,
): string {
  if (text !== "") return text;
  throw fileError(position, `dbp:${kind} ${problem}: ${SHAPES[kind]}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
