import {
  type Connection,
  defineModel,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { z } from "zod";
import { type Line, type Race, race } from "./harness.ts";
import { bareMongoClient } from "./mongo_bare.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

const ROWS = 1_000_000;
const OBJECTS = 2_000;
const FILTERS = 3;
const DATABASE = "bench_aggregate";

const Measurement = defineModel("measurement", {
  fields: z.object({
    id: z.int64(),
    oid: z.string(),
    fid: z.int32(),
    mjd: z.float64(),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["id"],
});
const MODELS = [Measurement] as const;

/** A group of both sides. */
interface Group {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly mean: number;
}

/** Compares `aggregate` with the same SQL. */
export async function aggregate(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    await bare.query(
      `insert into measurement select n, 'ZTF18' || (1000000 + n % ${OBJECTS}), 1 + n % ${FILTERS}, 58000 + n / 1000.0, case when n % 7 > 0 then 15 + n % 70 / 10.0 end from generate_series(0, ${
        ROWS - 1
      }) n`,
    );
    await bare.query("vacuum analyze measurement");
    return [
      await race({
        ...grouped(db),
        against: "`pg`, the same GROUP BY",
        bare: async () => {
          const { rows } = await bare.query({
            name: "groups",
            text:
              "select oid, fid, count(*)::int as count, min(mjd) as first, max(mjd) as last, avg(mag) as mean from measurement group by oid, fid",
          });
          return summary(rows);
        },
      }),
    ];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** Compares `aggregate` with the same `$group`. */
export async function mongoAggregate(url: string): Promise<Line[]> {
  await using db = new MongoConnection({ models: MODELS });
  await db.connect({ URL: url, DATABASE });
  await db.createDb();
  const client = bareMongoClient(url);
  const collection = client.db(DATABASE).collection(Measurement.table);
  try {
    await db.query(Measurement).bulkInsert(measurements());
    return [
      await race({
        ...grouped(db),
        against: "`mongodb`, the same `$group`",
        bare: async () =>
          summary(
            await collection.aggregate<Group>([
              {
                $group: {
                  _id: { oid: "$oid", fid: "$fid" },
                  count: { $sum: 1 },
                  first: { $min: "$mjd" },
                  last: { $max: "$mjd" },
                  mean: { $avg: "$mag" },
                },
              },
            ]).toArray(),
          ),
      }),
    ];
  } finally {
    await client.close();
    await db.dropDb();
  }
}

/** The aggregate through this package, which each database compares with its bare driver. */
function grouped(
  db: Connection<typeof MODELS>,
): Omit<Race, "against" | "bare"> {
  return {
    work: `\`aggregate\` of ${ROWS.toLocaleString("en")} rows by two fields, ${
      (OBJECTS * FILTERS).toLocaleString("en")
    } groups`,
    count: ROWS,
    unit: "rows",
    least: 0.95,
    rounds: 5,
    ours: async () => {
      const groups = await db.query(Measurement).aggregate({
        groupBy: ["oid", "fid"],
        count: true,
        min: ["mjd"],
        max: ["mjd"],
        avg: ["mag"],
      });
      return summary(
        groups.map(({ count, min, max, avg }) => ({
          count,
          first: min.mjd ?? NaN,
          last: max.mjd ?? NaN,
          mean: avg.mag ?? NaN,
        })),
      );
    },
  };
}

/** Returns what both must compute equally. */
function summary(groups: readonly Group[]): unknown {
  const sum = (value: (group: Group) => number): number =>
    Math.round(groups.reduce((total, group) => total + value(group), 0));
  return {
    groups: groups.length,
    count: sum(({ count }) => Number(count)),
    first: sum(({ first }) => first),
    last: sum(({ last }) => last),
    mean: sum(({ mean }) => mean),
  };
}

function* measurements() {
  for (let at = 0; at < ROWS; at++) {
    yield {
      id: BigInt(at),
      oid: `ZTF18${1_000_000 + at % OBJECTS}`,
      fid: 1 + at % FILTERS,
      mjd: 58_000 + at / 1_000,
      mag: at % 7 > 0 ? 15 + at % 70 / 10 : null,
    };
  }
}
