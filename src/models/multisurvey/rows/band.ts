// Written by `deno task row-types` from ../band.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `band`: the name and the order of one survey's band. */
export interface BandRow {
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Telescope: 0 ZTF, 1 LSST. */
  tid: number;
  /** Band, a number within sid and tid. */
  band: number;
  /** Name of the band, as in g. */
  band_name: string;
  /** Position in a list of bands, by wavelength, from 0. */
  order: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `band`. */
export type BandInsert = Insertable<BandRow>;
