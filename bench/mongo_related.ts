import { MongoConnection } from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  Detection,
} from "@alerce/db-plugins/models";
import type { Document } from "mongodb";
import { type Line, race } from "./harness.ts";
import { detectionsOf, EACH, OBJECTS, summary } from "./light_curves.ts";
import { bareMongoClient } from "./mongo_bare.ts";
import { LAST, READ, relationsOf } from "./related.ts";

const DATABASE = "bench_related";
const PAGES = 20;
const PAGE = 20;

/** Compares the relations of rows with the bare driver on MongoDB. */
export async function mongoRelated(url: string): Promise<Line[]> {
  await using db = new MongoConnection({ models: ALERCE_MODELS });
  await db.connect({ URL: url, DATABASE });
  await db.createDb();
  const client = bareMongoClient(url);
  const objects = client.db(DATABASE).collection("object");
  const sort = { mjd: -1, candid: 1, oid: 1 } as const;
  /** The objects, each with what further stages add. */
  const read = (
    stages: readonly Document[],
    offset = 0,
    limit = READ,
  ): Promise<Document[]> =>
    objects.aggregate([
      { $sort: { oid: 1 } },
      { $skip: offset },
      { $limit: limit },
      ...stages,
      { $project: { _id: 0, loc: 0 } },
    ]).toArray();
  const lookup = [{
    $lookup: {
      from: "detection",
      localField: "oid",
      foreignField: "oid",
      pipeline: [{ $sort: sort }, { $limit: LAST }, { $project: { _id: 0 } }],
      as: "detections",
    },
  }];
  const query = db.query(AstroObject);
  try {
    await query.bulkInsert(
      Array.from({ length: OBJECTS }, (_, index) => ({
        oid: `ZTF18${1_000_000 + index}`,
        ndet: EACH,
        meanra: 10,
        meandec: 20,
      })),
    );
    await db.query(Detection).bulkInsert(detectionsOf(OBJECTS * EACH, OBJECTS));
    const { included, counted } = relationsOf(db);
    return [
      await race({
        ...included,
        against: "`aggregate` with `$lookup` and a limited pipeline",
        bare: async () =>
          summary(
            (await read(lookup)).map(({ detections }) => ({ detections })),
          ),
      }),
      await race({
        work: `pages of ${PAGE} objects, each with its last ${LAST} detections`,
        against: "`aggregate` with `$lookup` and a limited pipeline",
        count: PAGES * PAGE,
        unit: "objects",
        least: 0.85,
        ours: () =>
          inPages((offset) =>
            query.findAll({
              orderBy: { oid: "asc" },
              limit: PAGE,
              offset,
              include: {
                detections: { orderBy: { mjd: "desc" }, limit: LAST },
              },
            })
          ),
        bare: () =>
          inPages(async (offset) =>
            (await read(lookup, offset, PAGE))
              .map(({ detections }) => ({ detections }))
          ),
      }),
      await race({
        ...counted,
        against: "`aggregate` with `$lookup` and `$count`",
        bare: async () =>
          (await read([{
            $lookup: {
              from: "detection",
              localField: "oid",
              foreignField: "oid",
              pipeline: [{ $count: "n" }],
              as: "detections",
            },
          }])).map(({ oid, detections: [count] }) => [oid, count?.n ?? 0]),
      }),
    ];
  } finally {
    await client.close();
    await db.dropDb();
  }
}

async function inPages(
  read: (
    offset: number,
  ) => Promise<readonly { readonly detections?: readonly object[] }[]>,
): Promise<unknown> {
  const pages: unknown[] = [];
  for (let page = 0; page < PAGES; page++) {
    pages.push(summary(await read(page * PAGE)));
  }
  return pages;
}
