import { BSON } from "mongodb";

/** Gives each byte a character of its own. */
const LATIN = new TextDecoder("latin1");

/** One text that two `_id`s share exactly when they are the same to the server, type and all: 7 and "7" are two. */
export function idText(id: unknown): string {
  return LATIN.decode(BSON.serialize({ id }));
}
