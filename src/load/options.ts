import { QueryError } from "../base/errors/mod.ts";
import { type NamesOf, namesOf, unknownNames } from "../base/known_names.ts";
import { nearest } from "../base/nearest.ts";
import { valueText } from "../model/option_shape.ts";
import type { AnyModel } from "../model/types.ts";
import { limitsOf } from "../files/read/limits.ts";
import { FORMATS } from "./input/format.ts";
import { columnMap, requiredFields } from "./rows/columns.ts";
import type { Recording } from "./record/load_record.ts";
import type { Reading } from "./rows/read_rows.ts";
import type { LoadOptions } from "./types.ts";

/** The checked options of a load. */
export interface LoadSettings {
  readonly reading: Reading;
  readonly onConflict: "ignore" | "update" | "error";
  readonly jobs: number;
  readonly limit: number;
  /** What happens about an earlier load of the file; undefined if loads are not recorded. */
  readonly recording: Recording | undefined;
}

const OPTIONS: NamesOf<LoadOptions<AnyModel>> = {
  format: true,
  map: true,
  skip: true,
  onConflict: true,
  prefer: true,
  merge: true,
  onRejected: true,
  onProgress: true,
  jobs: true,
  limit: true,
  resume: true,
  again: true,
  dryRun: true,
  limits: true,
  signal: true,
};
const NAMES = namesOf(OPTIONS);
const ON_CONFLICT = ["ignore", "update", "error"] as const;

/**
 * Checks the options of a load and adds the defaults.
 *
 * @throws {QueryError} with the wrong option
 */
export function loadSettings<M extends AnyModel>(
  model: M,
  options: LoadOptions<M>,
): LoadSettings {
  const refuse = (problem: string, field = "options", near?: string): never => {
    throw new QueryError(`Cannot load ${model.name}: ${problem}`, {
      model: model.name,
      field,
      nearest: near,
    });
  };
  const oneOf = <T extends string>(
    name: string,
    given: unknown,
    values: readonly T[],
  ): T =>
    values.find((value) => value === given) ?? refuse(
      `${name} must be one of ${values.join(", ")}, got ${valueText(given)}`,
      name,
      nearest(String(given), values),
    );
  const whole = (name: string, given: unknown, absent: number): number => {
    if (given === undefined) return absent;
    return typeof given === "number" && Number.isSafeInteger(given) && given > 0
      ? given
      : refuse(
        `${name} must be a whole number, 1 or greater, got ${valueText(given)}`,
        name,
      );
  };
  if (typeof options !== "object" || options === null) {
    refuse('the options must be an object like { onConflict: "update" }');
  }
  const [unknown] = unknownNames(options, NAMES);
  if (unknown !== undefined) {
    refuse(`it has no option ${unknown.name}`, unknown.name, unknown.nearest);
  }
  const { format, map = {}, skip = [], prefer, merge } = options;
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    refuse("map must be an object of columns and their fields", "map");
  }
  if (!Array.isArray(skip)) refuse("skip must be an array of columns", "skip");
  for (const name of ["onRejected", "onProgress"] as const) {
    if (!["undefined", "function"].includes(typeof options[name])) {
      refuse(`${name} must be a function`, name);
    }
  }
  const isUpsert = prefer !== undefined || merge !== undefined;
  const onConflict = options.onConflict === undefined
    ? isUpsert ? "update" : "ignore"
    : oneOf("onConflict", options.onConflict, ON_CONFLICT);
  if (isUpsert && onConflict !== "update") {
    refuse(
      `${
        prefer === undefined ? "merge" : "prefer"
      } requires onConflict "update"`,
      "onConflict",
    );
  }
  const { resume = false, again = false, dryRun = false } = options;
  if (resume && again) {
    refuse("resume continues a load, and again begins one; pass one", "again");
  }
  if (dryRun && (resume || again)) {
    refuse(
      `a dry run writes nothing, so that ${
        resume ? "resume" : "again"
      } has no meaning`,
      "dryRun",
    );
  }
  return {
    reading: {
      model,
      rules: {
        map: columnMap(model, map),
        skip: new Set(skip.map(String)),
        required: requiredFields(model, onConflict === "update"),
      },
      format: format === undefined
        ? undefined
        : oneOf("format", format, FORMATS),
      limits: limitsOf("load", options.limits ?? {}),
    },
    onConflict,
    jobs: whole("jobs", options.jobs, 1),
    limit: whole("limit", options.limit, Infinity),
    recording: resume ? "resume" : again ? "again" : undefined,
  };
}
