import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float64, varchar } from "../../model/columns.ts";
import type { AllwiseInsert, AllwiseRow } from "./rows/allwise.ts";

/** `allwise`: one source of the AllWISE catalogue. */
export const Allwise: Model<
  AllwiseRow,
  AllwiseInsert,
  "allwise",
  object,
  "oid_catalog"
> = deferredModel("allwise", () => ({
  fields: z.object({
    oid_catalog: varchar("Identifier of the source"),
    ra: float64("Right ascension, J2000", "deg"),
    dec: float64("Declination, J2000", "deg"),
    w1mpro: float64("Magnitude W1, profile fit", "mag").nullable(),
    w2mpro: float64("Magnitude W2, profile fit", "mag").nullable(),
    w3mpro: float64("Magnitude W3, profile fit", "mag").nullable(),
    w4mpro: float64("Magnitude W4, profile fit", "mag").nullable(),
    w1sigmpro: float64("Uncertainty of W1", "mag").nullable(),
    w2sigmpro: float64("Uncertainty of W2", "mag").nullable(),
    w3sigmpro: float64("Uncertainty of W3", "mag").nullable(),
    w4sigmpro: float64("Uncertainty of W4", "mag").nullable(),
    j_m_2mass: float64("Magnitude J of the 2MASS source", "mag").nullable(),
    h_m_2mass: float64("Magnitude H of the 2MASS source", "mag").nullable(),
    k_m_2mass: float64("Magnitude K of the 2MASS source", "mag").nullable(),
    j_msig_2mass: float64("Uncertainty of J", "mag").nullable(),
    h_msig_2mass: float64("Uncertainty of H", "mag").nullable(),
    k_msig_2mass: float64("Uncertainty of K", "mag").nullable(),
  }),
  primaryKey: ["oid_catalog"],
  primaryKeyName: "pk_allwise_oid_catalog",
}));
