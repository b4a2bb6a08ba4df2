// Written by `deno task row-types` from ../ztf_forced_photometry.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_forced_photometry`: what ZTF measured at the position of a known object. */
export interface ZtfForcedPhotometryRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Identifier of the measurement: pid. */
  measurement_id: bigint;
  /** Processing identifier of the image. */
  pid: bigint | null;
  /** Magnitude (mag). */
  mag: number;
  /** Uncertainty of mag (mag). */
  e_mag: number;
  /** Magnitude corrected for the reference source (mag). */
  mag_corr: number | null;
  /** Uncertainty of mag_corr (mag). */
  e_mag_corr: number | null;
  /** Uncertainty of mag_corr for an extended source (mag). */
  e_mag_corr_ext: number | null;
  /** 1 if the flux of the difference image is positive, -1 if not. */
  isdiffpos: number;
  /** Whether the magnitude could be corrected for the reference source. */
  corrected: boolean;
  /** Whether the correction is dubious. */
  dubious: boolean;
  /** Alert that carried this measurement, if it was not its own. */
  parent_candid: bigint | null;
  /** Survey field. */
  field: number;
  /** Readout channel, 0 to 63. */
  rcid: number;
  /** Processing identifier of the reference image. */
  rfid: bigint;
  /** Effective full width at half maximum of the science image (pixel). */
  sciinpseeing: number;
  /** Background of the science image (DN). */
  scibckgnd: number;
  /** Robust standard deviation of a pixel of the science image (DN). */
  scisigpix: number;
  /** Zero point of the photometry (mag). */
  magzpsci: number;
  /** Uncertainty of magzpsci (mag). */
  magzpsciunc: number;
  /** RMS of the instrumental magnitudes against Pan-STARRS1 (mag). */
  magzpscirms: number;
  /** Colour coefficient of the calibration. */
  clrcoeff: number;
  /** Uncertainty of clrcoeff. */
  clrcounc: number;
  /** Exposure time (s). */
  exptime: number;
  /** RMS of the astrometry in right ascension against Gaia (arcsec). */
  adpctdif1: number;
  /** RMS of the astrometry in declination against Gaia (arcsec). */
  adpctdif2: number;
  /** Expected 5-sigma limit of the difference image (mag). */
  diffmaglim: number;
  /** Observing program: public, collaboration, or Caltech. */
  programid: number;
  /** Status codes of the processing, 0 without warnings. */
  procstatus: string;
  /** Distance to the nearest source of the reference image (arcsec). */
  distnr: number;
  /** Right ascension of the nearest source, J2000 (deg). */
  ranr: number;
  /** Declination of the nearest source, J2000 (deg). */
  decnr: number;
  /** Magnitude of the nearest source of the reference image (mag). */
  magnr: number;
  /** Uncertainty of magnr (mag). */
  sigmagnr: number;
  /** DAOPhot chi of the nearest source. */
  chinr: number;
  /** DAOPhot sharp of the nearest source. */
  sharpnr: number;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_forced_photometry`. */
export type ZtfForcedPhotometryInsert = Insertable<ZtfForcedPhotometryRow>;
