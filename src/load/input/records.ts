/** A record of a file: a row of cells, or a line of JSON. */
export interface ReadRecord<Content> {
  /** The line of its beginning, from 1. */
  readonly line: number;
  /** The content. */
  readonly content: Content;
  /** Why the record itself is malformed; undefined if it is well-formed. */
  readonly problem: string | undefined;
  /** Whether the file ends with the record, without a line end: it may be cut off. */
  readonly isCut: boolean;
}

/** Records that are read together. */
export interface ReadPart<Read> {
  readonly records: readonly Read[];
  /** The number of their characters, about. */
  readonly characters: number;
}
