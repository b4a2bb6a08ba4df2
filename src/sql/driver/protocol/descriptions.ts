import type { Column } from "../../link/link.ts";

/** The columns of statements, by the text that statements with the same columns share. */
export interface Descriptions {
  /** Returns the columns in the formats in which they are requested; undefined if they are unknown. */
  get(shape: string): readonly Column[] | undefined;
  /** Remembers columns, or forgets them. */
  set(shape: string, columns: readonly Column[] | undefined): void;
}

/** The number of remembered texts. */
const MOST = 1_000;
/** The length of the longest remembered text, in characters. */
const LONGEST = 8_000;

/** Creates the descriptions of a database, without any at first. It forgets the oldest ones. */
export function createDescriptions(): Descriptions {
  const known = new Map<string, readonly Column[]>();
  return {
    get: (shape) => known.get(shape),
    set(shape, columns) {
      known.delete(shape);
      if (columns === undefined || shape.length > LONGEST) return;
      known.set(shape, columns);
      const [oldest] = known.keys();
      if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    },
  };
}
