/** The columns of `object`. */
export interface ObjectColumns {
  oid: string;
  ndethist: number | null;
  ncovhist: number | null;
  mjdstarthist: number | null;
  mjdendhist: number | null;
  corrected: boolean | null;
  stellar: boolean | null;
  ndet: number | null;
  g_r_max: number | null;
  g_r_max_corr: number | null;
  g_r_mean: number | null;
  g_r_mean_corr: number | null;
  meanra: number | null;
  meandec: number | null;
  sigmara: number | null;
  sigmadec: number | null;
  deltajd: number | null;
  firstmjd: number | null;
  lastmjd: number | null;
  step_id_corr: string | null;
  diffpos: boolean | null;
  reference_change: boolean | null;
}

/** The columns of `detection`. */
export interface DetectionColumns {
  candid: bigint;
  oid: string;
  mjd: number;
  fid: number;
  pid: number;
  diffmaglim: number | null;
  isdiffpos: number;
  nid: number | null;
  ra: number;
  dec: number;
  magpsf: number;
  sigmapsf: number;
  magap: number | null;
  sigmagap: number | null;
  distnr: number | null;
  rb: number | null;
  rbversion: string | null;
  drb: number | null;
  drbversion: string | null;
  magapbig: number | null;
  sigmagapbig: number | null;
  rfid: number | null;
  magpsf_corr: number | null;
  sigmapsf_corr: number | null;
  sigmapsf_corr_ext: number | null;
  corrected: boolean;
  dubious: boolean;
  parent_candid: bigint | null;
  has_stamp: boolean;
  step_id_corr: string;
}
