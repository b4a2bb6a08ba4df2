import type { Collection, Db, Document, MongoClient } from "mongodb";
import type { OpenOptions } from "../../engine/engine.ts";
import { createPendingCalls } from "./pending_calls.ts";
import type { ErrorMapper } from "./errors.ts";
import { noTransactionsError } from "../link/no_transactions_error.ts";
import type { MongoDriver, MongoLink, ReportedCommand } from "../link/link.ts";
import { closeClient } from "./close_client.ts";
import { countCheckouts } from "./count_checkouts.ts";
import { keepMonitoring } from "./keep_monitoring.ts";
import { createBoundedRun } from "./bounded_work.ts";
import { type SendCommand, sessionLink } from "./session_link.ts";
import { beginTransaction } from "./transaction.ts";
import { recordOutcome } from "./write_outcome.ts";
import {
  queryReporter,
  type ReportQuery,
} from "../../engine/query_reporter.ts";
import { type Address, followServers } from "./server_address.ts";
import { commandText } from "./command_text.ts";
import { explainCommand } from "./explain.ts";

/** Options of a call outside a transaction. */
const NO_OPTIONS = Object.freeze({});

interface DriverOptions
  extends Pick<OpenOptions, "onQuery" | "logValues" | "slowQueries"> {
  /** The database with the read preference of the client. */
  readonly native: Db;
  readonly server: string;
  readonly hosts: string;
  /** The answer of the first server. */
  readonly hello: Document;
  /** Whether closing the driver closes the client. */
  readonly isOwned: boolean;
  /** The longest wait for the answer to a command, in milliseconds. */
  readonly callTimeout: number | undefined;
}

/** Creates the driver of a connected client. */
export function createDriver(
  client: MongoClient,
  db: Db,
  mapError: ErrorMapper,
  options: DriverOptions,
): MongoDriver {
  const transactions = hasTransactions(options.hello);
  const servers = followServers(client, options.hosts, options.hello);
  const reporterAt = (address: () => Address) =>
    queryReporter<ReportedCommand>(options, {
      server: options.server,
      address,
      explain: (command) => explainCommand(options.native, command),
      describe: ({ table, command }) => commandText(table, command),
      mapError: (error, { table, command }) => mapError(error, table, command),
    });
  const report = reporterAt(servers.primary);
  const stopMonitoring = keepMonitoring(client);
  const checkouts = countCheckouts(client);
  const pending = createPendingCalls();
  const run = createBoundedRun(client, options.callTimeout, options.server);
  /** Creates the link of commands outside of transactions. */
  const linkTo = (
    collectionOf: (table: string) => Collection,
    report: ReportQuery<ReportedCommand>,
  ): MongoLink => {
    const send: SendCommand = (call, work) => {
      const before = checkouts.count;
      return report(
        call,
        () =>
          pending.run(
            () => work(collectionOf(call.table)),
            (error) =>
              recordOutcome(error, call.command, checkouts.count !== before),
          ),
        call.rows,
      );
    };
    const link: MongoLink = options.callTimeout === undefined
      ? {
        send: (call) =>
          send(call, (collection) => call.work(collection, NO_OPTIONS)),
      }
      : sessionLink(client, send, run);
    return {
      ...link,
      limited: (signal) => sessionLink(client, send, run, signal),
    };
  };
  const collectionOf = collectionsOf(db);
  const { mode = "primary" } = options.native.readPreference ?? {};
  return {
    ...linkTo(collectionOf, report),
    reader: mode === "primary"
      ? undefined
      : linkTo(collectionsOf(options.native), reporterAt(servers.member)),
    server: options.server,
    db,
    native: options.native,
    transactions,
    async mapErrors(work) {
      try {
        return await work();
      } catch (error) {
        throw mapError(error);
      }
    },
    begin(signal) {
      if (!transactions) throw noTransactionsError();
      return beginTransaction({ client, report, run, collectionOf }, signal);
    },
    async close() {
      stopMonitoring();
      checkouts.stop();
      servers.stop();
      if (options.isOwned) await closeClient(client);
      await pending.end();
    },
  };
}

/** Returns the collections of a database. Each object is created once: the driver resolves its options anew for each. */
function collectionsOf(db: Db): (table: string) => Collection {
  const collections = new Map<string, Collection>();
  return (table) => {
    const known = collections.get(table);
    if (known !== undefined) return known;
    const collection = db.collection(table);
    collections.set(table, collection);
    return collection;
  };
}

/** Whether the server supports transactions: a replica set member or a router. */
function hasTransactions(hello: Document): boolean {
  return "setName" in hello || hello.msg === "isdbgrid";
}
