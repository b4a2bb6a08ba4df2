import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { float64, varchar } from "../model/columns.ts";
import type { AstroObjectRow } from "./rows/object.ts";
import type { XmatchInsert, XmatchRow } from "./rows/xmatch.ts";

/** The properties that `include` adds to a row of `xmatch`. */
export interface XmatchRelations {
  /** The row of `object`. */
  object: AstroObjectRow | null;
}

/** `xmatch`: the nearest source of a catalogue to an object. */
export const Xmatch: Model<
  XmatchRow,
  XmatchInsert,
  "xmatch",
  XmatchRelations,
  "oid" | "catid"
> = deferredModel("xmatch", () => ({
  fields: z.object({
    oid: varchar("Object identifier"),
    catid: varchar("Catalogue"),
    oid_catalog: varchar("Identifier of the source in the catalogue"),
    dist: float64("Angular distance", "arcsec"),
    class_catalog: varchar("Class by the catalogue").nullable(),
    period: float64("Period by the catalogue", "d").nullable(),
  }),
  primaryKey: ["oid", "catid"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
  relations: {
    object: { kind: "one", model: "object", on: { oid: "oid" } },
  },
}));
