import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { int16, varchar } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { SidLutInsert, SidLutRow } from "./rows/sid_lut.ts";

/** `sid_lut`: the name of one kind of objects of a survey. */
export const SidLut: Model<SidLutRow, SidLutInsert, "sid_lut", object, "sid"> =
  deferredModel("sid_lut", () => ({
    fields: z.object({
      sid: int16("Kind of objects of a survey"),
      tid: int16("Telescope: 0 ZTF, 1 LSST").nullable(),
      survey_name: varchar("Name of the kind of objects"),
      created_date: createdDate(),
    }),
    primaryKey: ["sid"],
    primaryKeyName: "pk_sid_lut_sid",
    seed: [
      { sid: 0, tid: 0, survey_name: "ZTF" },
      { sid: 1, tid: 1, survey_name: "LSST DIA Object" },
      { sid: 2, tid: 1, survey_name: "LSST SS Object" },
    ],
  }));
