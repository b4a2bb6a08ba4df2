import { type NamesOf, namesOf } from "../base/known_names.ts";
import { limitsOf } from "../files/read/limits.ts";
import type { AnyModel } from "../model/types.ts";
import { checkOptions } from "../query/checks/options.ts";
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
  const { refuse, oneOf, assertFunctions, assertWhole } = checkOptions(
    options,
    {
      action: `load ${model.name}`,
      model: model.name,
      names: NAMES,
      example: '{ onConflict: "update" }',
    },
  );
  const { map = {}, skip = [], prefer, merge, jobs = 1, limit = Infinity } =
    options;
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    refuse("map must be an object of columns and their fields", "map");
  }
  if (!Array.isArray(skip)) refuse("skip must be an array of columns", "skip");
  assertFunctions("onRejected", "onProgress");
  assertWhole("jobs");
  assertWhole("limit");
  const isUpsert = prefer !== undefined || merge !== undefined;
  const onConflict = oneOf("onConflict", ON_CONFLICT) ??
    (isUpsert ? "update" : "ignore");
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
      format: oneOf("format", FORMATS),
      limits: limitsOf("load", options.limits ?? {}),
    },
    onConflict,
    jobs,
    limit,
    recording: resume ? "resume" : again ? "again" : undefined,
  };
}
