// A program without a Deno permission gets an error that names the flag to add, on every engine.
import assert from "node:assert/strict";
import { join } from "node:path";
import { postgresSettings } from "../support/engines.ts";
import { mongoSettings } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { ROOT } from "../support/program.ts";

const PROGRAM = `
import { MongoConnection, SQLConnection } from "@alerce/db-plugins";
const { engine, settings } = JSON.parse(Deno.args[0]);
const db = engine === "mongodb" ? new MongoConnection() : new SQLConnection();
try {
  await db.connect({ CONNECT_TIMEOUT: 30_000, ...settings });
  console.log("connected");
} catch (error) {
  console.log(String(error));
}
Deno.exit();
`;

/** The permissions that are granted, and the flag that the error must name. */
const CASES: [engine: string, granted: string[], flag: string | undefined][] = [
  ["postgresql", ["net", "env"], undefined],
  ["postgresql", ["env"], "net"],
  ["postgresql", ["net"], "env"],
  ["postgresql in a folder", ["env"], "read"],
  ["postgresql in a folder", ["env", "read", "net"], "write"],
  ["postgresql in a folder", ["env", "read", "write"], "net"],
  ["pglite", [], "write"],
  ["mongodb", ["net", "env", "sys"], undefined],
  ["mongodb", ["net", "env", "sys=uid"], "sys"],
  ["mongodb", ["net", "env", "sys=osRelease"], "sys"],
  ["mongodb", ["net", "sys"], "env"],
  ["mongodb", ["env", "sys"], "net"],
];

for (const [engine, granted, flag] of CASES) {
  const name = `${engine} with ${granted.join(", ") || "no permission"}: ${
    flag === undefined ? "connects" : `the error names --allow-${flag}`
  }`;
  const ignore = engine === "mongodb" && withoutMongo;
  Deno.test({ name, ignore }, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const file = join(folder, "program.ts");
      await Deno.writeTextFile(file, PROGRAM);
      const settings = engine === "mongodb"
        ? mongoSettings()
        : engine === "pglite"
        ? { ENGINE: "pglite", DB_NAME: join(folder, "data") }
        : engine === "postgresql in a folder"
        ? { ...postgresSettings(), HOST: folder }
        : postgresSettings();
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-prompt", `--config=${ROOT}deno.json`],
          ...granted.map((permission) => `--allow-${permission}`),
          file,
          JSON.stringify({ engine, settings }),
        ],
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder();
      const out = text.decode(stdout) + text.decode(stderr);
      if (flag === undefined) assert.match(out, /^connected$/m);
      else {
        assert.match(
          out,
          new RegExp(
            `^ConnectionError: Cannot (?:use .* without a permission of Deno|open PGlite in .*): .*run again with the --allow-${flag} flag$`,
            "m",
          ),
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
