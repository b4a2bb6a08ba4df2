import { type AnyModel, MongoConnection } from "@alerce/db-plugins";
import { freshSchema } from "./engines.ts";
import { test } from "./mongo_case.ts";
import { type MongoServer, startMongo } from "./mongo_server.ts";

let server: Promise<MongoServer> | undefined;

Deno.test.afterAll(async () => await (await server)?.stop());

/** The settings of a database of its own on a standalone server, which has no transactions. All tests share the server. */
export async function standaloneSettings(): Promise<
  { URL: string; DATABASE: string }
> {
  server ??= startMongo({ standalone: true });
  return { URL: (await server).url, DATABASE: freshSchema() };
}

/** Registers a test on such a database with the models' collections. */
export function standaloneTest<const Models extends readonly AnyModel[]>(
  name: string,
  models: Models,
  fn: (db: MongoConnection<Models>) => Promise<void>,
): void {
  test(name, async () => {
    await using db = new MongoConnection({ models });
    await db.connect(await standaloneSettings());
    await db.createDb();
    await fn(db);
  });
}
