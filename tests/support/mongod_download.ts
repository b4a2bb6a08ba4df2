// deno-lint-ignore-file no-console
// Fetches a mongod with the memory server's own downloader and prints where it is: a process of its own, so that it can be ended.
//   deno run --allow-all tests/support/mongod_download.ts 6.0.5 FOLDER
import { MongoBinary } from "mongodb-memory-server-core";

const [version = "", downloadDir = ""] = Deno.args;
try {
  console.log(await MongoBinary.getPath({ version, downloadDir }));
  Deno.exit(0);
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  console.error(text.replaceAll(/\s+/g, " "));
  Deno.exit(1);
}
