// The spans and metrics that Deno itself exports with OTEL_DENO=true.
import assert from "node:assert/strict";
import { join } from "node:path";
import { program } from "../support/program.ts";

const PROGRAM = `
import { connect, defineModel } from "@alerce/db-plugins";
import { z } from "zod";

const Star = defineModel("star", {
  fields: z.object({ id: z.int32() }),
  primaryKey: ["id"],
});
await using db = await connect(
  { ENGINE: "pglite", DB_NAME: "memory://" },
  { models: [Star], telemetry: true },
);
await db.createDb();
await db.query(Star).bulkInsert([{ id: 1 }, { id: 2 }]);
await db.query(Star).findAll();
`;

Deno.test("Deno exports the spans and the metric of a program", async () => {
  const received: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      received.push(new URL(request.url).pathname, await request.text());
      return Response.json({});
    },
  );
  const folder = await Deno.makeTempDir();
  const file = join(folder, "program.ts");
  await Deno.writeTextFile(file, PROGRAM);
  const { code, err } = await program(["--no-check", file], {
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    },
  });
  await Deno.remove(folder, { recursive: true });
  assert.equal(code, 0, err);
  const all = received.join("\n");
  for (
    const text of [
      '"createDb"',
      '"bulkInsert star"',
      '"findAll star"',
      '"db.system.name"',
      '"db.query.text"',
      '"db.client.operation.duration"',
    ]
  ) assert.ok(all.includes(text), text);
});
