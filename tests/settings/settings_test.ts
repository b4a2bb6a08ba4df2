// Wrong settings are reported all at once, by name and without their values.
import {
  ConfigError,
  connect,
  type DbConfig,
  LimitError,
  SQLConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadSettings } from "../../src/settings/load.ts";
import { memory } from "../memory/engine.ts";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";

const SECRET = "hunter2-s3cret";

/** The problems in the error for wrong settings. */
async function problemsOf(
  settings: unknown,
): Promise<readonly (readonly [string, string, string | undefined])[]> {
  let found: ConfigError | undefined;
  await assert.rejects(new SQLConnection().connect(settings), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.doesNotMatch(Deno.inspect(error, { depth: 10 }), new RegExp(SECRET));
    found = error;
    return true;
  });
  return found?.problems.map((
    { key, problem, nearest },
  ) => [key, problem, nearest]) ?? [];
}

/** The keys and problems. */
async function textsOf(settings: unknown): Promise<unknown[][]> {
  return (await problemsOf(settings)).map((problem) => problem.slice(0, 2));
}

Deno.test("the error names every wrong key, with the nearest right key", async () => {
  const problems = await problemsOf({
    ENGINE: "postgresqll",
    HOTS: "h",
    PORT: "abc",
    USER: 3,
    PASWORD: SECRET,
    DB_NAME: undefined,
    POOL_SIZE: 0,
    PREPARE: "no",
  });
  assert.deepEqual(problems.map(([key, , nearest]) => [key, nearest]).sort(), [
    ["DB_NAME", undefined],
    ["ENGINE", "postgresql"],
    ["HOST", undefined],
    ["HOTS", "HOST"],
    ["PASWORD", "PASSWORD"],
    ["POOL_SIZE", undefined],
    ["PORT", undefined],
    ["PREPARE", undefined],
    ["USER", undefined],
  ]);
});

Deno.test("the error names missing keys", async () => {
  assert.deepEqual((await problemsOf({})).map(([key]) => key), [
    "ENGINE",
    "HOST",
    "USER",
    "DB_NAME",
  ]);
  assert.deepEqual(
    (await problemsOf({ ENGINE: "pglite" })).map(([key]) => key),
    ["DB_NAME"],
  );
  assert.deepEqual(
    (await problemsOf({ ENGINE: "postgresql", PASSWORD: SECRET })).map((
      [key],
    ) => key),
    ["HOST", "USER", "DB_NAME"],
  );
  const unset = "is undefined; is an environment variable not set?";
  for (const key of ["URL", "url", "SQLALCHEMY_DATABASE_URL"]) {
    assert.deepEqual(await textsOf({ [key]: undefined, PASSWORD: SECRET }), [
      [key.toUpperCase(), `${unset} Or set ENGINE, HOST, USER and DB_NAME`],
    ]);
  }
  assert.deepEqual(
    await textsOf({
      ENGINE: "postgresql",
      HOST: undefined,
      USER: "u",
      DB_NAME: undefined,
    }),
    [["HOST", unset], ["DB_NAME", unset]],
  );
  assert.deepEqual(
    await textsOf({
      ENGINE: SECRET,
      HOST: 5,
      PORT: "x",
      SSL: SECRET,
      PREPARE: SECRET,
      USER: "",
      DB_NAME: "d",
    }),
    [
      ["ENGINE", "must be postgresql or pglite"],
      ["HOST", "must be a string"],
      ["PORT", "must be a whole number from 1 to 65535"],
      ["USER", "must not be empty"],
      ["SSL", "must be true, false, or an object with options of TLS"],
      ["PREPARE", "must be true or false"],
    ],
  );
  for (const nothing of [null, "postgresql", 3, []]) {
    assert.equal((await problemsOf(nothing)).length, 1);
  }
});

Deno.test("the error for an invalid URL does not contain the URL", async () => {
  const urls: [string, RegExp][] = [
    [`postgresql://u:${SECRET}@host:99999/db`, /must be a URL/],
    [`mysql://u:${SECRET}@host/db`, /must be a URL/],
    [`u:${SECRET}`, /must be a URL/],
    [
      `mongodb://u:${SECRET}@host/db`,
      /must be a URL .*; for a mongodb URL use MongoConnection or the function connect$/,
    ],
    [`postgresql://u:${SECRET}%zz@host/db`, /% that is not part of an escape/],
    [
      `postgresql://u:${SECRET}@host/db?sslmod=require`,
      /unknown parameter sslmod$/,
    ],
    [
      `postgresql://u:${SECRET}@host/db?sslmode=maybe`,
      /unknown sslmode; use one of/,
    ],
  ];
  for (const [URL, message] of urls) {
    for (const key of ["URL", "SQLALCHEMY_DATABASE_URL"]) {
      const problems = await problemsOf({ [key]: URL });
      assert.equal(problems.length, 1, URL);
      assert.equal(problems[0]?.[0], key);
      assert.match(problems[0]?.[1] ?? "", message);
    }
  }
  assert.deepEqual(
    (await problemsOf({ URL: "postgresql:///" })).map(([key]) => key),
    ["HOST", "USER", "DB_NAME"],
  );
});

Deno.test("connect selects an entry of DB_CONFIG", async () => {
  const entries: DbConfig = {
    MONGO: { HOST: "h" },
    ARCHIVE: { ENGINE: "memory", MODELS: SUITE_MODELS },
  };
  await using db = await connect(entries, { db: "ARCHIVE", engines: [memory] });
  await db.createDb();
  assert.equal(await db.query(Star).count(), 0);
  await using only = await connect({ ARCHIVE: { engine: "memory" } }, {
    engines: [memory],
    models: SUITE_MODELS,
  });
  await only.createDb();
  const wrong: [DbConfig, string | undefined, RegExp][] = [
    [
      entries,
      "ARCHVE",
      /ARCHVE is not an entry of DB_CONFIG; the entries are MONGO, ARCHIVE; did you mean ARCHIVE\?/,
    ],
    [entries, undefined, /SQL is not an entry/],
    [entries, "MONGO", /DATABASE is missing/],
    [{}, undefined, /DB_CONFIG has no entries/],
    [
      { SQL: { ENGINE: "memry" } },
      undefined,
      /ENGINE must be one of postgresql, pglite, mongodb, memory; did you mean memory\?/,
    ],
  ];
  for (const [config, key, message] of wrong) {
    await assert.rejects(
      connect(config, {
        engines: [memory],
        ...(key === undefined ? {} : { db: key }),
      }),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  }
});

/** Writes a settings file into a temporary folder and reads it. */
async function load(
  name: string,
  text: string,
): Promise<Awaited<ReturnType<typeof loadSettings>>> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, name), text);
    return await loadSettings(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("settings are read from a file or its folder, in TypeScript, JavaScript and JSON", async () => {
  const entry = '{ SQL: { ENGINE: "pglite", DB_NAME: "x" } }';
  const texts = {
    "settings.ts": `export const DB_CONFIG: Record<string, object> = ${entry};`,
    "settings.js": `export const DB_CONFIG = ${entry};`,
    "settings.mjs": `export const DB_CONFIG = ${entry};`,
    "settings.json":
      '{ "DB_CONFIG": { "SQL": { "ENGINE": "pglite", "DB_NAME": "x" } } }',
  };
  for (const [name, text] of Object.entries(texts)) {
    const { path, entries } = await load(name, text);
    assert.ok(path.endsWith(name));
    assert.deepEqual(
      entries,
      { SQL: { ENGINE: "pglite", DB_NAME: "x" } },
      name,
    );
  }
});

Deno.test("the error for a wrong settings file has its name, but not its lines", async () => {
  const wrong: [string, string, RegExp][] = [
    [
      "settings.ts",
      `export const DB_CONFIG = { SQL: { PASSWORD: "${SECRET}" ENGINE: 1 } };`,
      /cannot be parsed at line 1, column \d+/,
    ],
    [
      "settings.ts",
      `export const DB_CONFIG = { SQL: { PASSWORD: ${
        SECRET.replaceAll("-", "")
      }" } };`,
      /cannot be parsed/,
    ],
    [
      "settings.json",
      `{ "DB_CONFIG": { "PASSWORD": "${SECRET}" `,
      /cannot be parsed at line 1/,
    ],
    [
      "settings.ts",
      `throw new Error("postgresql://u:${SECRET}@h/db is bad");`,
      /cannot be loaded: postgresql:\/\/…@h\/db is bad/,
    ],
    [
      "settings.ts",
      'import "../nowhere.ts"; export const DB_CONFIG = {};',
      /cannot be loaded/,
    ],
    [
      "settings.ts",
      "export const DB_CONFG = { SQL: {} };",
      /DB_CONFIG is not exported, but DB_CONFG is/,
    ],
    ["settings.ts", "export const DB_CONFIG = {};", /at least one entry/],
    [
      "settings.ts",
      'export const DB_CONFIG = "x"; export const MODELS = 3; export const ENGINES = 4;',
      /MODELS must be a list of models\n.*ENGINES must be a list/,
    ],
  ];
  for (const [name, text, message] of wrong) {
    await assert.rejects(load(name, text), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(
        error.message,
        /^Invalid settings file .*settings\.(ts|json)/,
      );
      assert.match(error.message, message);
      assert.doesNotMatch(
        Deno.inspect(error, { depth: 10 }),
        new RegExp(`${SECRET}|${SECRET.replaceAll("-", "")}`),
      );
      return true;
    });
  }
  await assert.rejects(
    loadSettings("/no/such/place"),
    /^ConfigError: Settings file not found: \/no\/such\/place/,
  );
});

Deno.test("a settings file of more than 8 MiB is refused before it is read", async () => {
  const large = " ".repeat(8 << 20);
  for (const name of ["settings.ts", "settings.json"]) {
    await assert.rejects(load(name, `${large}{}`), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.ok(error.cause instanceof LimitError);
      assert.match(
        error.message,
        /^Invalid settings file .*the file is too large: it has 8388610 bytes or more, and the limit is 8388608 \(8 MiB\)/,
      );
      return true;
    });
  }
});

Deno.test("the error does not contain a password in a wrong key, and names every wrong key", async () => {
  const url = `postgresql://u:${SECRET}@h/d`;
  const cases: [object, string[]][] = [
    [{ URL: `postgresql://u:12?${SECRET}@127.0.0.1:1/db` }, ["URL"]],
    [{ ENGINE: "postgresql", HOST: url, USER: "u", DB_NAME: "d" }, ["HOST"]],
    [{ ENGINE: "pglite", DB_NAME: url }, ["DB_NAME"]],
    [{ URL: "postgresql://u@h/db", PORT: "x" }, ["PORT"]],
    [{ URL: "nope", POOL_SIZE: 0 }, ["POOL_SIZE", "URL"]],
  ];
  for (const [settings, keys] of cases) {
    const problems = await problemsOf(settings);
    assert.deepEqual(problems.map(([key]) => key), keys);
  }
});
