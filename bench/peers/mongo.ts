import { MongoConnection } from "@alerce/db-plugins";
import { AstroObject, Detection } from "@alerce/db-plugins/models";
import { MongoClient } from "mongodb";
import { startMongo } from "../../tests/support/mongo_server.ts";
import { COLUMNS, type Data } from "./data.ts";
import { digests } from "./digest.ts";
import type { Server } from "./server.ts";
import type { State } from "./works.ts";

const DATABASE = "bench";
/** Rows between two copies of the same row differ in candid by more than any table has. */
const COPY_STEP = 10_000_000n;

/** Every how many rows one is there. */
const EVERY: Readonly<Record<State, number>> = {
  all: 1,
  none: Infinity,
  tenth: 10,
  half: 2,
  changed: 1,
};

/** Starts a MongoDB server with ALeRCE's collections and these rows. */
export async function mongoServer(data: Data): Promise<Server> {
  const server = await startMongo();
  const url = server.url.replace("/?", `/${DATABASE}?`);
  const db = new MongoConnection({ models: [AstroObject, Detection] });
  await db.connect({ URL: url });
  await db.createDb();
  await db.query(AstroObject).bulkInsert(data.objects);
  const client = new MongoClient(url, { useBigInt64: true });
  const collection = client.db(DATABASE).collection("detection");
  const { version } = await client.db("admin").command({ buildInfo: 1 });
  const empty = async (): Promise<void> => {
    await collection.drop();
    await db.createDb();
  };
  return {
    engine: "MongoDB",
    version,
    url,
    async restore(state) {
      await empty();
      const kept = data.detections.filter((_, index) =>
        state !== "none" && index % EVERY[state] === 0
      );
      await db.query(Detection).bulkInsert(
        state === "all"
          ? kept
          : kept.map((row) => ({ ...row, magpsf: row.magpsf + 1 })),
      );
    },
    async fingerprint() {
      return digests(await collection.find().toArray(), COLUMNS).digest;
    },
    async grow(count) {
      await empty();
      for (let start = 0; start < count; start += data.detections.length) {
        const copy = BigInt(start / data.detections.length) * COPY_STEP;
        const rows = data.detections.slice(0, count - start);
        await db.query(Detection).bulkInsert(
          rows.map((row) => ({ ...row, candid: row.candid + copy })),
        );
      }
    },
    async stop() {
      await client.close();
      await db.close();
      await server.stop();
    },
  };
}
