import type { AnyModel } from "../../model/types.ts";
import type { WriterTarget } from "../../writer/types.ts";

/** What `load` writes to: a connection, or a transaction. */
export interface LoadTarget extends WriterTarget {
  /** Creates the missing tables of models; a transaction does not. */
  createDb?(
    options: { models: readonly AnyModel[] },
  ): Promise<{ readonly created: readonly string[] }>;
}
