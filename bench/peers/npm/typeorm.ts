import "reflect-metadata";
import pg from "pg";
import "pg-query-stream"; // TypeORM loads it for streams.
import { DataSource, EntitySchema, MoreThanOrEqual } from "typeorm";
import type { DetectionRow, Peer } from "../peer.ts";
import { serve } from "../serve.ts";
import type { DetectionColumns, ObjectColumns } from "./columns.ts";
import { BATCH, batches } from "./batches.ts";

interface ObjectRow extends ObjectColumns {
  detections: DetectionEntity[];
}

interface DetectionEntity extends DetectionColumns {
  object?: ObjectRow;
}

/** TypeORM returns a bigint as a string unless a column transforms it. */
const exact = {
  from: (value: string | null) => value === null ? null : BigInt(value),
  to: (value: bigint | null) => value,
};

const ObjectEntity = new EntitySchema<ObjectRow>({
  name: "object",
  columns: {
    oid: { type: "varchar", primary: true },
    ndethist: { type: "integer", nullable: true },
    ncovhist: { type: "integer", nullable: true },
    mjdstarthist: { type: "double precision", nullable: true },
    mjdendhist: { type: "double precision", nullable: true },
    corrected: { type: "boolean", nullable: true },
    stellar: { type: "boolean", nullable: true },
    ndet: { type: "integer", nullable: true },
    g_r_max: { type: "double precision", nullable: true },
    g_r_max_corr: { type: "double precision", nullable: true },
    g_r_mean: { type: "double precision", nullable: true },
    g_r_mean_corr: { type: "double precision", nullable: true },
    meanra: { type: "double precision", nullable: true },
    meandec: { type: "double precision", nullable: true },
    sigmara: { type: "double precision", nullable: true },
    sigmadec: { type: "double precision", nullable: true },
    deltajd: { type: "double precision", nullable: true },
    firstmjd: { type: "double precision", nullable: true },
    lastmjd: { type: "double precision", nullable: true },
    step_id_corr: { type: "varchar", nullable: true },
    diffpos: { type: "boolean", nullable: true },
    reference_change: { type: "boolean", nullable: true },
  },
  relations: {
    detections: {
      type: "one-to-many",
      target: "detection",
      inverseSide: "object",
    },
  },
});

const Detection = new EntitySchema<DetectionEntity>({
  name: "detection",
  columns: {
    candid: { type: "bigint", transformer: exact, primary: true },
    oid: { type: "varchar", primary: true },
    mjd: { type: "double precision" },
    fid: { type: "integer" },
    pid: { type: "double precision" },
    diffmaglim: { type: "double precision", nullable: true },
    isdiffpos: { type: "integer" },
    nid: { type: "integer", nullable: true },
    ra: { type: "double precision" },
    dec: { type: "double precision" },
    magpsf: { type: "double precision" },
    sigmapsf: { type: "double precision" },
    magap: { type: "double precision", nullable: true },
    sigmagap: { type: "double precision", nullable: true },
    distnr: { type: "double precision", nullable: true },
    rb: { type: "double precision", nullable: true },
    rbversion: { type: "varchar", nullable: true },
    drb: { type: "double precision", nullable: true },
    drbversion: { type: "varchar", nullable: true },
    magapbig: { type: "double precision", nullable: true },
    sigmagapbig: { type: "double precision", nullable: true },
    rfid: { type: "integer", nullable: true },
    magpsf_corr: { type: "double precision", nullable: true },
    sigmapsf_corr: { type: "double precision", nullable: true },
    sigmapsf_corr_ext: { type: "double precision", nullable: true },
    corrected: { type: "boolean" },
    dubious: { type: "boolean" },
    parent_candid: { type: "bigint", transformer: exact, nullable: true },
    has_stamp: { type: "boolean" },
    step_id_corr: { type: "varchar" },
  },
  relations: {
    object: {
      type: "many-to-one",
      target: "object",
      joinColumn: { name: "oid" },
    },
  },
});

await serve(async (url): Promise<Peer> => {
  const source = new DataSource({
    type: "postgres",
    driver: pg,
    url,
    entities: [ObjectEntity, Detection],
  });
  await source.initialize();
  const detections = source.getRepository(Detection);
  const inserted = async (
    repository: typeof detections,
    rows: DetectionRow[],
  ) =>
    await repository.createQueryBuilder().insert().values(rows)
      .orIgnore().updateEntity(false).execute();
  return {
    findAll: () => detections.find(),
    find: (from) =>
      detections.find({
        where: { candid: MoreThanOrEqual(from) },
        order: { candid: "ASC" },
        take: 50,
      }),
    include: async (limit) => {
      // TypeORM counts joined rows as `take` if the relation has an order.
      const objects = await source.getRepository(ObjectEntity).find({
        relations: { detections: true },
        order: { oid: "ASC" },
        take: limit,
      });
      for (const { detections } of objects) {
        detections.sort((left, right) => left.mjd - right.mjd);
      }
      return objects;
    },
    findOne: ({ candid, oid }) => detections.findOneBy({ candid, oid }),
    getOrCreate: async (row) => {
      const { candid, oid } = row;
      if (await detections.findOneBy({ candid, oid })) return false;
      const created = await detections.createQueryBuilder().insert()
        .values(row).orIgnore().returning("candid").execute();
      const isNew = created.raw.length > 0;
      if (!isNew) await detections.findOneBy({ candid, oid });
      return isNew;
    },
    bulkInsert: (rows) =>
      source.transaction(async (manager) => {
        for (const batch of batches(rows, BATCH)) {
          await inserted(manager.getRepository(Detection), batch);
        }
      }),
    bulkUpsert: (rows) =>
      source.transaction(async (manager) => {
        for (const batch of batches(rows, BATCH)) {
          await manager.getRepository(Detection).upsert(
            batch,
            ["candid", "oid"],
          );
        }
      }),
    upsert: async (row) => void await detections.upsert(row, ["candid", "oid"]),
    // Raw rows of pg-query-stream: TypeORM makes no entities in a stream.
    async *stream() {
      yield* await detections.createQueryBuilder("d").stream();
    },
    close: () => source.destroy(),
  };
});
