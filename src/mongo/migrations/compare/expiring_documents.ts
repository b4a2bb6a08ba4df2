import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import { indexText } from "../../schema/collection.ts";
import type {
  LiveCollection,
  LiveIndex,
} from "../../schema/live_collections.ts";
import { commandIn } from "../file/json.ts";
import { commandsText } from "./commands_text.ts";

/** Whether an index deletes documents. */
export function expires({ spec }: LiveIndex): boolean {
  return spec.expireAfterSeconds !== undefined;
}

/** An existing index as text. */
export function liveIndexText(index: LiveIndex): string {
  return `${indexText(index)}${
    expires(index) ? ` (TTL: ${lifeText(index)})` : ""
  }`;
}

/** An unmanaged index, as `star#theirs`. */
export function unmanagedIndexText(
  collection: string,
  index: LiveIndex,
): string {
  return `${collection}#${index.name}${
    expires(index) ? ` (TTL: ${lifeText(index)})` : ""
  }`;
}

/** The ways in which a modelled collection deletes documents by itself, which no model describes. */
export function expiryTexts(
  { name, options, indexes }: LiveCollection,
  isModelled: (index: LiveIndex) => boolean,
): string[] {
  return [
    ...options.capped === true ? [`${name} is ${CAPPED}`] : [],
    ...options.expireAfterSeconds === undefined
      ? []
      : [clusteredTtlText(name, options.expireAfterSeconds)],
    ...indexes.filter((index) => expires(index) && isModelled(index)).map((
      index,
    ) => `${name}#${index.name} has ${NOT_IN_MODEL}: ${lifeText(index)}`),
  ];
}

/** What a capped collection is. */
export const CAPPED =
  "a capped collection, which deletes its oldest documents by itself and which no transaction can write to";

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

const NOT_IN_MODEL = "a TTL that is not in the model";

function lifeText({ spec, keys }: LiveIndex): string {
  const [[column] = [""]] = keys;
  return `documents are deleted ${spec.expireAfterSeconds} s after their ${column}`;
}

function clusteredTtlText(collection: string, seconds: unknown): string {
  return `${collection} has ${NOT_IN_MODEL}: documents are deleted ${seconds} s after their _id`;
}

/** The same key in the opposite direction, which MongoDB allows as a second index. */
function oppositeText({ keys }: LiveIndex): string {
  const [[column, direction] = ["", 1]] = keys;
  return `as { ${column}: ${direction === -1 ? 1 : -1} }`;
}
