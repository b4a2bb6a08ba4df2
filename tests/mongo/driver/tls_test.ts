// TLS on MongoDB: the certificate and its host are checked, unless the settings say otherwise.
import { ConnectionError, MongoConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { generate } from "selfsigned";
import { test } from "../../support/mongo_case.ts";
import { startMongo } from "../../support/mongo_server.ts";

/** Writes the certificates of an authority and of a server named localhost into a folder. */
async function certificates(
  folder: string,
): Promise<{ ca: string; server: string }> {
  const authority = await generate([{ name: "commonName", value: "test" }], {
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const { private: key, cert } = await generate(
    [{ name: "commonName", value: "localhost" }],
    {
      ca: { key: authority.private, cert: authority.cert },
      extensions: [{
        name: "subjectAltName",
        altNames: [{ type: 2, value: "localhost" }],
      }],
    },
  );
  const [ca, server] = [join(folder, "ca.pem"), join(folder, "server.pem")];
  await Deno.writeTextFile(ca, authority.cert);
  await Deno.writeTextFile(server, key + cert);
  return { ca, server };
}

test("TLS checks the certificate and the host, and carries reads and writes", async () => {
  const folder = await Deno.makeTempDir({ prefix: "dbp-tls-" });
  const { ca, server: pem } = await certificates(folder);
  const server = await startMongo({
    standalone: true,
    args: [
      ...["--tlsMode", "preferTLS", "--tlsCertificateKeyFile", pem],
      ...["--tlsCAFile", ca, "--tlsAllowConnectionsWithoutCertificates"],
    ],
  });
  const connected = async (
    host: string,
    settings: object,
  ): Promise<string> => {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({
      URL: `mongodb://${host}:${server.port}/tls`,
      CONNECT_TIMEOUT: 60_000,
      ...settings,
    });
    await db.createDb();
    await db.query(Star).bulkUpsert([{ id: 1n, name: "Vega" }]);
    const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
    return row?.name ?? "";
  };
  try {
    const trusted = { TLS: true, TLS_CA_FILE: ca };
    assert.equal(await connected("localhost", trusted), "Vega");
    // The certificate names localhost alone.
    // A certificate that is not trusted ends no attempt.
    const failing = { TLS: true, CONNECT_TIMEOUT: 3_000 };
    await assert.rejects(
      connected("127.0.0.1", { ...trusted, ...failing }),
      ConnectionError,
    );
    assert.equal(
      await connected("127.0.0.1", {
        ...trusted,
        TLS_ALLOW_INVALID_HOSTNAMES: true,
      }),
      "Vega",
    );
    await assert.rejects(
      connected("localhost", failing),
      ConnectionError,
    );
    assert.equal(
      await connected("localhost", {
        TLS: true,
        TLS_ALLOW_INVALID_CERTIFICATES: true,
      }),
      "Vega",
    );
    const inUrl = `mongodb://localhost:${server.port}/tls?tls=true&tlsCAFile=${
      encodeURIComponent(ca)
    }`;
    assert.equal(await connected("localhost", { URL: inUrl }), "Vega");
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
