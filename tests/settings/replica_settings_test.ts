// The settings of replicas: what they take from the primary, and what is refused.
import {
  ConfigError,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { sqlConfig } from "../../src/sql/driver/config.ts";

const SECRET = "hunter2-s3cret";

const PRIMARY = {
  ENGINE: "postgresql",
  HOST: "one",
  USER: "reader",
  PASSWORD: SECRET,
  DB_NAME: "ztf",
};

/** The problems of settings: keys, nearest keys, and texts. */
async function problemsOf(
  settings: object,
  db: SQLConnection | MongoConnection = new SQLConnection(),
): Promise<[key: string, nearest: string | undefined, problem: string][]> {
  let problems: ConfigError["problems"] = [];
  await assert.rejects(db.connect(settings), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.ok(!Deno.inspect(error, { depth: 10 }).includes(SECRET));
    problems = error.problems;
    return true;
  });
  return problems.map(({ key, nearest, problem }) => [key, nearest, problem]);
}

Deno.test("a replica has the login, the database and the encryption of the primary unless it names its own", () => {
  const { replicas, maxLag } = sqlConfig(
    {
      ...PRIMARY,
      SSL: true,
      POOL_SIZE: 4,
      MAX_LAG: "500",
      REPLICAS: [
        "postgres://two:5433",
        "postgres://other:pw@three/ztf?sslmode=disable",
        { HOST: "four", POOL_SIZE: 9, SSL: false },
        { host: "five,six", user: "other" },
      ],
    },
    "",
  );
  const found = replicas.map((
    { servers, user, password, database, tls, poolSize },
  ) => [
    servers.map(({ host, port }) => `${host}:${port}`).join(),
    ...[user, password, database, String(tls[0]), poolSize],
  ]);
  assert.deepEqual(found, [
    ["two:5433", "reader", SECRET, "ztf", "true", 4],
    ["three:5432", "other", "pw", "ztf", "false", 4],
    ["four:5432", "reader", SECRET, "ztf", "false", 9],
    ["five:5432,six:5432", "other", undefined, "ztf", "true", 4],
  ]);
  assert.equal(maxLag, 500);
  const { replicas: none } = sqlConfig(
    { ...PRIMARY, REPLICAS: undefined, MAX_LAG: 500 },
    "",
  );
  assert.deepEqual(none, []);
});

Deno.test("a replica does not require the state of the primary", () => {
  const { replicas: [replica] } = sqlConfig({
    URL:
      "postgres://u@one,two/ztf?target_session_attrs=read-write&application_name=broker",
    REPLICAS: ["postgres://three"],
  }, "");
  assert.equal(replica?.parameters.sessionAttributes, "any");
  assert.equal(replica?.parameters.applicationName, "broker");
});

Deno.test("every wrong replica is named", async () => {
  const problems = await problemsOf({
    ...PRIMARY,
    MAX_LAG: 0,
    REPLICAS: [
      undefined,
      3,
      `postgres://u:${SECRET}@@two`,
      { HOTS: "two" },
      { HOST: "two", PORT: "x" },
      { PORT: 5433 },
      "postgres://two/other",
      "postgres://two?target_session_attrs=read-write",
      "postgres://",
      [],
    ],
  });
  assert.deepEqual(problems.map(([key, nearest]) => [key, nearest]), [
    ["MAX_LAG", undefined],
    ["REPLICAS[0]", undefined],
    ["REPLICAS[1]", undefined],
    ["REPLICAS[2]", undefined],
    ["REPLICAS[3].HOTS", "HOST"],
    ["REPLICAS[4].PORT", undefined],
    ["REPLICAS[5].HOST", undefined],
    ["REPLICAS[6]", undefined],
    ["REPLICAS[7]", undefined],
    ["REPLICAS[8]", undefined],
    ["REPLICAS[9]", undefined],
  ]);
  assert.match(problems[1]?.[2] ?? "", /environment variable/);
  assert.match(problems[7]?.[2] ?? "", /another database/);
});

Deno.test("settings of replicas that have no meaning are refused with the right key", async () => {
  const none = (await problemsOf({
    ENGINE: "pglite",
    DB_NAME: "memory://",
    REPLICAS: ["postgres://two"],
    MAX_LAG: 5,
  })).map(([key, , problem]) => [key, /PGlite/.test(problem)]);
  assert.deepEqual(none, [["REPLICAS", true], ["MAX_LAG", true]]);
  assert.deepEqual(
    (await problemsOf({ ...PRIMARY, MAX_LAG: 5 })).map((problem) =>
      problem.slice(0, 2)
    ),
    [["MAX_LAG", "REPLICAS"]],
  );
  const ofMongo = await problemsOf({
    ...PRIMARY,
    READ_PREFERENCE: "secondary",
    MAX_STALENESS_SECONDS: 90,
  });
  assert.deepEqual(ofMongo.map((problem) => problem.slice(0, 2)), [
    ["READ_PREFERENCE", "REPLICAS"],
    ["MAX_STALENESS_SECONDS", "MAX_LAG"],
  ]);
  const ofSql = await problemsOf({
    HOST: "one",
    DATABASE: "ztf",
    REPLICAS: ["mongodb://two"],
    MAX_LAG: 5,
    MAX_STALENESS: 90,
  }, new MongoConnection());
  assert.deepEqual(ofSql.map((problem) => problem.slice(0, 2)), [
    ["REPLICAS", "READ_PREFERENCE"],
    ["MAX_LAG", "MAX_STALENESS_SECONDS"],
    ["MAX_STALENESS", "MAX_STALENESS_SECONDS"],
  ]);
});
