// deno-lint-ignore-file no-console
// A process that writes the files of a large migration into a folder, and prints the result.
//   deno run --allow-all tests/migrations/folder/migrations_writer.ts FOLDER
import { MigrationError } from "@alerce/db-plugins";
import { makeMigrations } from "@alerce/db-plugins/migrate";
import { connected, emptyMemory } from "../../memory/migrations.ts";

const [directory] = Deno.args;
const store = emptyMemory(
  Array.from({ length: 900 }, (_, index) => `table_${index}`),
);
await using db = await connected(store);
try {
  await makeMigrations(db, { directory, name: "large" });
  console.log("written");
} catch (error) {
  if (!(error instanceof MigrationError)) throw error;
  console.log(error.exitCode, error.message);
}
