// MongoDB databases to migrate, and their contents as the server describes them.
import {
  type AnyModel,
  defineModel,
  type Index,
  MongoConnection,
} from "@alerce/db-plugins";
import type { MongoOptions } from "../../src/model/model.ts";
import {
  makeMigrations,
  type MakeOptions,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import { BSON, type Db, type Document } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoSettings } from "./engines.ts";
import { withoutMongo } from "./mongo_server.ts";

/** Returns a model whose fields the compiler does not know. */
export function modelOf(
  name: string,
  fields: Readonly<Record<string, z.ZodType>>,
  options: {
    readonly renamedFrom?: string;
    readonly primaryKey?: readonly string[];
    readonly unique?: readonly (readonly string[])[];
    readonly indexes?: readonly Index[];
    readonly mongo?: MongoOptions;
  } = {},
): AnyModel {
  return defineModel(name, { fields: z.object(fields), ...options });
}

/** A connection with some models. */
export class Place extends MongoConnection<readonly AnyModel[]> {
  /** The database. */
  get db(): Db {
    return this.backend().db;
  }
}

/** A database and a folder that no other test uses. */
export interface Migrated {
  /** The migrations folder. */
  readonly directory: string;
  /** The database's settings. */
  readonly settings: { readonly URL: string; readonly DATABASE: string };
  /** Connects with these models; the test closes the connection at its end. */
  open(models: readonly AnyModel[]): Promise<Place>;
  /** Connects to another database, which the test drops at its end. */
  elsewhere(models: readonly AnyModel[]): Promise<Place>;
  /** Another database and folder for work at the same time, dropped when disposed. */
  apart(): Promise<Migrated & AsyncDisposable>;
}

/** Runs a test on a database and a folder of its own. */
export function mongoTest(
  name: string,
  fn: (place: Migrated) => Promise<void>,
  settings: () => { URL: string; DATABASE: string } = mongoSettings,
): void {
  Deno.test({
    name: `mongodb migrations: ${name}`,
    ignore: withoutMongo,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using place = await migrated(settings);
      await fn(place);
    },
  });
}

async function migrated(
  settings: () => { URL: string; DATABASE: string },
): Promise<Migrated & AsyncDisposable> {
  const ends = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "dbp-migrations-" });
  ends.defer(() => Deno.remove(directory, { recursive: true }));
  const here = settings();
  const open = async (
    models: readonly AnyModel[],
    where: { URL: string; DATABASE: string },
  ): Promise<Place> => {
    const place = new Place({ models });
    await place.connect(where);
    ends.defer(async () => {
      await place.db.dropDatabase();
      await place.close();
    });
    return place;
  };
  return {
    directory,
    settings: here,
    open: (models) => open(models, here),
    elsewhere: (models) => open(models, settings()),
    apart: () => migrated(settings),
    [Symbol.asyncDispose]: () => ends.disposeAsync(),
  };
}

/** Returns every collection with its rules and the definitions of its indexes, except for this package's own collections. */
export async function catalog(db: Db): Promise<Document> {
  const listed = await db.listCollections().toArray();
  const entries: [string, unknown][] = [];
  for (const info of listed) {
    const { name } = info;
    if (name.startsWith("dbp_")) continue;
    const { validator, validationLevel, validationAction, ...others }:
      Document = ("options" in info ? info.options : undefined) ?? {};
    const indexes = await db.collection(name).listIndexes().toArray();
    const hasRules = validator && Object.keys(validator).length > 0;
    entries.push([name, {
      ...others,
      ...hasRules
        ? {
          level: validationLevel ?? "strict",
          action: validationAction ?? "error",
          rules: sorted(validator),
        }
        : {},
      indexes: indexes.map(({ v: _v, name: _name, ...index }) =>
        BSON.EJSON.stringify(index, { relaxed: true })
      ).sort(),
    }]);
  }
  return Object.fromEntries(
    entries.sort(([one], [other]) => one < other ? -1 : 1),
  );
}

/** Sorts keys and lists of names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1).map((
      [key, inner],
    ) => [
      key,
      key === "required" && Array.isArray(inner)
        ? inner.toSorted()
        : sorted(inner),
    ]),
  );
}

/** Returns every document of every collection, sorted by `_id`. */
export async function documents(db: Db): Promise<Document> {
  const listed = await db.listCollections().toArray();
  const all: [string, Document[]][] = [];
  for (const { name } of listed) {
    if (name.startsWith("dbp_")) continue;
    all.push([
      name,
      await db.collection(name).find().sort({ _id: 1 }).toArray(),
    ]);
  }
  return Object.fromEntries(all);
}

/** Options of an oracle. */
export interface OracleOptions
  extends Pick<MakeOptions, "renames" | "drops" | "defaults"> {
  /** Inserts documents into the old collections. */
  readonly fill?: (db: Db) => Promise<void>;
  /** The error of a rollback that is not possible. */
  readonly stopsAt?: RegExp;
}

/** The result of an oracle. */
export interface OracleReport {
  readonly up: string;
  readonly down: string;
  /** The database with the new models. */
  readonly place: Place;
}

/**
 * Creates a database of the old models, migrates it to the new ones, and
 * compares it with a database that was created from those directly. Then rolls
 * back, and migrates again.
 */
export async function oracle(
  { directory, open, elsewhere }: Migrated,
  old: readonly AnyModel[],
  young: readonly AnyModel[],
  { fill = () => Promise.resolve(), stopsAt, ...options }: OracleOptions = {},
): Promise<OracleReport> {
  const first = await open(old);
  await makeMigrations(first, { directory });
  await migrate(first, { directory });
  await fill(first.db);
  const before = await catalog(first.db);
  const place = await open(young);
  const { files } = await makeMigrations(place, { directory, ...options });
  assert(files !== undefined, "there are changes");
  assert.deepEqual(await catalog(first.db), before, "a plan leaves no trace");
  await migrate(place, { directory });
  const direct = await elsewhere(young);
  await direct.createDb();
  const after = await catalog(place.db);
  assert.deepEqual(after, await catalog(direct.db), "as created directly");
  const again = await makeMigrations(place, { directory, ...options });
  assert.deepEqual([again.files, again.changes], [undefined, []]);
  assert.deepEqual((await place.migrations().differences([])).changes, []);
  if (stopsAt !== undefined) {
    await assert.rejects(rollback(place, { directory }), stopsAt);
    return { up: files.upText, down: files.downText, place };
  }
  await rollback(place, { directory });
  assert.deepEqual(await catalog(place.db), before, "as at the start");
  await migrate(place, { directory });
  assert.deepEqual(await catalog(place.db), after, "up again");
  return { up: files.upText, down: files.downText, place };
}
