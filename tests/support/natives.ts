import {
  defineModel,
  type Insertable,
  type Model,
  type QueryEvent,
  SQLConnection,
} from "@alerce/db-plugins";
import { Sighting, Star } from "@alerce/db-plugins/testing";
import { z } from "zod";
import { freshPglite, freshSchema, postgresSettings } from "./engines.ts";

/** A row of {@link Renamed}. */
interface ThingRow {
  id: bigint;
  mag: number | null;
  day: Date | null;
  small: bigint | null;
  tags: number[] | null;
  notes: unknown;
}

/** A model whose columns have other names and types than its fields. */
export const Renamed: Model<
  ThingRow,
  Insertable<ThingRow>,
  "thing",
  object,
  "id"
> = defineModel("thing", {
  table: "the.thing as it is",
  fields: z.object({
    id: z.int64().meta({ column: "Ident ity" }),
    mag: z.float32().nullable().meta({ column: 'm"ag', sqlType: "numeric" }),
    day: z.date().nullable().meta({ sqlType: "date" }),
    small: z.int64().nullable().meta({ sqlType: "smallint" }),
    tags: z.array(z.int32()).nullable(),
    notes: z.unknown().nullable(),
  }),
  primaryKey: ["id"],
});
const MODELS: readonly [typeof Star, typeof Sighting, typeof Renamed] = [
  Star,
  Sighting,
  Renamed,
];
type Db = SQLConnection<typeof MODELS>;

/** The rows of {@link Renamed}. */
export const THINGS: readonly ThingRow[] = [
  {
    id: 9_007_199_254_740_993n,
    mag: Math.fround(0.1),
    day: new Date("2018-06-01T00:00:00Z"),
    small: 7n,
    tags: [1, 2],
    notes: { a: [1] },
  },
  { id: 2n, mag: 2.5, day: null, small: null, tags: [], notes: null },
  { id: 3n, mag: null, day: null, small: -1n, tags: null, notes: "x" },
];

let pglite: ReturnType<typeof freshPglite> | undefined;

/** Registers a test on a PostgreSQL server and on PGlite, each with some rows. */
export function native(
  name: string,
  run: (db: Db, sent: QueryEvent[]) => Promise<void>,
): void {
  for (const engine of ["postgresql", "pglite"]) {
    Deno.test({
      name: `${engine}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const client = engine === "pglite"
          ? await (pglite ??= freshPglite())
          : undefined;
        const settings = engine === "pglite" ? {} : postgresSettings();
        const db = new SQLConnection({ models: MODELS, client });
        const sent: QueryEvent[] = [];
        await db.connect({ ...settings, SCHEMA: freshSchema() }, {
          onQuery: (event) => sent.push(event),
        });
        await db.createDb();
        await db.query(Renamed).bulkInsert(THINGS);
        await db.query(Star).bulkInsert([
          { id: 2n, name: "two", labels: ["a", "b,c"], seen: new Date(5) },
          { id: 3n, name: "three", notes: [1] },
        ]);
        await db.query(Sighting).bulkInsert([
          { star: 2n, night: 1, quality: 0.5 },
          { star: 2n, night: 2, quality: 1 },
        ]);
        await run(db, sent);
        if (name.includes("closed")) return;
        await db.dropDb();
        await db.close();
      },
    });
  }
}
