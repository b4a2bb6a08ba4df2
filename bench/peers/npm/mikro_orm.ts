import { defineEntity, MikroORM, p } from "@mikro-orm/postgresql";
import type { Peer } from "../peer.ts";
import { serve } from "../serve.ts";
import { BATCH, batches, STREAM_BATCH } from "./batches.ts";

const ObjectEntity = defineEntity({
  name: "AstroObject",
  tableName: "object",
  properties: {
    oid: p.string().columnType("varchar").primary(),
    ndethist: p.integer().nullable(),
    ncovhist: p.integer().nullable(),
    mjdstarthist: p.double().nullable(),
    mjdendhist: p.double().nullable(),
    corrected: p.boolean().nullable(),
    stellar: p.boolean().nullable(),
    ndet: p.integer().nullable(),
    g_r_max: p.double().nullable(),
    g_r_max_corr: p.double().nullable(),
    g_r_mean: p.double().nullable(),
    g_r_mean_corr: p.double().nullable(),
    meanra: p.double().nullable(),
    meandec: p.double().nullable(),
    sigmara: p.double().nullable(),
    sigmadec: p.double().nullable(),
    deltajd: p.double().nullable(),
    firstmjd: p.double().nullable(),
    lastmjd: p.double().nullable(),
    step_id_corr: p.string().columnType("varchar").nullable(),
    diffpos: p.boolean().nullable(),
    reference_change: p.boolean().nullable(),
    detections: () =>
      p.oneToMany(Detection).mappedBy("object").orderBy({ mjd: "asc" }),
  },
});

const Detection = defineEntity({
  name: "Detection",
  tableName: "detection",
  properties: {
    candid: p.bigint().primary(),
    oid: p.string().columnType("varchar").primary(),
    mjd: p.double(),
    fid: p.integer(),
    pid: p.double(),
    diffmaglim: p.double().nullable(),
    isdiffpos: p.integer(),
    nid: p.integer().nullable(),
    ra: p.double(),
    dec: p.double(),
    magpsf: p.double(),
    sigmapsf: p.double(),
    magap: p.double().nullable(),
    sigmagap: p.double().nullable(),
    distnr: p.double().nullable(),
    rb: p.double().nullable(),
    rbversion: p.string().columnType("varchar").nullable(),
    drb: p.double().nullable(),
    drbversion: p.string().columnType("varchar").nullable(),
    magapbig: p.double().nullable(),
    sigmagapbig: p.double().nullable(),
    rfid: p.integer().nullable(),
    magpsf_corr: p.double().nullable(),
    sigmapsf_corr: p.double().nullable(),
    sigmapsf_corr_ext: p.double().nullable(),
    corrected: p.boolean(),
    dubious: p.boolean(),
    parent_candid: p.bigint().nullable(),
    has_stamp: p.boolean(),
    step_id_corr: p.string().columnType("varchar"),
    object: () => p.manyToOne(ObjectEntity).joinColumn("oid").persist(false),
  },
});

await serve(async (url): Promise<Peer> => {
  const orm = await MikroORM.init({
    clientUrl: url,
    dbName: new URL(url).pathname.slice(1),
    entities: [ObjectEntity, Detection],
  });
  const key = ({ candid, oid }: { candid: bigint; oid: string }) => ({
    candid,
    oid,
  });
  const upsertOptions = {
    onConflictFields: ["candid", "oid"] as ("candid" | "oid")[],
  };
  return {
    findAll: () => orm.em.fork().findAll(Detection),
    find: (from) =>
      orm.em.fork().find(Detection, { candid: { $gte: from } }, {
        orderBy: { candid: "asc" },
        limit: 50,
      }),
    include: (limit) =>
      orm.em.fork().findAll(ObjectEntity, {
        populate: ["detections"],
        orderBy: { oid: "asc" },
        limit,
      }),
    findOne: (at) => orm.em.fork().findOne(Detection, key(at)),
    getOrCreate: async (row) => {
      const em = orm.em.fork();
      if (await em.findOne(Detection, key(row))) return false;
      await em.upsert(Detection, row, {
        ...upsertOptions,
        onConflictAction: "ignore",
      });
      return true;
    },
    bulkInsert: (rows) =>
      orm.em.fork().transactional(async (em) => {
        for (const batch of batches(rows, BATCH)) {
          await em.createQueryBuilder(Detection).insert(batch)
            .onConflict(["candid", "oid"]).ignore().execute();
        }
      }),
    bulkUpsert: (rows) =>
      orm.em.fork().transactional(async (em) => {
        for (const batch of batches(rows, BATCH)) {
          await em.createQueryBuilder(Detection).insert(batch)
            .onConflict(["candid", "oid"]).merge().execute();
        }
      }),
    upsert: async (row) =>
      void await orm.em.fork().upsert(Detection, row, upsertOptions),
    stream: () => orm.em.fork().stream(Detection, { chunkSize: STREAM_BATCH }),
    close: () => orm.close(),
  };
});
