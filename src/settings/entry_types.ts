import type { AnyModel } from "../model/types.ts";

/** Settings of databases by key: `SQL`, `MONGO`, or any other name. */
export type DbConfig = Readonly<Record<string, object | DbEntry>>;

/**
 * The keys of an entry that select the engine. With these types, the compiler
 * completes `ENGINE`, and keeps its value in `{ … } satisfies DbConfig`.
 * @internal
 */
interface DbEntry {
  readonly [key: string]: unknown;
  readonly ENGINE?:
    | "postgresql"
    | "pglite"
    | "mongodb"
    | (string & Record<never, never>)
    | undefined;
  readonly URL?:
    | `${"postgresql" | "postgres" | "mongodb" | "mongodb+srv"}://${string}`
    | (string & Record<never, never>)
    | undefined;
}

/**
 * The keys of settings in capitals, as the settings are read.
 * @internal
 */
export type Settings<Entry> = {
  readonly [Key in keyof Entry as Uppercase<Key & string>]: Entry[Key];
};

/**
 * The keys of an entry that tell it from a `DB_CONFIG`.
 * @internal
 */
type EntryKey =
  | "ENGINE"
  | "HOST"
  | "URL"
  | "SQLALCHEMY_DATABASE_URL"
  | "DATABASE";

/**
 * The entry that `connect` takes; `object` if the types do not say which. `Db` is
 * never if the call does not choose an entry.
 * @internal
 */
export type EntryOf<Config, Db extends string> = [Db] extends [never]
  ? [EntryKey & keyof Settings<Config>] extends [never] ? Named<
      Config,
      "SQL" extends keyof Config ? "SQL" : OnlyKey<keyof Config>
    >
  : Settings<Config>[EntryKey & keyof Settings<Config>] extends
    string | number | undefined ? Config
  : object
  : Named<Config, Db>;

/**
 * The entry of a key. The key `MONGO` selects the engine if the entry has no `ENGINE`.
 * @internal
 */
type Named<Config, Key> = Key extends keyof Config
  ? Uppercase<Key & string> extends "MONGO"
    ? "ENGINE" extends keyof Settings<Config[Key]> ? Config[Key]
    : Config[Key] & { readonly ENGINE: "mongodb" }
  : Config[Key]
  : object;

/**
 * A key, if it is not one of several.
 * @internal
 */
type OnlyKey<Key, Keys = Key> = Key extends unknown
  ? [Keys] extends [Key] ? Key : never
  : never;

/**
 * The name of the engine of an entry; `string` if the types do not say which.
 * @internal
 */
export type EngineOf<Entry> = string extends keyof Entry ? string
  : Settings<Entry> extends infer Known
    ? Known extends { readonly ENGINE: infer Name extends string } ? Name
    : "ENGINE" extends keyof Known ? string
    : Known extends { readonly URL: `mongodb${"" | "+srv"}:${string}` }
      ? "mongodb"
    : Known extends { readonly URL: `postgres${string}` } ? "postgresql"
    : "URL" extends keyof Known ? string
    : Known extends { readonly DATABASE: string } ? "mongodb"
    : "DATABASE" extends keyof Known ? string
    : Known extends { readonly DB_NAME: string } | {
      readonly SQLALCHEMY_DATABASE_URL: string;
    } ? "postgresql"
    : string
  : never;

/**
 * The models of an entry: its `MODELS`, or those of the option `models`.
 * @internal
 */
export type ModelsOfEntry<Entry, Models extends readonly AnyModel[]> =
  Settings<Entry> extends
    { readonly MODELS: infer Own extends readonly AnyModel[] } ? Own
    : "MODELS" extends keyof Settings<Entry> ? readonly AnyModel[]
    : Models;
