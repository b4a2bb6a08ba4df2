import type { Document } from "mongodb";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import type {
  LiveCollection,
  PrefixedDatabase,
} from "../../schema/live_collections.ts";
import { commandsText } from "../compare/commands_text.ts";
import { CAPPED } from "../compare/expiring_documents.ts";
import { countedDocuments } from "./counted_documents.ts";

/** Refuses a view, a time series or a capped collection. */
export function refusedKind({ name, type, options }: LiveCollection): Refusal {
  const kind = type === "timeseries" ? "time series" : type;
  return {
    change: `use ${name} for a model: it is ${
      options.capped === true
        ? CAPPED
        : `a ${kind}, which cannot have rules or unique keys`
    }, and models need an ordinary collection`,
    sketch: commandsText([{ create: `${name}_new` }, ...copied(name, name)]),
  };
}

/**
 * Commands that copy a collection to a new one, which replaces another.
 *
 * @param changes stages that change each document
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

/** Refuses renames from and to `_id`. */
export function refusedIds(
  collection: string,
  renames: ReadonlyMap<string, string>,
): Refusal[] {
  return [...renames].filter((pair) => pair.includes("_id")).map((
    [from, to],
  ) => ({
    change:
      `rename ${collection}.${from} to ${to}: MongoDB cannot change an _id`,
    sketch: commandsText([{
      aggregate: collection,
      pipeline: [
        { $set: { [to]: `$${from}` } },
        { $merge: { into: `${collection}_new`, on: "_id" } },
      ],
    }]),
  }));
}

/** Refuses renames to a field that documents have beside the old one. */
export async function refusedTargets(
  database: PrefixedDatabase,
  collection: string,
  live: LiveCollection,
  renames: ReadonlyMap<string, string>,
): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const [from, to] of renames) {
    // An existing field of this name is renamed, too.
    if (renames.has(to)) continue;
    const both = { [from]: { $exists: true }, [to]: { $exists: true } };
    const counted = await countedDocuments(database, live.name, both);
    if (counted === undefined) continue;
    refused.push({
      change: `rename ${collection}.${from} to ${to}: ${counted} both`,
      sketch: commandsText([
        { dbp: `destructive drop-field ${live.name}.${to}` },
        { dbp: "step repeat" },
        {
          update: live.name,
          updates: [{ q: both, u: { $unset: { [to]: "" } }, multi: true }],
        },
      ]),
    });
  }
  return refused;
}
