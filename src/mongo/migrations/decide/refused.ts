import type { Document } from "mongodb";
import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import { printed } from "../file/json.ts";
import type { Live, View } from "../compare/live_collections.ts";
import { CAPPED } from "../compare/expiring_documents.ts";

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
    sketch: [{ create: `${name}_new` }, ...copied(name, name)]
      .map((command) => printed(command, "")).join(",\n"),
  };
}

/**
 * Commands that copy a collection into a new one, which takes another's place.
 *
 * @param changes what becomes of each document
 */
export function copied(
  from: string,
  to: string,
  ...changes: readonly Document[]
): Document[] {
  return [
    {
      aggregate: from,
      pipeline: [...changes, { $merge: { into: `${to}_new` } }],
    },
    { dbp: `destructive drop-collection ${from}` },
    { drop: from },
    { renameCollection: `${to}_new`, to },
  ];
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

/** Renames to a field that documents have beside the old one: which of two values holds, a person must say. */
export async function refusedTargets(
  { db, prefix }: View,
  name: string,
  live: Live,
  renames: ReadonlyMap<string, string>,
): Promise<SchemaPlan["refused"]> {
  const refused: SchemaPlan["refused"][number][] = [];
  for (const [from, to] of renames) {
    // What has that name now makes room for it.
    if (renames.has(to)) continue;
    const both = { [from]: { $exists: true }, [to]: { $exists: true } };
    const count = await db.collection(prefix + live.name).countDocuments(both);
    if (count === 0) continue;
    refused.push({
      change: `${name}.${from} is to become ${name}.${to}, and ${
        count === 1 ? "1 document has" : `${count} documents have`
      } both`,
      sketch: [
        { dbp: `destructive drop-field ${live.name}.${to}` },
        { dbp: "step repeat" },
        {
          update: live.name,
          updates: [{ q: both, u: { $unset: { [to]: "" } }, multi: true }],
        },
      ].map((command) => printed(command, "")).join(",\n"),
    });
  }
  return refused;
}
