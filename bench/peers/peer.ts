/** A row, with a property for each column. */
export type Row = Record<string, unknown>;

/** The primary key of `detection`. */
export interface Key {
  readonly candid: bigint;
  readonly oid: string;
}

/** A row of `detection` to write. */
export interface DetectionRow extends Key {
  readonly mjd: number;
  readonly fid: number;
  readonly pid: number;
  readonly diffmaglim: number | null;
  readonly isdiffpos: number;
  readonly nid: number | null;
  readonly ra: number;
  readonly dec: number;
  readonly magpsf: number;
  readonly sigmapsf: number;
  readonly magap: number | null;
  readonly sigmagap: number | null;
  readonly distnr: number | null;
  readonly rb: number | null;
  readonly rbversion: string | null;
  readonly drb: number | null;
  readonly drbversion: string | null;
  readonly magapbig: number | null;
  readonly sigmagapbig: number | null;
  readonly rfid: number | null;
  readonly magpsf_corr: number | null;
  readonly sigmapsf_corr: number | null;
  readonly sigmapsf_corr_ext: number | null;
  readonly corrected: boolean;
  readonly dubious: boolean;
  readonly parent_candid: bigint | null;
  readonly has_stamp: boolean;
  readonly step_id_corr: string;
}

/** The same functions with this package and with each peer. Absent ones are reported as "not run". */
export interface Peer {
  /** Returns every row of `detection`. */
  findAll(): Promise<readonly object[]>;
  /** Returns 50 rows of `detection` from a candid on, ordered by candid. */
  find(from: bigint): Promise<readonly object[]>;
  /** Returns the first objects by oid, with their `detections` ordered by mjd. */
  include(limit: number): Promise<readonly object[]>;
  /** Returns the row of `detection` with this key. */
  findOne(key: Key): Promise<object | null | undefined>;
  /** Finds or inserts a row of `detection`, safely under concurrency, and returns whether it was inserted. */
  getOrCreate(row: DetectionRow): Promise<boolean>;
  /** Inserts rows into `detection` and skips existing keys. All rows are written or none. */
  bulkInsert(rows: DetectionRow[]): Promise<void>;
  /** Inserts rows into `detection` or updates existing ones. All rows are written or none. */
  bulkUpsert(rows: DetectionRow[]): Promise<void>;
  /** Inserts a row into `detection` or updates the existing one. */
  upsert(row: DetectionRow): Promise<void>;
  /** Iterates over every row of `detection` in constant memory. */
  stream(): AsyncIterable<object>;
  /** Closes the connections. */
  close(): Promise<void>;
}

/** What a process needs to connect and to read its rows. */
export interface Setting {
  /** The URL of the server. */
  readonly url: string;
  /** The path of the rows of `detection`, one JSON object a line. */
  readonly detections: string;
  /** The columns of `detection`. */
  readonly columns: readonly Column[];
}

/** A column and the kind of its values. */
export interface Column {
  readonly name: string;
  readonly kind: string;
}

/** The work of a request. */
export type Work =
  | "findAll"
  | "find"
  | "include"
  | "findOne"
  | "findOneAtOnce"
  | "getOrCreate"
  | "bulkInsert"
  | "bulkInsertNew"
  | "bulkUpsert"
  | "upsert"
  | "stream";

/** A request to a process: one JSON object a line. */
export interface Request {
  readonly work: Work;
  /** Number of calls or rows. */
  readonly count: number;
  /** Whether to return a digest of the rows. */
  readonly digest: boolean;
}

/** The answer of a process: one JSON object a line. */
export interface Answer {
  /** Milliseconds of the work alone. */
  readonly ms: number;
  /** What every peer must return equally. */
  readonly outcome: number;
  /** A digest of the rows, if the request asked for it. */
  readonly digest?: string;
  /** The same without 64-bit integers. */
  readonly digestWithoutIds?: string;
  /** Peak memory of the process in MB, on Linux. */
  readonly megabytes?: number;
  /** Why the work failed. */
  readonly error?: string;
}
