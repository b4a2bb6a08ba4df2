import type { MigrationError } from "../../base/errors/mod.ts";
import type { Ignored, Script } from "../../engine/migrations/mod.ts";
import { fileError, type Place } from "./file_error.ts";
import { requirement } from "./requirement.ts";
import {
  parseStep,
  printStep,
  STEP_SHAPE,
  type StepOptions,
} from "./step_directive.ts";
import { nearest } from "../../base/nearest.ts";

/** One `dbp:` line of a migration file, read. */
export type Directive =
  | ({ readonly kind: "step" } & StepOptions)
  | { readonly kind: "destructive"; readonly what: string }
  | { readonly kind: "irreversible"; readonly why: string }
  | ({ readonly kind: "ignore" } & Ignored)
  | { readonly kind: "requires"; readonly what: string };

/** A directive and where it stands. */
export interface PlacedDirective {
  /** The directive. */
  readonly directive: Directive;
  /** Where it stands. */
  readonly place: Place;
}

/** What is an engine's own in directives. */
export interface EngineWords {
  /** The rules that its files may break on purpose. */
  readonly rules: readonly string[];
  /** What its files may require, as an example: `pg>=14`. */
  readonly requires: string;
}

const SHAPES: { readonly [K in Directive["kind"]]: string } = {
  step: STEP_SHAPE,
  destructive: "dbp:destructive drop-column object.stellar",
  irreversible: "dbp:irreversible <why>",
  ignore: "dbp:ignore <rule> <why>",
  requires: "dbp:requires pg>=14",
};

/** What there is after `dbp:`. */
export const KINDS: readonly string[] = Object.keys(SHAPES);

/**
 * Reads one directive.
 *
 * @param text what stands after `dbp:`, as `step tx=none`
 * @param engine what the engine's files may say
 * @throws {MigrationError} with exit code 4, naming the wrong word and the
 * nearest right one
 */
export function parseDirective(
  text: string,
  place: Place,
  { rules, requires }: EngineWords,
): Directive {
  const [kind = "", ...words] = text.trimEnd().split(/\s+/);
  const rest = words.join(" ");
  switch (kind) {
    case "step":
      return { kind, ...parseStep(words, place) };
    case "destructive":
      return { kind, what: required(kind, rest, "says what is lost", place) };
    case "irreversible":
      return {
        kind,
        why: required(kind, rest, "says why there is no way back", place),
      };
    case "ignore":
      return { kind, ...ignored(words, place, rules) };
    case "requires":
      return { kind, what: requirement(rest, place, requires) };
    default:
      throw unknownKind(kind, place);
  }
}

/** A directive as it is written, always in the same way: `step tx=none`, without `dbp:`. */
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

/** What a file says of itself as a whole. */
export type FileDirectives = Pick<
  Script,
  "destructive" | "irreversible" | "ignored" | "requires"
>;

/**
 * What a file's directives say of it as a whole; its steps are left out.
 *
 * @throws {MigrationError} where one is there twice that may be there once
 */
export function fileDirectives(
  placed: readonly PlacedDirective[],
): FileDirectives {
  const destructive: string[] = [];
  const ignored: Ignored[] = [];
  const requires: string[] = [];
  let irreversible: string | undefined;
  for (const { directive, place } of placed) {
    switch (directive.kind) {
      case "step":
        break;
      case "destructive":
        destructive.push(directive.what);
        break;
      case "irreversible":
        if (irreversible !== undefined) {
          throw fileError(place, "dbp:irreversible is there twice");
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

/** {@link fileDirectives}, back into directives, in the order in which they are printed. */
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

/** That there is no such directive. */
export function unknownKind(kind: string, place: Place): MigrationError {
  if (kind === "") {
    return fileError(
      place,
      `dbp: has no directive after it; write dbp:${KINDS.join(", dbp:")}`,
    );
  }
  const near = nearest(kind, KINDS);
  return fileError(
    place,
    `dbp:${kind} is not a directive${
      near === undefined ? `; there are dbp:${KINDS.join(", dbp:")}` : ""
    }`,
    near && `dbp:${near}`,
  );
}

function ignored(
  [rule, ...why]: readonly string[],
  place: Place,
  rules: readonly string[],
): Ignored {
  if (rule === undefined) {
    throw fileError(place, `dbp:ignore names a rule: ${SHAPES.ignore}`);
  }
  if (!rules.includes(rule)) {
    throw fileError(
      place,
      `dbp:ignore knows no rule "${rule}"`,
      nearest(rule, rules),
    );
  }
  if (why.length === 0) {
    throw fileError(
      place,
      `dbp:ignore ${rule} says why that is right here: dbp:ignore ${rule} <why>`,
    );
  }
  return { rule, why: why.join(" ") };
}

function required(
  kind: keyof typeof SHAPES,
  text: string,
  says: string,
  place: Place,
): string {
  if (text !== "") return text;
  throw fileError(place, `dbp:${kind} ${says}: ${SHAPES[kind]}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
