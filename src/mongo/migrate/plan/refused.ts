import type { SchemaPlan } from "../../../migration.ts";
import { printed } from "../json.ts";
import type { Live } from "../live.ts";
import { CAPPED } from "./expiry.ts";

/** What keeps a collection from being a model's. */
export function notPlain(
  { name, type, options }: Live,
): SchemaPlan["refused"][number] {
  return {
    change: `${name} is ${
      options.capped === true
        ? CAPPED
        : `a ${
          type === "timeseries" ? "time series" : type
        }, which can have no rules and no unique keys`
    }, and models want a plain collection`,
    sketch: [
      { create: `${name}_new` },
      {
        aggregate: name,
        pipeline: [{ $merge: { into: `${name}_new`, on: "_id" } }],
      },
      { dbp: `destructive drop-collection ${name}` },
      { drop: name },
      { renameCollection: `${name}_new`, to: name },
    ].map((command) => printed(command, "")).join(",\n"),
  };
}

/** Renames to and from `_id`. */
export function refusedIds(
  name: string,
  renames: ReadonlyMap<string, string>,
): SchemaPlan["refused"] {
  return [...renames].filter((pair) => pair.includes("_id")).map((
    [from, to],
  ) => ({
    change:
      `${name}.${from} is to become ${name}.${to}, and MongoDB never changes an _id`,
    sketch: printed({
      aggregate: name,
      pipeline: [
        { $set: { [to]: `$${from}` } },
        { $merge: { into: `${name}_new`, on: "_id" } },
      ],
    }, ""),
  }));
}
