import { SQLConnection } from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  Detection,
} from "@alerce/db-plugins/models";
import { type Line, race } from "./harness.ts";
import { columnsOf, EACH, fillLightCurves } from "./light_curves.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

/** The number of objects that a round reads. */
export const READ = 1_000;
/** The number of detections that it reads of each. */
export const LAST = 5;

/** Compares the relations of rows with the bare driver: the last detections of each object, and their number. */
export async function related(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: ALERCE_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  const detections = columnsOf(Detection.fields);
  const objects = columnsOf(AstroObject.fields);
  const readObjects = async (): Promise<Map<string, Found>> => {
    const { rows } = await bare.query(
      `select ${objects} from object order by oid collate "C" limit ${READ}`,
    );
    return new Map(rows.map((row) => [row.oid, { ...row, detections: [] }]));
  };
  try {
    await fillLightCurves(bare);
    return [
      await race({
        work: `\`include\` of the last ${LAST} of ${EACH} detections of ${
          READ.toLocaleString("en")
        } objects`,
        against: "`pg`, LATERAL over the keys, grouped by a map",
        count: READ,
        unit: "objects",
        least: 0.85,
        ours: async () =>
          summary(
            await db.query(AstroObject).findAll({
              orderBy: { oid: "asc" },
              include: {
                detections: { orderBy: { mjd: "desc" }, limit: LAST },
              },
              limit: READ,
            }),
          ),
        bare: async () => {
          const byOid = await readObjects();
          const { rows } = await bare.query({
            name: "last_detections",
            text:
              `select d.* from unnest($1::text[]) as keys(oid) cross join lateral
               (select ${detections} from detection where oid = keys.oid
                order by mjd desc, candid, oid limit ${LAST}) as d`,
            values: [[...byOid.keys()]],
          });
          for (const row of rows) byOid.get(row.oid)?.detections.push(row);
          return summary([...byOid.values()]);
        },
      }),
      await race({
        work: `\`counts\` of the ${EACH} detections of ${
          READ.toLocaleString("en")
        } objects`,
        against: "`pg`, GROUP BY, a query per table",
        count: READ,
        unit: "objects",
        least: 0.85,
        ours: async () =>
          (await db.query(AstroObject).findAll({
            orderBy: { oid: "asc" },
            counts: ["detections"],
            limit: READ,
          })).map(({ oid, counts }) => [oid, counts.detections]),
        bare: async () => {
          const byOid = await readObjects();
          const { rows } = await bare.query({
            text:
              "select oid, count(*)::int as n from detection where oid = any($1) group by oid",
            values: [[...byOid.keys()]],
          });
          const numbers = new Map<string, number>(
            rows.map(({ oid, n }) => [oid, n]),
          );
          return [...byOid.keys()].map((oid) => [oid, numbers.get(oid) ?? 0]);
        },
      }),
    ];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** An object with its detections. */
export interface Found {
  readonly detections: object[];
}

/** Returns what both must read equally: the numbers of rows, and the last of them. */
export function summary(objects: readonly Found[]): unknown {
  const all = objects.flatMap(({ detections }) => detections);
  return {
    objects: objects.length,
    count: all.length,
    last: { ...all.at(-1) },
  };
}
