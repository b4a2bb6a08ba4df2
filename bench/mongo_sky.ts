import { MongoConnection } from "@alerce/db-plugins";
import { Place } from "@alerce/db-plugins/testing";
import { type Line, race } from "./harness.ts";
import { bareMongoClient } from "./mongo_bare.ts";
import { MODELS, RADIUS, skyOf, type Target } from "./sky.ts";

const DATABASE = "bench_sky";
/** The searches of the bare driver at once. */
const AT_ONCE = 20;
/** The radius of the Earth in meters, as MongoDB converts angles. */
const EARTH = 6_378_100;
/** The number of rows, and of the targets of a round. */
const ROWS = 100_000;
const TARGETS = 2_000;

/** Compares cross-matches with one `$geoNear` a target on MongoDB. */
export async function mongoSky(url: string): Promise<Line[]> {
  await using db = new MongoConnection({ models: MODELS });
  await db.connect({ URL: url, DATABASE });
  await db.createDb();
  const client = bareMongoClient(url);
  const places = client.db(DATABASE).collection(Place.table);
  try {
    const rows = [...positions(ROWS)];
    await db.query(Place).bulkInsert(rows);
    const targets = rows.filter(({ id }) => id % (ROWS / TARGETS) === 0);
    const { crossmatch } = skyOf(db, targets, rows.length);
    const nearest = async ({ ra, dec }: Target): Promise<unknown> => {
      const [row] = await places.aggregate([
        {
          $geoNear: {
            near: { type: "Point", coordinates: [ra - 180, dec] },
            distanceField: "distance",
            maxDistance: RADIUS / 3600 * Math.PI / 180 * EARTH,
            spherical: true,
          },
        },
        { $limit: 1 },
        { $project: { _id: 0, id: 1 } },
      ]).toArray();
      return row?.["id"];
    };
    return [
      await race({
        ...crossmatch,
        against: "`aggregate` with `$geoNear` for each target, 20 at once",
        bare: async () => {
          const found: unknown[] = [];
          for (let at = 0; at < targets.length; at += AT_ONCE) {
            const part = targets.slice(at, at + AT_ONCE);
            found.push(...await Promise.all(part.map(nearest)));
          }
          return found;
        },
      }),
    ];
  } finally {
    await client.close();
    await db.dropDb();
  }
}

/** Returns positions that are spread over the sphere, the same each time. */
function* positions(
  count: number,
): Generator<Target & { readonly part: number }> {
  const step = Math.PI * (3 - Math.sqrt(5));
  for (let id = 0; id < count; id++) {
    yield {
      id,
      ra: id * step * 180 / Math.PI % 360,
      dec: Math.asin(1 - (2 * id + 1) / count) * 180 / Math.PI,
      part: 0,
    };
  }
}
