import { QueryError } from "../../base/errors/mod.ts";
import { unknownNames } from "../../base/known_names.ts";
import { nearest } from "../../base/nearest.ts";
import { valueText } from "../../model/option_shape.ts";

/** A function whose options are checked. */
interface Call {
  /** What it could not do, for messages: `load detection`. */
  readonly action: string;
  /** The name of its model, if it has one. */
  readonly model?: string;
  /** The names of its options. */
  readonly names: ReadonlySet<string>;
  /** Options that it accepts, for messages: `{ limit: 10 }`. */
  readonly example: string;
}

/** Throws the error of an option. */
export type RefuseOption = (
  problem: string,
  field?: string,
  nearest?: string,
) => never;

/** Checks the values of the options of one call. */
interface OptionChecks {
  readonly refuse: RefuseOption;
  /** Refuses options that are neither functions nor undefined. */
  assertFunctions(...names: readonly string[]): void;
  /** Refuses an option that is neither a whole number nor undefined. */
  assertWhole(name: string, least?: number): void;
  /** Returns the value of an option, and refuses one that is none of these. */
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined;
}

/**
 * Checks the names of the options of a call, and returns what checks their values.
 *
 * @throws {QueryError} if they are no object, or with the first unknown option and
 * the most similar known one
 */
export function checkOptions(options: object, call: Call): OptionChecks {
  const { action, model, names, example } = call;
  const refuse: RefuseOption = (problem, field = "options", nearest) => {
    throw new QueryError(`Cannot ${action}: ${problem}`, {
      ...model === undefined ? {} : { model },
      field,
      nearest,
    });
  };
  if (typeof options !== "object" || options === null) {
    return refuse(`the options must be an object like ${example}`);
  }
  const [unknown] = unknownNames(options, names);
  if (unknown !== undefined) {
    refuse(`it has no option ${unknown.name}`, unknown.name, unknown.nearest);
  }
  const valueOf = (name: string): unknown => Reflect.get(options, name);
  return {
    refuse,
    assertFunctions(...names) {
      for (const name of names) {
        if (!["undefined", "function"].includes(typeof valueOf(name))) {
          refuse(`${name} must be a function`, name);
        }
      }
    },
    assertWhole(name, least = 1) {
      const value = valueOf(name);
      if (value === undefined) return;
      if (Number.isSafeInteger(value) && Number(value) >= least) return;
      refuse(
        `${name} must be a whole number, ${least} or greater, got ${
          valueText(value)
        }`,
        name,
      );
    },
    oneOf(name, values) {
      const value = valueOf(name);
      if (value === undefined) return undefined;
      return values.find((one) => one === value) ?? refuse(
        `${name} must be one of ${values.join(", ")}, got ${valueText(value)}`,
        name,
        nearest(String(value), values),
      );
    },
  };
}
