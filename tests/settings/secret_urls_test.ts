// A password in a URL reaches no host, no DNS and no message, however it is written.
import {
  ConfigError,
  connect,
  DbPluginsError,
  isSql,
  type QueryEvent,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { databaseText } from "../../src/cli/run/database_text.ts";
import { mongoConfig } from "../../src/mongo/driver/config.ts";
import { serverText } from "../../src/sql/driver/client_options.ts";
import { sqlConfig } from "../../src/sql/driver/config.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { dbp, dbpProcess, settingsFile } from "../support/cli.ts";
import { test } from "../support/connected.ts";
import { postgresSettings } from "../support/engines.ts";
import { ROUNDS } from "../support/rounds.ts";

const SECRET = "PLANTED";
/** Texts that passwords consist of, beside the secret. */
const PIECES = [
  ..."@/#?:[]% &=+,;\\'\"<>.-_~!$()*|^`{}é1",
  ...["%4", "%40", "%2F", "%zz", "%FF", "\n", "\x1b", "..", "//", "://", "@@"],
  ...["@1", "1/", "1?", "/1@", "?1@", "&1", "localhost", "12"],
];
const passwords = fc.tuple(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }),
).map(([before, after]) => before.join("") + SECRET + after.join(""));

const FORMS: readonly ((password: string) => string)[] = [
  (p) => `postgresql://u:${p}@h.invalid:5432/d`,
  (p) => `postgres://u:${p}@h.invalid`,
  (p) => `postgresql+psycopg2://u:${p}@[::1]:5432/d?sslmode=require`,
  (p) => `postgresql://u:${p}@a.invalid:1,b.invalid/d?target_session_attrs=any`,
  (p) => `postgresql://u:${p}@%2Ftmp/d`,
  (p) => `postgresql://u:${p}@/d?host=/tmp&port=5499`,
  (p) => `postgresql://u:${p}@h.invalid?application_name=a%40b`,
  (p) => `postgresql://h.invalid/d?user=u&password=${p}`,
  (p) => `postgresql://h.invalid?password=${p}&user=u&dbname=d`,
  (p) => `postgresql://u:x@h.invalid/d?sslpassword=${p}`,
  (p) => `mongodb://u:${p}@h.invalid:27017/d`,
  (p) => `mongodb://u:${p}@a.invalid:1,b.invalid/d?replicaSet=r`,
  (p) => `mongodb+srv://u:${p}@h.invalid/d`,
  (p) => `mongodb://u:${p}@%2Ftmp%2Fm.sock/d?authSource=a`,
  (p) => `mongodb://h.invalid/d?proxyHost=p&proxyPassword=${p}`,
  (p) => `mongodb://h.invalid/d?tlsCertificateKeyFilePassword=${p}`,
  (p) => `mongodb://h.invalid/d?authMechanismProperties=AWS_SESSION_TOKEN:${p}`,
  (p) => `mysql://u:${p}@h.invalid/d`,
  (p) => `user:${p}@h.invalid/d`,
];
/** The hosts in the URLs, which are the only ones that may be looked up. */
const HOSTS = /^(?:|[hab]\.invalid|::1|\/tmp)$/;

/** What a connection shows, logs and looks up for settings: the location, or the error. */
function shown(settings: Readonly<Record<string, unknown>>): string {
  const isMongo = String(settings.URL ?? "").startsWith("mongodb") ||
    "PROXY_HOST" in settings;
  try {
    if (isMongo) {
      const { hosts } = mongoConfig(settings, "Invalid settings");
      return hosts;
    }
    const config = sqlConfig(
      { USER: "u", DB_NAME: "d", ENGINE: "postgresql", ...settings },
      "Invalid settings",
    );
    for (const { host } of config.servers) assert.match(host, HOSTS);
    return serverText(config);
  } catch (error) {
    assert.ok(error instanceof ConfigError, Deno.inspect(error));
    return everything(error);
  }
}

function everything(value: unknown): string {
  const inspected = Deno.inspect(value, { depth: 20, showHidden: true });
  return value instanceof Error
    ? `${inspected}${value.stack}${value.cause}${JSON.stringify(value)}`
    : inspected + JSON.stringify(value);
}

Deno.test("no part of a password with any characters, escaped or not, is taken for a host or repeated", () => {
  fc.assert(
    fc.property(
      passwords,
      fc.constantFrom(...FORMS),
      fc.boolean(),
      (password, form, escaped) => {
        const url = form(escaped ? encodeURIComponent(password) : password);
        for (
          const settings of [
            { URL: url },
            { SQLALCHEMY_DATABASE_URL: url },
            { HOST: url },
            { DB_NAME: url, HOST: "h.invalid" },
            { PROXY_HOST: url, HOST: "h.invalid", DATABASE: "d" },
          ]
        ) {
          const text = shown(settings);
          assert.ok(!text.includes(SECRET), `${JSON.stringify(url)}: ${text}`);
        }
        const question = databaseText("postgresql", { URL: url });
        assert.ok(!question.includes(SECRET), question);
      },
    ),
    { numRuns: 400 * ROUNDS },
  );
});

Deno.test("a login before hosts is refused, also if its password looks like the folder of a socket", () => {
  for (const login of ["user:,/PLANTED@", "u:,/PLANTED@", "u:a,/b/PLANTED@"]) {
    const HOST = `${login}h.invalid/d`;
    const text = shown({ HOST });
    assert.match(text, /HOST is invalid: it is a URL; use the key URL/);
    assert.doesNotMatch(text, /PLANTED/);
    assert.throws(
      () => mongoConfig({ HOST, DATABASE: "d" }, ""),
      (error) => {
        assert.match(everything(error), /HOST is a URL/);
        assert.doesNotMatch(everything(error), /PLANTED/);
        return true;
      },
    );
  }
});

Deno.test("an escaped password and one that libpq reads unambiguously are read exactly", () => {
  const read = (text: string) =>
    sqlConfig({ URL: `postgresql://u:${text}@h/d` }, "").password;
  fc.assert(fc.property(passwords, (password) => {
    fc.pre(!password.includes("\0"));
    assert.equal(read(encodeURIComponent(password)), password);
    assert.equal(
      mongoConfig(
        { URL: `mongodb://u:${encodeURIComponent(password)}@h/d` },
        "",
      ).password,
      password,
    );
  }));
  // libpq ends the login at the first @, and the user at the first colon.
  for (
    const password of ["a:b", "a[b]", "a b", "a+b", "a&b=c", ";'\"\\", "é"]
  ) {
    assert.equal(read(password), password);
  }
  const parameter = sqlConfig({
    URL: "postgresql://h/d?user=me@server&password=p@w",
  }, "");
  assert.deepEqual([parameter.user, parameter.password], ["me@server", "p@w"]);
});

Deno.test("a URL with an unescaped password is refused with advice", () => {
  for (
    const text of [
      "p@w",
      "p/w",
      "p?w",
      "p#w",
      "1/p",
      "1?p",
      "1@p",
      "1?password=p",
      "%zz",
    ]
  ) {
    for (const scheme of ["postgresql", "mongodb", "mongodb+srv"]) {
      const URL = `${scheme}://u:${text}@h:1/d`;
      if (scheme !== "postgresql" && text === "p#w") continue;
      assert.throws(
        () =>
          scheme === "postgresql"
            ? sqlConfig({ URL }, "Invalid settings")
            : mongoConfig({ URL }, "Invalid settings"),
        (error) =>
          error instanceof ConfigError &&
          /^Invalid settings: URL .*(?:write @ as %40, \/ as %2F.*give it as PASSWORD|write (?:%|it) as %25)$/
            .test(error.message),
        URL,
      );
    }
  }
});

test("a failure to connect repeats no password: in errors, causes, events and the connection itself", async () => {
  const events: unknown[] = [];
  for (
    const config of [
      { URL: `postgresql://u:${SECRET}@127.0.0.1:1/d` },
      { URL: `postgresql://u:1@${SECRET}/x@127.0.0.1:1/d` },
      { URL: `mongodb://u:${SECRET}@127.0.0.1:1/d?directConnection=true` },
      { URL: `mongodb://u:1@${SECRET}/x@127.0.0.1:1/d` },
      {
        ...{
          HOST: "127.0.0.1",
          PORT: 1,
          DATABASE: "d",
          PROXY_HOST: "127.0.0.1",
        },
        ...{ PROXY_PORT: 1, PROXY_USERNAME: "u", PROXY_PASSWORD: SECRET },
      },
      `postgresql://u:${SECRET}@127.0.0.1:1/d`,
    ]
  ) {
    await assert.rejects(
      connect(config as object, {
        ...{ models: [], logValues: true, CONNECT_TIMEOUT: 300 },
        onQuery: (event: QueryEvent) => events.push(event),
      } as object),
      (error) => {
        assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
        assert.ok(!everything(error).includes(SECRET), everything(error));
        return true;
      },
    );
  }
  assert.ok(!everything(events).includes(SECRET));
  await using db = await connect({
    ...{ ENGINE: "pglite", DB_NAME: "memory://", PASSWORD: SECRET },
  }, { models: [] });
  assert.ok(!everything(db).includes(SECRET));
  assert.ok(!everything(db.migrations()).includes(SECRET));
  const settings = postgresSettings();
  await using server = await connect(settings, { models: [] });
  assert.ok(isSql(server));
  for (const object of [server, server.kysely, server.migrations()]) {
    assert.ok(!everything(object).includes(String(settings.PASSWORD)));
  }
});

test("dbp repeats no password of a URL in the environment, in a path, a name or an argument", async () => {
  const URL = `postgresql://u:1@${SECRET}/x@127.0.0.1:1/d`;
  await using file = await settingsFile({ DB_CONFIG: { SQL: { URL } } });
  const at = ["--settings_path", file.path];
  const runs = [
    await dbp("status", "--settings_path", URL),
    await dbp("status", "--db", URL, ...at),
    await dbp("status", URL),
    await dbp("status", `--limit=${URL}`),
    await dbp("history", "--limit", URL, ...at),
    await dbp(URL),
    await dbp("status", ...at),
    await dbp("dropdb", ...at),
    await dbp("status", "--json", ...at),
    await dbpProcess(["status"], {
      cwd: await Deno.makeTempDir(),
      env: { DATABASE_URL: URL },
    }),
    await dbpProcess(["status", "--db", "MONGO"], {
      cwd: await Deno.makeTempDir(),
      env: { MONGO_URL: URL.replace("postgresql", "mongodb") },
    }),
  ];
  for (const { code, out, err } of runs) {
    assert.notEqual(code, 0);
    assert.ok(!`${out}${err}`.includes(SECRET), out + err);
  }
  await assert.rejects(loadSettings(URL), /the path is a URL/);
});
