import {
  recordNoTransactions,
  TransactionError,
} from "../../base/errors/mod.ts";

/** The error about a transaction on a standalone server, which has no log for transactions. */
export function noTransactionsError(cause?: unknown): TransactionError {
  return recordNoTransactions(
    new TransactionError(
      "Cannot begin a transaction: this MongoDB server is standalone, and transactions require a replica set. One node is enough: start mongod with --replSet rs0 and run rs.initiate() once. Without a replica set, all methods outside transaction() work",
      { cause },
    ),
  );
}
