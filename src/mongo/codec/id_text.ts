import { BSON } from "../link/mongodb.ts";

/** Maps each byte to one character. */
const LATIN1 = new TextDecoder("latin1");

/** A text that is equal for two `_id`s exactly if the server treats them as equal; 7 and "7" differ. */
export function idText(id: unknown): string {
  return LATIN1.decode(BSON.serialize({ id }));
}
