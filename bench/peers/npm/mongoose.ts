import mongoose, { Schema } from "mongoose";
import type { DetectionRow, Peer } from "../peer.ts";
import { serve } from "../serve.ts";
import { batches, STREAM_BATCH } from "./batches.ts";

/** Documents in a call. */
const WRITES = 10_000;
/** The server's code of a duplicate key. */
const DUPLICATE_KEY = 11000;

const objectSchema = new Schema({
  oid: String,
  ndethist: Number,
  ncovhist: Number,
  mjdstarthist: Number,
  mjdendhist: Number,
  corrected: Boolean,
  stellar: Boolean,
  ndet: Number,
  g_r_max: Number,
  g_r_max_corr: Number,
  g_r_mean: Number,
  g_r_mean_corr: Number,
  meanra: Number,
  meandec: Number,
  sigmara: Number,
  sigmadec: Number,
  deltajd: Number,
  firstmjd: Number,
  lastmjd: Number,
  step_id_corr: String,
  diffpos: Boolean,
  reference_change: Boolean,
}, { collection: "object", versionKey: false, autoIndex: false });
objectSchema.virtual("detections", {
  ref: "Detection",
  localField: "oid",
  foreignField: "oid",
  options: { sort: { mjd: 1 } },
});

const detectionSchema = new Schema({
  candid: BigInt,
  oid: String,
  mjd: Number,
  fid: Number,
  pid: Number,
  diffmaglim: Number,
  isdiffpos: Number,
  nid: Number,
  ra: Number,
  dec: Number,
  magpsf: Number,
  sigmapsf: Number,
  magap: Number,
  sigmagap: Number,
  distnr: Number,
  rb: Number,
  rbversion: String,
  drb: Number,
  drbversion: String,
  magapbig: Number,
  sigmagapbig: Number,
  rfid: Number,
  magpsf_corr: Number,
  sigmapsf_corr: Number,
  sigmapsf_corr_ext: Number,
  corrected: Boolean,
  dubious: Boolean,
  parent_candid: BigInt,
  has_stamp: Boolean,
  step_id_corr: String,
}, { collection: "detection", versionKey: false, autoIndex: false });

await serve(async (url): Promise<Peer> => {
  await mongoose.connect(url, { useBigInt64: true });
  const AstroObject = mongoose.model("AstroObject", objectSchema);
  const Detection = mongoose.model("Detection", detectionSchema);
  const upsertOf = (row: DetectionRow) => {
    const { candid, oid, ...others } = row;
    return {
      updateOne: {
        filter: { candid, oid },
        update: { $set: others },
        upsert: true,
      },
    };
  };
  return {
    findAll: () => Detection.find({}, { _id: 0 }).lean(),
    find: (from) =>
      Detection.find({ candid: { $gte: from } }, { _id: 0 })
        .sort({ candid: 1 }).limit(50).lean(),
    include: (limit) =>
      AstroObject.find().sort({ oid: 1 }).limit(limit)
        .populate("detections").lean(),
    findOne: ({ candid, oid }) =>
      Detection.findOne({ candid, oid }, { _id: 0 }).lean(),
    getOrCreate: async ({ candid, oid, ...others }) => {
      const { lastErrorObject } = await Detection.findOneAndUpdate(
        { candid, oid },
        { $setOnInsert: others },
        {
          upsert: true,
          returnDocument: "after",
          includeResultMetadata: true,
        },
      ).lean() as unknown as {
        lastErrorObject: { updatedExisting: boolean };
      };
      return !lastErrorObject.updatedExisting;
    },
    bulkInsert: async (rows) => {
      for (const batch of batches(rows, WRITES)) {
        try {
          // Copies, because the driver adds an _id to the documents.
          await Detection.insertMany(batch.map((row) => ({ ...row })), {
            ordered: false,
            lean: true,
          });
        } catch (error) {
          if ((error as { code?: number }).code !== DUPLICATE_KEY) throw error;
        }
      }
    },
    bulkUpsert: async (rows) => {
      for (const batch of batches(rows, WRITES)) {
        await Detection.bulkWrite(batch.map(upsertOf), { ordered: false });
      }
    },
    upsert: async (row) => {
      const { filter, update } = upsertOf(row).updateOne;
      await Detection.updateOne(filter, update, { upsert: true });
    },
    stream: () =>
      Detection.find({}, { _id: 0 }).lean().cursor({
        batchSize: STREAM_BATCH,
      }),
    close: () => mongoose.disconnect(),
  };
});
