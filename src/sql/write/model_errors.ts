import type { AnyModel } from "../../model/types.ts";
import { errorOfModel } from "../driver/constraint_error.ts";
import type { SqlLink, SqlTransaction } from "../link/link.ts";

/** Returns a link whose errors name the model that a statement writes. */
export function linkOfModel(link: SqlLink, model: AnyModel): SqlLink {
  return {
    query: (command, rows) => named(link.query(command, rows), model),
  };
}

/** Returns a transaction whose errors name the model that its statements write. */
export function transactionOfModel(
  tx: SqlTransaction,
  model: AnyModel,
): SqlTransaction {
  return {
    ...tx,
    ...linkOfModel(tx, model),
    copyIn: (target, chunks) => named(tx.copyIn(target, chunks), model),
  };
}

async function named<T>(work: Promise<T>, model: AnyModel): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw errorOfModel(error, model);
  }
}
