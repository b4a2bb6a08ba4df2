import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { float64, int64, varchar } from "../model/columns.ts";
import type { Ss_ztfInsert, Ss_ztfRow } from "./rows/ss_ztf.ts";

/** `ss_ztf`: the known solar system object nearest to an object, according to its alert. */
export const Ss_ztf: Model<Ss_ztfRow, Ss_ztfInsert, "ss_ztf", object, "oid"> =
  deferredModel("ss_ztf", () => ({
    label: "Ss_ztf",
    fields: z.object({
      oid: varchar("Object identifier"),
      candid: int64("Alert that told of it"),
      ssdistnr: float64(
        "Distance to the nearest known solar system object within 30 arcsec",
        "arcsec",
      ).nullable(),
      ssmagnr: float64("Its magnitude", "mag").nullable(),
      ssnamenr: varchar("Its name").nullable(),
    }),
    primaryKey: ["oid"],
    foreignKeys: [
      { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
    ],
    indexes: [
      { name: "ix_ss_ztf_candid", fields: ["candid"] },
      { name: "ix_ss_ztf_ssnamenr", fields: ["ssnamenr"] },
    ],
  }));
