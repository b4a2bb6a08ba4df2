import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import type {
  LiveCollection,
  LiveIndex,
  PrefixedDatabase,
} from "../../schema/live_collections.ts";
import {
  CAPPED,
  clusteredTtlText,
  liveIndexText,
  ordinaryText,
} from "../compare/expiring_documents.ts";
import { commandIn, printed } from "../file/json.ts";
import { countedDocuments } from "./counted_documents.ts";

/** Refuses a view, a time series or a capped collection. */
export function refusedKind({ name, type, options }: LiveCollection): Refusal {
  const kind = type === "timeseries" ? "time series" : type;
  return {
    change: ordinaryText(
      name,
      options.capped === true
        ? CAPPED
        : `it is a ${kind}, which cannot have rules or unique keys`,
    ),
    sketch: commandsText([{ create: `${name}_new` }, ...copied(name, name)]),
  };
}

/**
 * Returns commands that copy a collection to a new one, which replaces another.
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

/** Refuses renames to a field if documents have it and the old one. */
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

/** Refuses an index of a model that an administrator turned into a TTL index. */
export function refusedExpiry(
  collection: string,
  index: LiveIndex,
  rebuild: readonly DraftStep[],
): Refusal {
  const { name } = index;
  return {
    change: `remove the TTL of the index ${
      liveIndexText(index)
    } of ${collection}, because the model has none. To keep it, create an index for it that no model has, ${
      oppositeText(index)
    }`,
    sketch: commandsText([
      { dbp: `destructive drop-index ${collection}#${name}` },
      { dropIndexes: collection, index: name },
      ...rebuild.flatMap(({ statements }) => statements.map(commandIn)),
    ]),
  };
}

/** Refuses a clustered collection that deletes documents by itself. */
export function refusedClusteredExpiry(
  { name, options }: LiveCollection,
): Refusal[] {
  const { expireAfterSeconds } = options;
  if (expireAfterSeconds === undefined) return [];
  return [{
    change: clusteredTtlText(name, expireAfterSeconds),
    sketch: commandsText([{ collMod: name, expireAfterSeconds: "off" }]),
  }];
}

/** Returns commands as they are written in a file. */
export function commandsText(commands: readonly Document[]): string {
  return commands.map((command) => printed(command, "")).join(",\n");
}

/** Returns the same key in the opposite direction, which MongoDB allows as a second index. */
function oppositeText({ keys }: LiveIndex): string {
  const [[column, direction] = ["", 1]] = keys;
  return `as { ${column}: ${direction === -1 ? 1 : -1} }`;
}
