import {
  type Connection,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { AstroObject, Detection } from "@alerce/db-plugins/models";
import type { Peer } from "./peer.ts";
import { serve } from "./serve.ts";

await serve(async (url): Promise<Peer> => {
  const models = [AstroObject, Detection];
  const db: Connection = url.startsWith("mongodb:")
    ? new MongoConnection({ models })
    : new SQLConnection({ models });
  await db.connect({ URL: url });
  const detections = db.query(Detection);
  return {
    findAll: () => detections.findAll(),
    find: async (from) =>
      (await detections.find({
        filterBy: { candid: { gte: from } },
        orderBy: { candid: "asc" },
        perPage: 50,
        count: false,
      })).items,
    include: (limit) =>
      db.query(AstroObject).findAll({
        include: ["detections"],
        orderBy: { oid: "asc" },
        limit,
      }),
    findOne: ({ candid, oid }) =>
      detections.findOne({ filterBy: { candid, oid } }),
    getOrCreate: async ({ candid, oid, ...others }) =>
      (await detections.getOrCreate({ filterBy: { candid, oid }, ...others }))[
        1
      ],
    bulkInsert: async (rows) => void await detections.bulkInsert(rows),
    bulkUpsert: async (rows) => void await detections.bulkUpsert(rows),
    upsert: async (row) => void await detections.bulkUpsert([row]),
    stream: () => detections.stream(),
    close: () => db.close(),
  };
});
