// Settings of MongoDB: names, errors, and the choice of the engine.
import {
  AuthenticationError,
  ConfigError,
  connect,
  ConnectionError,
  MongoConnection,
  TimeoutError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { PASSWORD_ADVICE } from "../../../src/base/url_secrets.ts";
import { mongoConfig } from "../../../src/mongo/driver/config.ts";
import { mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";
import { MONGO_USER, startMongo } from "../../support/mongo_server.ts";
import { CLOSED_PORT } from "../../support/servers.ts";

const SECRET = "hunter2-s3cret";

function problemsOf(settings: unknown): [string, string, string?][] {
  try {
    mongoConfig(settings, "Invalid settings");
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.ok(!error.message.includes(SECRET));
    return error.problems.map(({ key, problem, nearest }) =>
      nearest === undefined ? [key, problem] : [key, problem, nearest]
    );
  }
  return [];
}

Deno.test("settings in any case become options of the driver", () => {
  const config = mongoConfig({
    host: "h",
    Port: "27018",
    USERNAME: "u",
    password: "p",
    DATABASE: "d",
    AUTH_SOURCE: "admin",
    read_preference: "secondaryPreferred",
    "replica-set": "rs0",
    maxPoolSize: 7,
    TLS_CA_FILE: undefined,
  }, "Invalid settings");
  assert.deepEqual(config, {
    url: "mongodb://h:27018/",
    hosts: "h:27018",
    user: "u",
    password: "p",
    database: "d",
    connectTimeout: 10_000,
    callTimeout: undefined,
    options: {
      authSource: "admin",
      readPreference: "secondaryPreferred",
      replicaSet: "rs0",
      maxPoolSize: 7,
    },
  });
  assert.equal(
    mongoConfig({ HOST: "a,b:1,::1", DATABASE: "d" }, "").url,
    "mongodb://a:27017,b:1,[::1]:27017/",
  );
  const fromUrl = mongoConfig({
    URL: `mongodb://us%40er:${SECRET}@h:1,i:2/data?authSource=admin`,
  }, "");
  assert.deepEqual(
    [fromUrl.url, fromUrl.hosts, fromUrl.user, fromUrl.database],
    ["mongodb://h:1,i:2/data?authSource=admin", "h:1,i:2", "us@er", "data"],
  );
});

Deno.test("the error lists every wrong key of the settings, without values", () => {
  const noUrl =
    `must be a URL like mongodb://user:password@host:27017/database; ${PASSWORD_ADVICE}`;
  const wrong: [unknown, [string, string, string?][]][] = [
    [{}, [["HOST", "is missing"], ["DATABASE", "is missing"]]],
    [{ HOST: "h", DATABASE: "d", USERNAME: "u" }, [["PASSWORD", "is missing"]]],
    [{ URL: undefined }, [[
      "URL",
      "is undefined; is an environment variable not set? Or set HOST and DATABASE",
    ]]],
    [{ HOST: undefined, DATABASE: "d" }, [[
      "HOST",
      "is undefined; is an environment variable not set?",
    ]]],
    [{ MONGO: { HOST: "h" } }, [[
      "MONGO",
      "is an entry of a DB_CONFIG: pass the entry, like DB_CONFIG.MONGO, or pass DB_CONFIG to the function connect",
    ]]],
    [{ HOST: "h", DATABASE: "d", PASSWORD: SECRET }, [[
      "USERNAME",
      "is missing",
    ]]],
    [{ HOTS: "h", DATABASE: "d", AUTH_SOUCE: SECRET }, [
      ["HOTS", "is not a setting", "HOST"],
      ["AUTH_SOUCE", "is not a setting", "AUTH_SOURCE"],
      ["HOST", "is missing"],
    ]],
    [{ HOST: "h", DB_NAME: "d", USER: "u" }, [
      ["DB_NAME", "is not a setting"],
      ["USER", "is not a setting", "USERNAME"],
      ["DATABASE", "is missing"],
    ]],
    [{ URL: `mongodb:/u:${SECRET}@h`, DATABASE: "d" }, [["URL", noUrl]]],
    [{ URL: `mongodb:/u:${SECRET}@h`, PORT: "x", ENGINE: "mongod" }, [
      ["ENGINE", "must be mongodb", "mongodb"],
      ["PORT", "must be a whole number from 1 to 65535"],
      ["URL", noUrl],
    ]],
    [
      {
        HOST: "h",
        host: "i",
        DATABASE: "d",
        AUTH_SOURCE: "a",
        authSource: "b",
      },
      [
        ["host", "sets HOST a second time"],
        ["authSource", "sets authSource a second time"],
      ],
    ],
    [{ SQL: { HOST: "h" }, MONGO: { HOST: "h", PASSWORD: SECRET } }, [[
      "SQL, MONGO",
      "are entries of a DB_CONFIG: pass one of them, like DB_CONFIG.MONGO, or pass all of them to the function connect",
    ]]],
  ];
  const twice = "conflicts with URL, which sets it too: remove one of them";
  const url = "mongodb://h";
  const hosts: [string, string][] = [
    ["100%", 'contains "%", which is not allowed in a host name'],
    ["a b", 'contains " ", which is not allowed in a host name'],
    ["u@h", 'contains "@", which is not allowed in a host name'],
    ["localhost,", "has an empty host before or after a comma"],
    ["mongodb://h:1", "is a URL: use the setting URL instead"],
    ["h:99999", "has a port outside 1 to 65535"],
  ];
  wrong.push(
    [{ URL: url, HOST: "i", PORT: 1, DATABASE: "d" }, [
      ["HOST", twice],
      ["PORT", twice],
    ]],
    ...hosts.map(([HOST, problem]): [unknown, [string, string][]] => [
      { HOST, DATABASE: "d" },
      [["HOST", problem]],
    ]),
  );
  for (const [settings, problems] of wrong) {
    assert.deepEqual(problemsOf(settings), problems);
  }
  assert.deepEqual(
    problemsOf({ HOST: "h", DATABASE: "a/b", PORT: "x" }).map(([key]) => key)
      .sort(),
    ["DATABASE", "PORT"],
  );
});

test("connect opens MongoDB by key, by the entry alone and by URL; SQL is the default", async () => {
  const { URL, DATABASE } = mongoSettings();
  const MONGO = { URL, DATABASE };
  const SQL = { ENGINE: "pglite", DB_NAME: "memory://" };
  const models = SUITE_MODELS;
  for (
    const [config, options] of [
      [{ SQL, MONGO }, { db: "MONGO" }],
      [{ MONGO }, {}],
      [MONGO, {}],
      [{ ARCHIVE: { ...MONGO, MODELS: models } }, {}],
      [{ ENGINE: "mongodb", ...MONGO }, {}],
    ] as const
  ) {
    await using db = await connect(config, { models, ...options });
    assert.ok(db instanceof MongoConnection);
    await db.createDb();
    assert.equal(await db.query(Star).count(), 0);
  }
  await using sql = await connect({ MONGO, SQL }, { models });
  assert.ok(!(sql instanceof MongoConnection));
});

test("a failure to connect is reported within the timeout, without the password", async () => {
  const server = await startMongo({ auth: true });
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { searchParams, password } = new URL(server.url);
  const right = {
    HOST: "127.0.0.1",
    PORT: server.port,
    USERNAME: MONGO_USER,
    PASSWORD: password,
    DATABASE: "d",
    AUTH_SOURCE: searchParams.get("authSource"),
    CONNECT_TIMEOUT: 30_000,
  };
  const wrong: [object, new (...args: never[]) => Error, RegExp][] = [
    [
      { HOST: "no-such-host.invalid", CONNECT_TIMEOUT: 2_000 },
      ConnectionError,
      /the host does not exist/,
    ],
    [
      { PORT: CLOSED_PORT, CONNECT_TIMEOUT: 2_000 },
      ConnectionError,
      /no server listens/,
    ],
    [
      { PORT: silent.addr.port, CONNECT_TIMEOUT: 500 },
      TimeoutError,
      /127\.0\.0\.1:\d+/,
    ],
    [{ USERNAME: "nobody", PASSWORD: SECRET }, AuthenticationError, /log in/],
    [{ PASSWORD: SECRET }, AuthenticationError, /log in/],
    [{ AUTH_SOURCE: "elsewhere" }, AuthenticationError, /log in/],
    [
      { USERNAME: undefined, PASSWORD: undefined, AUTH_SOURCE: undefined },
      AuthenticationError,
      /requires authentication/,
    ],
    [
      { READ_PREFERENCE: SECRET },
      ConfigError,
      /READ_PREFERENCE must be one of primary/,
    ],
  ];
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect(right);
    await db.createDb();
    assert.equal(await db.query(Star).count(), 0);
    for (const [settings, kind, message] of wrong) {
      const failing = new MongoConnection({ models: SUITE_MODELS });
      await assert.rejects(
        failing.connect({ ...right, ...settings }),
        (error) => {
          assert.ok(
            error instanceof kind,
            `${JSON.stringify(settings)}: ${Deno.inspect(error)}`,
          );
          assert.match(error.message, message);
          const all = Deno.inspect(error, { depth: 10 });
          assert.ok(!all.includes(SECRET) && !all.includes(password), all);
          return true;
        },
      );
      await failing.close();
    }
  } finally {
    silent.close();
    await server.stop();
  }
});

test("a ready-made client is used and stays open", async () => {
  const { MongoClient } = await import("mongodb");
  const { URL, DATABASE } = mongoSettings();
  const client = new MongoClient(URL);
  const db = new MongoConnection({ models: SUITE_MODELS, client });
  await db.connect({ DATABASE });
  await db.createDb();
  await db.query(Star).bulkInsert([{ id: 2n ** 60n + 1n, name: "a" }]);
  assert.equal((await db.query(Star).first())?.id, 2n ** 60n + 1n);
  await db.dropDb();
  await db.close();
  await client.db(DATABASE).dropDatabase();
  await client.close();
  await assert.rejects(
    new MongoConnection({ client: {} }).connect({ DATABASE }),
    ConfigError,
  );
});

test("the error about a value that the driver rejects, or a wrong replica set, names the setting", async () => {
  const { URL, DATABASE } = mongoSettings();
  const [address = ""] = URL.split("?");
  const missing = `/no-such-file-${SECRET}`;
  const wrong: [object, RegExp][] = [
    [{ URL: `${address}?foo=${SECRET}` }, /URL has the unknown option foo$/],
    [
      { URL: `${address}?readPreferense=${SECRET}` },
      /URL has the unknown option readPreferense; did you mean readPreference\?/,
    ],
    [
      { URL: `${address}?readPreference=${SECRET}` },
      /URL has readPreference, which must be one of primary, primaryPreferred/,
    ],
    [
      { URL: `mongodb://u:pa?${SECRET}@h=1` },
      /URL must be a URL like mongodb:.*; in the password write @ as %40/,
    ],
    [
      { URL: `${address}?promoteLongs=false` },
      /URL has promoteLongs, which this package sets itself/,
    ],
    [{ URL: "mongodb://h:99999/" }, /URL has hosts/],
    [
      { URL: "mongodb://a,b/", DIRECT_CONNECTION: true, APP_NAME: SECRET },
      /DIRECT_CONNECTION requires one host$/,
    ],
    [{ URL, TLS: true, TLS_CA_FILE: missing }, /TLS_CA_FILE names a file that/],
    [
      { URL: `${address}?tls=true&tlsCAFile=${missing}` },
      /URL has tlsCAFile, which names a file that cannot be read/,
    ],
    [
      { URL: address, REPLICA_SET: SECRET },
      /REPLICA_SET does not match the server/,
    ],
    [
      { URL: `${address}?replicaSet=${SECRET}` },
      /URL has replicaSet, which does not match/,
    ],
  ];
  for (const [settings, message] of wrong) {
    const failing = new MongoConnection({ models: SUITE_MODELS });
    await assert.rejects(
      failing.connect({ DATABASE, CONNECT_TIMEOUT: 2_000, ...settings }),
      (error) => {
        assert.ok(error instanceof ConfigError, Deno.inspect(error));
        assert.match(error.message, message);
        assert.ok(!error.message.includes(SECRET), error.message);
        return true;
      },
    );
    await failing.close();
  }
});

/** Values of options, in the URL and as a setting, and what the error says about each. */
const WRONG_VALUES: readonly (readonly [
  string,
  Readonly<Record<string, unknown>> | undefined,
  string,
])[] = [
  [
    "directConnection=x",
    { DIRECT_CONNECTION: "x" },
    "must be true or false",
  ],
  ["tls=x", { TLS: "x" }, "must be true or false"],
  ["maxPoolSize=-1", { MAX_POOL_SIZE: -1 }, "must be a whole number"],
  ["family=5", { FAMILY: 5 }, "must be 4, 6, or 0"],
  ["compressors=x", { COMPRESSORS: "x" }, "must be a list of zlib"],
  [
    "readConcernLevel=x",
    { READ_CONCERN_LEVEL: "x" },
    "must be one of local, available",
  ],
  ["w=-2", { W: {} }, 'must be a whole number or "majority"'],
  [
    "zlibCompressionLevel=10",
    { ZLIB_COMPRESSION_LEVEL: 10 },
    "must be a whole number from -1 to 9",
  ],
  [
    "serverMonitoringMode=x",
    { SERVER_MONITORING_MODE: "x" },
    "must be one of auto",
  ],
  ["serverApi=1", undefined, "must be a setting: SERVER_API"],
  ["proxyPort=1080", { PROXY_PORT: 1080 }, "requires proxyHost"],
  ["srvMaxHosts=2", { SRV_MAX_HOSTS: 2 }, "requires a URL that begins with"],
  ["authMechanism=x", { AUTH_MECHANISM: "x" }, "must be one of SCRAM-SHA-256"],
  [
    "authMechanism=SCRAM-SHA-256",
    { AUTH_MECHANISM: "SCRAM-SHA-256" },
    "requires a user",
  ],
  [
    "authMechanism=GSSAPI",
    { AUTH_MECHANISM: "GSSAPI", USERNAME: "u" },
    "asks for GSSAPI (Kerberos), which is not supported: it requires the package kerberos, which is not installed",
  ],
  [
    "authMechanism=MONGODB-AWS",
    { AUTH_MECHANISM: "MONGODB-AWS" },
    "asks for MONGODB-AWS, which is not supported: it requires the package @aws-sdk/credential-providers, which is not installed",
  ],
  [
    "authMechanismProperties=x",
    { AUTH_MECHANISM_PROPERTIES: "x" },
    "must be pairs like",
  ],
  ["maxPoolSize=1&minPoolSize=2", undefined, "must not be greater than"],
  ["tls=true&ssl=false", { TLS: true, SSL: false }, "contradicts ssl"],
  [
    "readPreference=secondary&maxStalenessSeconds=10",
    { READ_PREFERENCE: "secondary", MAX_STALENESS_SECONDS: 10 },
    "must be 90 or more",
  ],
];

test("each wrong value of an option has an error about that option", async () => {
  const { URL: address, DATABASE } = mongoSettings();
  const [server = ""] = address.split("?");
  const assertAbout = async (
    settings: object,
    subject: string,
    problem: string,
  ): Promise<void> => {
    const failing = new MongoConnection({ models: SUITE_MODELS });
    const all = { DATABASE, CONNECT_TIMEOUT: 2_000, ...settings };
    await assert.rejects(failing.connect(all), (error) => {
      assert.ok(error instanceof ConfigError, Deno.inspect(error));
      assert.ok(error.message.includes(`${subject} ${problem}`), error.message);
      return true;
    });
    await failing.close();
  };
  for (const [query, settings, problem] of WRONG_VALUES) {
    const [, name = ""] = /([A-Za-z]+)=[^=]*$/.exec(
      query.startsWith("tls=true") ? "tls=" : query,
    ) ?? [];
    const user = query.includes("GSSAPI") ? "u@" : "";
    const url = new URL(`${server.replace("://", `://${user}`)}?${query}`);
    await assertAbout({ URL: url.href }, `URL has ${name}, which`, problem);
    if (settings === undefined) continue;
    const key = Object.keys(settings).find((key) =>
      key.replaceAll("_", "") === name.toUpperCase()
    );
    await assertAbout({ URL: server, ...settings }, key ?? "", problem);
  }
});

test("compressors with a missing package are a ConfigError", async () => {
  const server = await startMongo({
    args: ["--networkMessageCompressors", "snappy"],
  });
  try {
    const failing = new MongoConnection({ models: SUITE_MODELS });
    await assert.rejects(
      failing.connect({
        URL: server.url,
        DATABASE: "d",
        COMPRESSORS: "snappy",
        CONNECT_TIMEOUT: 30_000,
      }),
      (error) =>
        error instanceof ConfigError &&
        /COMPRESSORS asks for snappy, .* package snappy, which is not/.test(
          error.message,
        ),
    );
    await failing.close();
  } finally {
    await server.stop();
  }
});

test("a ready-made client reads with the options of this package, and errors name its hosts", async () => {
  const { MongoClient } = await import("mongodb");
  const { URL, DATABASE } = mongoSettings();
  for (
    const options of [
      { promoteLongs: false },
      { promoteValues: false },
      { promoteBuffers: true, raw: true },
      { useBigInt64: true, ignoreUndefined: true, bsonRegExp: true },
    ]
  ) {
    const client = new MongoClient(URL, options);
    const db = new MongoConnection({ models: SUITE_MODELS, client });
    await db.connect({ DATABASE });
    await db.createDb();
    const stars = db.query(Star);
    const id = 2n ** 60n + 1n;
    await stars.bulkUpsert([{ id, name: "a", visits: 1 }]);
    assert.deepEqual(
      await stars.bulkUpsert([{ id, name: "a", visits: 1 }]),
      { inserted: 0, updated: 0, unchanged: 1 },
    );
    await db.transaction(async (tx) => {
      await tx.transaction(async (inner) => {
        await inner.query(Star).updateAll({ filterBy: {}, set: { visits: 2 } });
        throw new Error("no");
      }).catch(() => {});
    });
    const found = await stars.first();
    assert.deepEqual([found?.id, found?.visits], [id, 1]);
    await db.dropDb();
    await db.close();
    await client.db(DATABASE).dropDatabase();
    await client.close();
  }
  const port = CLOSED_PORT;
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, {
    serverSelectionTimeoutMS: 500,
  });
  await assert.rejects(
    new MongoConnection({ client }).connect({ DATABASE }),
    (error) =>
      error instanceof ConnectionError &&
      error.message.includes(`127.0.0.1:${port}`),
  );
  await client.close();
  for (const none of [{ db: 1, startSession: 1 }, { db() {} }]) {
    await assert.rejects(
      new MongoConnection({ client: none }).connect({ DATABASE }),
      (error) =>
        error instanceof ConfigError && /client must be/.test(error.message),
    );
  }
});

test("CONNECT_TIMEOUT applies even if the driver's own time limits are longer", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const failing = new MongoConnection({ models: SUITE_MODELS });
  try {
    await assert.rejects(
      failing.connect({
        HOST: "127.0.0.1",
        PORT: silent.addr.port,
        DATABASE: "d",
        CONNECT_TIMEOUT: 300,
        CONNECT_TIMEOUT_MS: 20_000,
        SERVER_SELECTION_TIMEOUT_MS: 20_000,
      }),
      (error) => {
        assert.ok(error instanceof TimeoutError, Deno.inspect(error));
        assert.match(
          error.message,
          /127\.0\.0\.1:\d+ did not answer within CONNECT_TIMEOUT/,
        );
        return true;
      },
    );
  } finally {
    await failing.close();
    silent.close();
  }
});
