// Written by `deno task row-types` from ../sid_lut.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `sid_lut`: the name of one kind of objects of a survey. */
export interface SidLutRow {
  /** Kind of objects of a survey. */
  sid: number;
  /** Telescope: 0 ZTF, 1 LSST. */
  tid: number | null;
  /** Name of the kind of objects. */
  survey_name: string;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `sid_lut`. */
export type SidLutInsert = Insertable<SidLutRow>;
