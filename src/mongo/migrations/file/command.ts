import type { ClientSession, Db, Document } from "mongodb";
import { DatabaseError } from "../../../base/errors/mod.ts";
import type { MongoDriver } from "../../link/link.ts";
import { entry } from "../../schema/documents.ts";

/** Where commands of files are sent. */
export interface Target {
  readonly driver: MongoDriver;
  readonly db: Db;
  /** The prefix of every collection name: empty, except when a plan is tried. */
  readonly prefix: string;
  /** The session through which a running command can be stopped. */
  readonly session?: ClientSession | undefined;
}

/** Returns a command's name and its collection. */
export function subjectOf(
  command: Document,
): { readonly name: string; readonly collection: string } {
  const [name = "", collection] = Object.entries(command)[0] ?? [];
  return { name, collection: String(collection) };
}

/**
 * Sends a command with write concern `majority`.
 *
 * @param limit milliseconds that the command may take; 0 means no limit
 * @throws {DatabaseError} if a part of the command fails
 */
export async function send(
  { driver, db, prefix, session }: Target,
  command: Document,
  limit = 0,
): Promise<Document> {
  const { name, collection } = subjectOf(command);
  const table = prefix + collection;
  const full: Document = {
    ...command,
    [name]: table,
    ...name === "aggregate" ? { cursor: {} } : {},
    ...limit > 0 && command.maxTimeMS === undefined ? { maxTimeMS: limit } : {},
    ...command.writeConcern === undefined
      ? { writeConcern: { w: "majority" } }
      : {},
  };
  const options = session === undefined ? {} : { session };
  const run = async (): Promise<Document> => {
    if (name !== "renameCollection") return await db.command(full, options);
    const within = (name: unknown): string =>
      `${db.databaseName}.${prefix}${name}`;
    return await db.client.db("admin").command({
      ...full,
      renameCollection: within(collection),
      to: within(command.to),
    }, options);
  };
  const result = await driver.send({
    table,
    command: { name },
    work: run,
    rows: (answer) => Number(answer.nModified ?? answer.n ?? 0),
  });
  const [failed]: unknown[] = [
    ...Array.isArray(result.writeErrors) ? result.writeErrors : [],
    ...result.writeConcernError === undefined ? [] : [result.writeConcernError],
  ];
  if (failed === undefined) return result;
  throw new DatabaseError(
    String(entry(failed, "errmsg") ?? "The write failed"),
    { code: String(entry(failed, "code") ?? "") },
  );
}
