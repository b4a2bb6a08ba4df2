// The memory of received bytes is freed when the rows in them are read, and values do not depend on it.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import pg from "pg";
import { z } from "zod";
import { freeBytes } from "../../../src/sql/driver/free_bytes.ts";
import { test } from "../../support/connected.ts";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../../support/engines.ts";

const Blob = defineModel("blob", {
  fields: z.object({
    id: z.int32(),
    data: z.instanceof(Uint8Array),
    name: z.string(),
  }),
  primaryKey: ["id"],
});
const ROWS = Array.from({ length: 300 }, (_, id) => ({
  id,
  data: new Uint8Array(1_000 + id * 37).fill(id % 251),
  name: `π${"x".repeat(id)}`,
}));

/** Connects through a pool, and returns its sockets too. */
async function opened() {
  const pool = new pg.Pool({ ...clientConfig(), max: 2 });
  const sockets: Socket[] = [];
  pool.on("connect", (client) => {
    const { connection } = client as unknown as {
      connection: { stream: Socket };
    };
    sockets.push(connection.stream);
  });
  const db = new SQLConnection({ models: [Blob] as const, client: pool });
  await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() });
  await db.createDb();
  await db.query(Blob).bulkInsert(ROWS);
  return { db, pool, sockets };
}

test("values stay as they are while later ones arrive", async () => {
  const { db, pool } = await opened();
  const blobs = db.query(Blob);
  const all = await blobs.findAll({ orderBy: { id: "asc" } });
  const streamed: object[] = [];
  for await (
    const row of blobs.stream({ orderBy: { id: "asc" }, batchSize: 70 })
  ) streamed.push({ ...row });
  const [native] = await db.sql<
    { data: Uint8Array }
  >`select decode(repeat('ab', 100000), 'hex') as data`;
  const bare = await pool.query(
    "select decode(repeat('ab', 100000), 'hex') as data",
  );
  await blobs.findAll();
  assert.deepEqual(all.map((row) => ({ ...row })), ROWS);
  assert.deepEqual(streamed, ROWS);
  const expected = new Uint8Array(100_000).fill(0xab);
  assert.deepEqual(new Uint8Array(native?.data ?? []), expected);
  assert.deepEqual(new Uint8Array(bare.rows[0].data), expected);
  await db.dropDb();
  await db.close();
  await pool.end();
});

test("another listener of the socket keeps what it received", async () => {
  const { db, pool, sockets } = await opened();
  const chunks: Buffer[] = [];
  for (const socket of sockets) {
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
  }
  await db.query(Blob).findAll();
  assert.ok(chunks.length > 0);
  assert.ok(chunks.every(({ length }) => length > 0));
  await db.dropDb();
  await db.close();
  await pool.end();
});

Deno.test("only bytes that share their memory with nothing are freed", () => {
  const whole = Buffer.from(new ArrayBuffer(20_000));
  freeBytes(whole);
  assert.equal(whole.length, 0);
  const part = Buffer.from(new ArrayBuffer(20_000), 0, 10_000);
  freeBytes(part);
  assert.equal(part.length, 10_000);
});
