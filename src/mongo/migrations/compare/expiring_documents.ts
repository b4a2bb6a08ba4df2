import { indexText } from "../../schema/collection.ts";
import type {
  LiveCollection,
  LiveIndex,
} from "../../schema/live_collections.ts";

/** Returns whether an index deletes documents. */
export function expires({ spec }: LiveIndex): boolean {
  return spec.expireAfterSeconds !== undefined;
}

/** Returns an existing index as text. */
export function liveIndexText(index: LiveIndex): string {
  return `${indexText(index)}${
    expires(index) ? ` (TTL: ${lifeText(index)})` : ""
  }`;
}

/** Returns an unmanaged index, as `star#theirs`. */
export function unmanagedIndexText(
  collection: string,
  index: LiveIndex,
): string {
  return `${collection}#${index.name}${
    expires(index) ? ` (TTL: ${lifeText(index)})` : ""
  }`;
}

/** Returns the ways in which a modelled collection deletes documents by itself, which no model describes. */
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

const NOT_IN_MODEL = "a TTL that is not in the model";

function lifeText({ spec, keys }: LiveIndex): string {
  const [[column] = [""]] = keys;
  return `documents are deleted ${spec.expireAfterSeconds} s after their ${column}`;
}

/** Returns the TTL of a clustered collection as text. */
export function clusteredTtlText(collection: string, seconds: unknown): string {
  return `${collection} has ${NOT_IN_MODEL}: documents are deleted ${seconds} s after their _id`;
}
