import type {
  Direction,
  MigrationDialect,
} from "../../engine/migrations/mod.ts";
import { lint } from "./file/lint.ts";
import { parse } from "./file/parse.ts";
import { print } from "./file/print.ts";

const HINT =
  'One database command an element, as { "create": "night" }; what is said about the next one stands before it, as { "dbp": "step repeat" }';

/** Files of MongoDB's: arrays of database commands in Extended JSON. */
export const mongoDialect: MigrationDialect = {
  folder: "mongo",
  extension: ".json",
  parse,
  print,
  lint,
  empty: (_direction: Direction) => comment(HINT),
  comment,
};

function comment(words: string): string {
  return `[\n  { "comment": ${JSON.stringify(words)} }\n]\n`;
}
