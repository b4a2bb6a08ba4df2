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
    expires(index) ? ` (a TTL index, ${lifeText(index)})` : ""
  }`;
}

/** Returns an unmanaged index, as `star#theirs`. */
export function unmanagedIndexText(
  collection: string,
  index: LiveIndex,
): string {
  return `${collection}#${index.name}${
    expires(index) ? ` (a TTL index, ${lifeText(index)})` : ""
  }`;
}

/** Returns the changes after which a modelled collection no longer deletes documents by itself. */
export function expiryChanges(
  { name, options, indexes }: LiveCollection,
  isModelled: (index: LiveIndex) => boolean,
): string[] {
  return [
    ...options.capped === true ? [ordinaryText(name, CAPPED)] : [],
    ...options.expireAfterSeconds === undefined
      ? []
      : [clusteredTtlText(name, options.expireAfterSeconds)],
    ...indexes.filter((index) => expires(index) && isModelled(index)).map((
      index,
    ) => `remove the TTL of ${name}#${index.name}, ${lifeText(index)}`),
  ];
}

/** Why a capped collection cannot be a model's. */
export const CAPPED =
  "it is capped, so that it deletes its oldest documents by itself and no transaction can write to it";

/** Returns the change that makes a collection an ordinary one. */
export function ordinaryText(collection: string, reason: string): string {
  return `make ${collection} an ordinary collection: ${reason}`;
}

function lifeText({ spec, keys }: LiveIndex): string {
  const [[column] = [""]] = keys;
  return `which deletes documents ${spec.expireAfterSeconds} s after their ${column}`;
}

/** Returns the change that removes the TTL of a clustered collection. */
export function clusteredTtlText(collection: string, seconds: unknown): string {
  return `remove the TTL of ${collection}, which deletes documents ${seconds} s after their _id`;
}
