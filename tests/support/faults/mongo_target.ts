import { type DatabaseConnection, MongoConnection } from "@alerce/db-plugins";
import { type Document, MongoClient } from "mongodb";
import {
  type EntryRow,
  FAULT_MODELS,
  type ItemRow,
  type PairRow,
} from "./models.ts";
import type { Target } from "./run.ts";

/**
 * The collections of the writers in a database.
 *
 * @param through the settings of the way to the server that has the faults
 * @param server the URL of the server or replica set
 */
export async function mongoTarget(
  through: Readonly<Record<string, unknown>>,
  server: string,
  database: string,
): Promise<Target> {
  /** The name of the connections under faults. */
  const application = `dbp-faults ${database}`;
  const direct = new MongoConnection({ models: FAULT_MODELS });
  await direct.connect({ URL: server, DATABASE: database });
  await direct.createDb();
  await direct.close();
  const asked = async <T>(
    ask: (client: MongoClient) => Promise<T>,
  ): Promise<T> => {
    await using client = new MongoClient(server, { useBigInt64: true });
    return await ask(client);
  };
  const kept = (areOpen: boolean): Promise<string[]> =>
    asked(async (client) => {
      const operations = await client.db("admin").aggregate([
        {
          $currentOp: {
            idleConnections: true,
            idleSessions: true,
            idleCursors: true,
            allUsers: true,
          },
        },
        {
          $match: {
            $or: [
              { "clientMetadata.application.name": application },
              { appName: application },
              { type: "idleCursor", ns: { $regex: `^${database}\\.` } },
            ],
          },
        },
      ]).toArray();
      return operations.flatMap((operation) => keptBy(operation, areOpen));
    });
  return {
    promises: { areBulkWritesAtomic: false },
    async connect(): Promise<DatabaseConnection> {
      const db = new MongoConnection({ models: FAULT_MODELS });
      await db.connect({
        DATABASE: database,
        APP_NAME: application,
        ...through,
      });
      return db;
    },
    rows: () =>
      asked(async (client) => {
        const all = async <Row extends Document>(name: string) =>
          await client.db(database).collection<Row>(name).find({}, {
            projection: { _id: 0 },
            readConcern: "majority",
          }).toArray();
        return {
          item: await all<ItemRow>("item"),
          pair: await all<PairRow>("pair"),
          entry: await all<EntryRow>("entry"),
        };
      }),
    open: () => kept(true),
    left: () => kept(false),
  };
}

/** Describes what an operation of `$currentOp` holds. */
function keptBy(operation: Document, areOpen: boolean): string[] {
  const { type, transaction, desc, client, active, command } = operation;
  if (type === "idleCursor") return ["a cursor"];
  if (transaction !== undefined) return ["a transaction"];
  return areOpen || type === "idleSession" ? [] : [
    `the connection ${desc} from ${client}, ${active ? "active" : "idle"}: ${
      Object.keys(command ?? {})[0]
    }`,
  ];
}
