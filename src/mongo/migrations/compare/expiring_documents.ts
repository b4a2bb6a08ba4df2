import type { DraftStep, SchemaPlan } from "../../../engine/migrations/mod.ts";
import { indexInWords } from "../../schema/collection.ts";
import { commandIn, printed } from "../file/json.ts";
import type { Live, LiveIndex } from "./live_collections.ts";

/** Whether an index makes documents go by themselves. */
export function expires({ spec }: LiveIndex): boolean {
  return spec.expireAfterSeconds !== undefined;
}

/** An index that is there, in words. */
export function liveInWords(index: LiveIndex): string {
  return `${indexInWords(index)}${expires(index) ? ` (${lifeOf(index)})` : ""}`;
}

/** An index that no model manages, as `star#theirs`. */
export function besideInWords(collection: string, index: LiveIndex): string {
  return `${collection}#${index.name}${
    expires(index) ? ` (${lifeOf(index)})` : ""
  }`;
}

/** What of a collection that a model manages goes by itself, which no model says. */
export function passing(
  { name, options, indexes }: Live,
  isModels: (index: LiveIndex) => boolean,
): string[] {
  return [
    ...options.capped === true ? [`${name} is ${CAPPED}`] : [],
    ...options.expireAfterSeconds === undefined
      ? []
      : [`${name}: ${clusteredLife(options.expireAfterSeconds)}`],
    ...indexes.filter((index) => expires(index) && isModels(index)).map((
      index,
    ) => `${name}#${index.name} is a ${lifeOf(index)}, ${UNSAID}`),
  ];
}

/** What a capped collection is. */
export const CAPPED =
  "a capped collection, whose oldest documents go by themselves and which no transaction can write to";

/** What a model's index is refused for that somebody made one that deletes. */
export function refusedExpiry(
  collection: string,
  index: LiveIndex,
  rebuild: readonly DraftStep[],
): SchemaPlan["refused"][number] {
  const { name } = index;
  return {
    change: `${collection} has the index ${
      liveInWords(index)
    }, ${UNSAID}; who wants it gives it an index that no model has, ${
      opposite(index)
    }`,
    sketch: [
      { dbp: `destructive drop-index ${collection}#${name}` },
      { dropIndexes: collection, index: name },
      ...rebuild.flatMap(({ statements }) => statements.map(commandIn)),
    ].map((command) => printed(command, "")).join(",\n"),
  };
}

/** What a collection on its own `_id` is refused for whose documents go by themselves. */
export function refusedLife(
  { name, options }: Live,
): SchemaPlan["refused"] {
  const { expireAfterSeconds } = options;
  if (expireAfterSeconds === undefined) return [];
  return [{
    change: `${name}: ${clusteredLife(expireAfterSeconds)}`,
    sketch: printed({ collMod: name, expireAfterSeconds: "off" }, ""),
  }];
}

const UNSAID = "which its model does not say";

function lifeOf({ spec, keys }: LiveIndex): string {
  const [[column] = [""]] = keys;
  return `TTL: documents go ${spec.expireAfterSeconds} s after their ${column}`;
}

function clusteredLife(seconds: unknown): string {
  return `TTL: documents go ${seconds} s after their _id, ${UNSAID}`;
}

/** The same key the other way round, of which MongoDB has a second index. */
function opposite({ keys }: LiveIndex): string {
  const [[column, direction] = ["", 1]] = keys;
  return `as { ${column}: ${direction === -1 ? 1 : -1} }`;
}
