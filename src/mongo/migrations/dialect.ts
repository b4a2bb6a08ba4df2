import type { MigrationDialect } from "../../engine/migrations/mod.ts";
import { lint } from "./file/lint.ts";
import { parse } from "./file/parse.ts";
import { print } from "./file/print.ts";

const HINT =
  'Write one database command per element, such as { "create": "night" }. A directive such as { "dbp": "step repeat" } applies to the next command';

/** Files of MongoDB migrations: arrays of database commands in Extended JSON. */
export const mongoDialect: MigrationDialect = {
  folder: "mongo",
  extension: ".json",
  parse,
  print,
  lint,
  empty: () => comment(HINT),
  comment,
};

function comment(text: string): string {
  return `[\n  { "comment": ${JSON.stringify(text)} }\n]\n`;
}
