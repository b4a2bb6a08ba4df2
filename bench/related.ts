import { type Connection, SQLConnection } from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  type AlerceModels,
  AstroObject,
  Detection,
} from "@alerce/db-plugins/models";
import { type Line, type Race, race } from "./harness.ts";
import { columnsOf, EACH, fillLightCurves, summary } from "./light_curves.ts";
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
    const { included, counted } = relationsOf(db);
    return [
      await race({
        ...included,
        against: "`pg`, LATERAL over the keys, grouped by a map",
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
        ...counted,
        against: "`pg`, GROUP BY, a query per table",
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
interface Found {
  readonly detections: object[];
}

/** Returns the reads of relations through this package, which each database compares with its bare driver. */
export function relationsOf(
  db: Connection<AlerceModels>,
): Record<"included" | "counted", Omit<Race, "against" | "bare">> {
  const query = db.query(AstroObject);
  const first = { orderBy: { oid: "asc" }, limit: READ } as const;
  const objects = `${READ.toLocaleString("en")} objects`;
  const common = { count: READ, unit: "objects", least: 0.85 };
  return {
    included: {
      ...common,
      work:
        `\`include\` of the last ${LAST} of ${EACH} detections of ${objects}`,
      ours: async () =>
        summary(
          await query.findAll({
            ...first,
            include: { detections: { orderBy: { mjd: "desc" }, limit: LAST } },
          }),
        ),
    },
    counted: {
      ...common,
      work: `\`counts\` of the ${EACH} detections of ${objects}`,
      ours: async () =>
        (await query.findAll({ ...first, counts: ["detections"] }))
          .map(({ oid, counts }) => [oid, counts.detections]),
    },
  };
}
