import {
  type Connection,
  defineModel,
  type InsertOf,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { z } from "zod";
import { type Line, type Race, race } from "./harness.ts";
import { bareMongoClient } from "./mongo_bare.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

const SOURCES = 100_000;
const EACH = 3;
const FEW = 100;
/** Reads of a few rows in one round. */
const READS = 30;
const CLASSES = ["SNIa", "AGN", "QSO", "RRL", "EB"];
const DATABASE = "bench_related";

const Source = defineModel("source", {
  fields: z.object({ oid: z.string(), ndet: z.int32(), meanra: z.float64() }),
  primaryKey: ["oid"],
  relations: {
    classes: { kind: "many", model: "source_class", on: { oid: "oid" } },
  },
});
const SourceClass = defineModel("source_class", {
  fields: z.object({
    oid: z.string(),
    classifier: z.string(),
    class_name: z.string(),
    probability: z.float64(),
  }),
  primaryKey: ["oid", "classifier"],
  indexes: [{ fields: ["classifier", "class_name"] }],
});
const MODELS = [Source, SourceClass] as const;

/** A filter that a fifth of the sources match. */
const supernova = { classifier: "c0", class_name: "SNIa" };
const some = { classes: { some: supernova } } as const;
const none = { classes: { none: supernova } } as const;

const few = Array.from({ length: FEW }, (_, at) => oid((at * 7919) % SOURCES));

/** Compares filters by related rows with hand-written SQL. */
export async function relatedFilters(
  settings: ServerSettings,
): Promise<Line[]> {
  await using db = new SQLConnection({ models: MODELS });
  await db.connect(settings);
  await db.createDb();
  await fill(db);
  const bare = await bareClient(settings);
  const exists =
    "exists (select from source_class c where c.oid = s.oid and c.classifier = $1 and c.class_name = $2)";
  const values = Object.values(supernova);
  const common = { unit: "rows", least: 0.9 };
  const { matching, counted, ofFew } = filtersOf(db);
  try {
    await bare.query("vacuum analyze source, source_class");
    return [
      await race({
        ...common,
        ...matching,
        work: "`findAll` by related rows with `some`, 20,000 of 100,000 rows",
        against: "`pg`, a correlated EXISTS",
        bare: async () =>
          (await bare.query({
            name: "some",
            text: `select oid, ndet, meanra from source s where ${exists}`,
            values,
          })).rows.length,
      }),
      await race({
        ...common,
        ...counted,
        work: "`count` by related rows with `none`",
        against: "`pg`, NOT EXISTS",
        bare: async () =>
          Number(
            (await bare.query({
              name: "none",
              text: `select count(*) from source s where not ${exists}`,
              values,
            })).rows[0].count,
          ),
      }),
      await race({
        ...common,
        ...ofFew,
        work: `\`findAll\` by related rows of ${FEW} rows`,
        against: "`pg`, a correlated EXISTS",
        bare: () =>
          inTurn(async () =>
            (await bare.query({
              name: "few",
              text:
                `select oid, ndet, meanra from source s where oid = any($3) and ${exists}`,
              values: [...values, few],
            })).rows.length
          ),
      }),
    ];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** Compares filters by related documents with the fastest hand-written commands. */
export async function mongoRelatedFilters(url: string): Promise<Line[]> {
  await using db = new MongoConnection({ models: MODELS });
  await db.connect({ URL: url, DATABASE });
  await db.createDb();
  await fill(db);
  const client = bareMongoClient(url);
  const sources = client.db(DATABASE).collection(Source.table);
  const classes = client.db(DATABASE).collection(SourceClass.table);
  const common = { unit: "documents", least: 0.8 };
  const { matching, counted, ofFew } = filtersOf(db);
  try {
    return [
      await race({
        ...common,
        ...matching,
        work: "`findAll` by related documents with `some`, 20,000 of 100,000",
        against: "`mongodb`, `distinct` and `$in`",
        bare: async () => {
          const keys = await classes.distinct("oid", supernova);
          return (await sources.find({ oid: { $in: keys } }, {
            batchSize: SOURCES,
          }).toArray()).length;
        },
      }),
      await race({
        ...common,
        ...counted,
        work: "`count` by related documents with `none`",
        against: "`mongodb`, `distinct` and `$nin`",
        bare: async () => {
          const keys = await classes.distinct("oid", supernova);
          return await sources.countDocuments({ oid: { $nin: keys } });
        },
      }),
      await race({
        ...common,
        ...ofFew,
        work: `\`findAll\` by related documents of ${FEW} documents`,
        against: "`mongodb`, `$match` and `$lookup`",
        bare: () =>
          inTurn(async () =>
            (await sources.aggregate([
              { $match: { oid: { $in: few } } },
              {
                $lookup: {
                  from: SourceClass.table,
                  localField: "oid",
                  foreignField: "oid",
                  pipeline: [{ $match: supernova }, { $limit: 1 }],
                  as: "found",
                },
              },
              { $match: { found: { $ne: [] } } },
              { $project: { found: 0 } },
            ]).toArray()).length
          ),
      }),
    ];
  } finally {
    await client.close();
    await db.dropDb();
  }
}

/** Returns the reads through this package, which each database compares with its bare driver. */
function filtersOf(
  db: Connection<typeof MODELS>,
): Record<"matching" | "counted" | "ofFew", Pick<Race, "count" | "ours">> {
  const query = db.query(Source);
  const found = async (filterBy: object): Promise<number> =>
    (await query.findAll({ filterBy })).length;
  return {
    matching: { count: SOURCES, ours: () => found(some) },
    counted: { count: SOURCES, ours: () => query.count({ filterBy: none }) },
    ofFew: {
      count: FEW * READS,
      ours: () => inTurn(() => found({ oid: few, ...some })),
    },
  };
}

async function inTurn(read: () => Promise<number>): Promise<number> {
  let rows = 0;
  for (let at = 0; at < READS; at++) rows += await read();
  return rows;
}

async function fill(db: Connection): Promise<void> {
  await db.query(Source).bulkInsert(sourceRows());
  await db.query(SourceClass).bulkInsert(classRows());
}

function* sourceRows(): Generator<InsertOf<typeof Source>> {
  for (let at = 0; at < SOURCES; at++) {
    yield { oid: oid(at), ndet: at % 50, meanra: at * 0.0036 };
  }
}

function* classRows(): Generator<InsertOf<typeof SourceClass>> {
  for (let at = 0; at < SOURCES * EACH; at++) {
    const [source, classifier] = [Math.floor(at / EACH), at % EACH];
    yield {
      oid: oid(source),
      classifier: `c${classifier}`,
      class_name: CLASSES[(source * 7 + classifier) % CLASSES.length] ?? "",
      probability: ((at * 31) % 100) / 100,
    };
  }
}

function oid(at: number): string {
  return `ZTF18${1_000_000 + at}`;
}
