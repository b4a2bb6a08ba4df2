// URLs as libpq reads them: their forms, several servers, and the modes of TLS.
import {
  ConfigError,
  ConnectionError,
  SQLConnection,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { generate } from "selfsigned";
import { sqlConfig } from "../../../src/sql/driver/config.ts";
import { stars, test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";
import { POSTGRES_USER } from "../../support/postgres_data.ts";
import { startProxy } from "../../support/proxy.ts";
import { CLOSED_PORT, startPostgres } from "../../support/servers.ts";

const SECRET = "hunter2-s3cret";

function configOf(URL: string): ReturnType<typeof sqlConfig> {
  return sqlConfig({ URL }, "Invalid settings");
}

Deno.test("every form of a URL of libpq gives the servers and the login", () => {
  const forms: [string, string, (number | string)[]][] = [
    ["postgresql://u:p@h/d", "u p d", ["h", 5432]],
    ["postgres://u:p@h:5433/d", "u p d", ["h", 5433]],
    ["postgresql+psycopg2://u:p%40%2F@h/d%20x", "u p@/ d x", ["h", 5432]],
    ["postgresql://u:p@/d?host=/tmp&port=5499", "u p d", ["/tmp", 5499]],
    ["postgresql://u@%2Fvar%2Frun/d", "u undefined d", ["/var/run", 5432]],
    ["postgresql://u:p@[::1]:5433/d", "u p d", ["::1", 5433]],
    ["postgresql://u:p@a:1,b,c:3/d", "u p d", ["a", 1, "b", 5432, "c", 3]],
    ["postgresql://u:p@/d?host=a,b&port=7", "u p d", ["a", 7, "b", 7]],
    ["postgresql://u:p@/d?host=a,b&port=7,8", "u p d", ["a", 7, "b", 8]],
    ["postgresql://?host=h&user=u&password=p&dbname=d", "u p d", ["h", 5432]],
    ["postgresql:///d?host=h&user=u", "u undefined d", ["h", 5432]],
    ["postgresql://u+v:p+q@h/d+e", "u+v p+q d+e", ["h", 5432]],
    ["postgresql://h?user=u+v&password=p+q&dbname=d", "u+v p+q d", ["h", 5432]],
  ];
  for (const [url, login, servers] of forms) {
    const { user, password, database, ...config } = configOf(url);
    assert.equal([user, password, database].map(String).join(" "), login, url);
    assert.deepEqual(
      config.servers.flatMap(({ host, port }) => [host, port]),
      servers,
      url,
    );
  }
});

Deno.test("sslmode means what it means to libpq", () => {
  const tls = (query: string): string =>
    configOf(`postgresql://u:p@h/d?${query}`).tls.map((tls) =>
      typeof tls === "boolean"
        ? tls ? "full" : "plain"
        : tls.rejectUnauthorized === false
        ? "any"
        : "checkServerIdentity" in tls
        ? "chain"
        : "full"
    ).join(",");
  const ca = Deno.makeTempFileSync();
  Deno.writeTextFileSync(ca, "-----BEGIN CERTIFICATE-----");
  const modes: [string, string][] = [
    ["sslmode=disable", "plain"],
    ["sslmode=allow", "plain,any"],
    ["sslmode=prefer", "any,plain"],
    ["sslmode=require", "any"],
    ["ssl=true", "any"],
    [`sslmode=require&sslrootcert=${ca}`, "chain"],
    ["sslmode=verify-ca", "chain"],
    ["sslmode=verify-full", "full"],
    ["sslmode=verify-full&sslrootcert=system", "full"],
    [`sslmode=verify-full&sslrootcert=${ca}`, "full"],
  ];
  for (const [query, expected] of modes) {
    assert.equal(tls(query), expected, query);
  }
  Deno.removeSync(ca);
});

Deno.test("what a URL does not support is refused by name, without the password", () => {
  const wrong: [string, RegExp][] = [
    [
      "application_name=a%00b",
      /^URL contains %00, a character that no setting can contain$/,
    ],
    [
      "sslmod=require",
      /^URL has the unknown parameter sslmod; did you mean sslmode\?$/,
    ],
    [
      "sslmode=on",
      /has an unknown sslmode; use one of disable, allow, prefer, require, verify-ca, verify-full$/,
    ],
    [
      "channel_binding=yes",
      /wrong channel_binding: use one of disable, prefer, require$/,
    ],
    [
      "target_session_attrs=master",
      /wrong target_session_attrs: use one of any, read-write/,
    ],
    [
      "connect_timeout=1s",
      /wrong connect_timeout: use a whole number of seconds$/,
    ],
    ["port=0", /port that is not a number from 1 to 65535$/],
    ["host=a,b&port=1,2,3", /has 3 ports for 2 hosts$/],
    ["gssencmode=require", /wrong gssencmode: use one of disable, prefer$/],
    ["client_encoding=LATIN1", /wrong client_encoding/],
    ["sslcrl=x", /has the parameter sslcrl, which is not supported$/],
    ["service=x", /has the parameter service, which is not supported$/],
    [
      "pgbouncer=true",
      /has the parameter pgbouncer, which is not supported: use the setting PREPARE: false$/,
    ],
    ["schema=x", /use the setting SCHEMA$/],
    ["connection_limit=5", /use the setting POOL_SIZE$/],
    [
      "sslrootcert=/no/such/file",
      /names a file as sslrootcert that cannot be read$/,
    ],
    [`x?${SECRET}@h=1`, /unknown parameter; in the password write @ as %40/],
  ];
  for (const [query, message] of wrong) {
    assert.throws(
      () => configOf(`postgresql://u:${SECRET}@h/d?${query}`),
      (error) => {
        assert.ok(error instanceof ConfigError, String(error));
        const [problem] = error.problems;
        const text = error.message.replace("Invalid settings: ", "");
        assert.match(text, message, query);
        assert.equal(problem?.key, "URL");
        assert.ok(!Deno.inspect(error).includes(SECRET), query);
        return true;
      },
    );
  }
});

/** A URL of the test server, with other servers before it. */
function urlOf(
  before: string,
  query = "",
  port: unknown = postgresSettings().PORT,
): string {
  const { USER, PASSWORD, HOST, DB_NAME } = postgresSettings();
  return `postgresql://${USER}:${
    encodeURIComponent(String(PASSWORD))
  }@${before}${HOST}:${port}/${DB_NAME}?${query}`;
}

async function opened(
  settings: object,
): Promise<SQLConnection<typeof SUITE_MODELS>> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ CONNECT_TIMEOUT: 30_000, ...settings });
  return db;
}

test("application_name, options, keepalives and connect_timeout are used", async () => {
  const db = await opened({
    URL: urlOf(
      "",
      "application_name=step&options=-c%20search_path%3Dpg_catalog&keepalives=0&connect_timeout=7&channel_binding=prefer&gssencmode=prefer",
    ),
  });
  assert.deepEqual(
    await db
      .sql`select current_setting('application_name') as name, current_setting('search_path') as path`,
    [{ name: "step", path: "pg_catalog" }],
  );
  await db.close();
  assert.equal(
    configOf("postgresql://u@h/d?connect_timeout=7").connectTimeout,
    7_000,
  );
});

test("the first server that answers is used, and the error names all if none does", async () => {
  const dead = `127.0.0.1:${CLOSED_PORT},`;
  const SCHEMA = freshSchema();
  const db = await opened({ URL: urlOf(dead), SCHEMA });
  await db.createDb();
  await db.query(Star).bulkInsert(stars(2));
  const { id } = (await db.query(Star).findOne({ filterBy: { id: 1n } })) ?? {};
  assert.equal(id, 1n);
  await db.dropDb();
  await db.close();
  await assert.rejects(
    opened({ URL: urlOf(dead, "", CLOSED_PORT + 1) }),
    (error) => {
      assert.ok(error instanceof ConnectionError, String(error));
      assert.match(
        error.message,
        /^Cannot connect to PostgreSQL at 127\.0\.0\.1:\d+, .*: connection refused; Cannot connect to PostgreSQL at 127\.0\.0\.1:\d+, .*: connection refused$/,
      );
      const password = String(postgresSettings().PASSWORD);
      assert.ok(!Deno.inspect(error, { depth: 9 }).includes(password));
      return true;
    },
  );
  // As in libpq, a refused login ends the search.
  await assert.rejects(
    opened({
      URL: urlOf(`${postgresSettings().HOST}:${postgresSettings().PORT},`),
      PASSWORD: "x",
    }),
    { name: "AuthenticationError" },
  );
});

test("calls go on at another server when the current one is lost", async () => {
  const port = Number(postgresSettings().PORT);
  const first = startProxy(port, "never sent");
  const db = await opened({
    URL: urlOf(`127.0.0.1:${first.port},`),
    SCHEMA: freshSchema(),
  });
  await db.createDb();
  await db.query(Star).bulkInsert(stars(3));
  const byKey = () => db.query(Star).findOne({ filterBy: { id: 1n } });
  await byKey();
  first.close();
  // The statements under way are lost; the next calls reach the other server.
  await Promise.allSettled([byKey(), byKey(), db.query(Star).count()]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await db.query(Star).count(), 3);
  assert.equal((await byKey())?.id, 1n);
  await db.transaction((tx) =>
    tx.query(Star).updateAll({ filterBy: {}, set: { mag: 1 } })
  );
  await db.dropDb();
  await db.close();
});

test("target_session_attrs chooses a server by its state", async () => {
  const readOnly = "&options=-c%20default_transaction_read_only%3Don";
  const accepted = ["any", "primary", "read-write", "prefer-standby"];
  for (const state of accepted) {
    const db = await opened({
      URL: urlOf("", `target_session_attrs=${state}`),
    });
    assert.deepEqual(await db.sql`select 1 as one`, [{ one: 1 }]);
    await db.close();
  }
  const readers = await opened({
    URL: urlOf("", `target_session_attrs=read-only${readOnly}`),
  });
  await readers.close();
  for (
    const query of [
      "target_session_attrs=standby",
      "target_session_attrs=read-only",
      `target_session_attrs=read-write${readOnly}`,
    ]
  ) {
    await assert.rejects(
      opened({ URL: urlOf("", query) }),
      (error) =>
        error instanceof ConnectionError &&
        /the server is not (?:standby|read-only|read-write) \(target_session_attrs\)/
          .test(error.message),
    );
  }
});

test("sslmode, sslrootcert and channel_binding on a server with TLS", async () => {
  const ca = await generate([{ name: "commonName", value: "dbp test CA" }], {
    keySize: 2048,
    algorithm: "sha256",
    extensions: [{ name: "basicConstraints", cA: true }],
  });
  const own = await generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2048,
    algorithm: "sha256",
    ca: { key: ca.private, cert: ca.cert },
    extensions: [{
      name: "subjectAltName",
      altNames: [{ type: 2, value: "localhost" }],
    }],
  });
  const server = await startPostgres([
    "ssl=on",
    "ssl_cert_file=server.crt",
    "ssl_key_file=server.key",
  ], { "server.crt": own.cert, "server.key": own.private });
  const folder = await Deno.makeTempDir();
  const root = join(folder, "root.crt");
  await Deno.writeTextFile(root, ca.cert);
  const connect = async (host: string, query: string): Promise<boolean> => {
    const db = await opened({
      URL:
        `postgresql://${POSTGRES_USER}:${server.password}@${host}:${server.port}/postgres?${query}`,
    });
    const [{ ssl } = { ssl: false }] = await db.sql<{ ssl: boolean }>`
      select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    await db.close();
    return ssl;
  };
  try {
    for (
      const [host, query, encrypted] of [
        ["127.0.0.1", "sslmode=disable", false],
        ["127.0.0.1", "sslmode=allow", false],
        ["127.0.0.1", "sslmode=prefer", true],
        ["127.0.0.1", "sslmode=require", true],
        ["127.0.0.1", "sslmode=require&channel_binding=require", true],
        ["127.0.0.1", "sslmode=require&sslnegotiation=direct", true],
        ["127.0.0.1", `sslmode=verify-ca&sslrootcert=${root}`, true],
        ["localhost", `sslmode=verify-full&sslrootcert=${root}`, true],
      ] as const
    ) assert.equal(await connect(host, query), encrypted, query);
    for (
      const [host, query] of [
        ["127.0.0.1", `sslmode=verify-full&sslrootcert=${root}`],
        ["127.0.0.1", "sslmode=verify-ca"],
        ["localhost", "sslmode=verify-full"],
        ["127.0.0.1", "sslmode=disable&channel_binding=require"],
      ] as const
    ) await assert.rejects(connect(host, query), ConnectionError, query);
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
