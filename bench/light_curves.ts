import { type InsertOf, SQLConnection } from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  Detection,
} from "@alerce/db-plugins/models";
import type pg from "pg";
import { type Line, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { FIRST, rowsOf } from "./tables.ts";

/** The number of objects, and of the detections of each. */
export const OBJECTS = 2_000;
export const EACH = 50;
const FINDS = 500;
const INCLUDED = 1_000;

/** Compares reads of light curves with the bare driver: the detections of one object, and objects with their detections. */
export async function lightCurves(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: ALERCE_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    await fillLightCurves(bare);
    const detections = columnsOf(Detection.fields);
    const objects = columnsOf(AstroObject.fields);
    const oid = (index: number): string => `ZTF18${1_000_000 + index}`;
    return [
      await race({
        work: `\`findAll\` of the ${EACH} detections of an object, 30 columns`,
        against: "`pg`, prepared by name",
        count: FINDS,
        unit: "objects",
        least: 1.3,
        ours: () =>
          inTurn(async (index) =>
            (await db.query(Detection).findAll({
              filterBy: { oid: oid(index) },
              orderBy: { mjd: "asc" },
            })).map(plain)
          ),
        bare: () =>
          inTurn(async (index) =>
            (await bare.query({
              name: "of_object",
              text:
                `select ${detections} from detection where oid = $1 order by mjd`,
              values: [oid(index)],
            })).rows
          ),
      }),
      await race({
        work: `\`include\` of the detections of ${
          INCLUDED.toLocaleString("en")
        } objects, ${EACH} each`,
        against: "`pg`, a query per table, grouped by a map",
        count: INCLUDED,
        unit: "objects",
        least: 2,
        ours: async () =>
          summary(
            await db.query(AstroObject).findAll({
              include: ["detections"],
              orderBy: { oid: "asc" },
              limit: INCLUDED,
            }),
          ),
        bare: async () => {
          const { rows } = await bare.query(
            `select ${objects} from object order by oid collate "C" limit ${INCLUDED}`,
          );
          const byOid = new Map<string, Record<string, unknown>>();
          for (const row of rows) {
            row.detections = [];
            byOid.set(row.oid, row);
          }
          const found = await bare.query(
            `select ${detections} from detection where oid = any($1) order by mjd`,
            [[...byOid.keys()]],
          );
          for (const row of found.rows) {
            const list = byOid.get(row.oid)?.detections;
            if (Array.isArray(list)) list.push(row);
          }
          return summary(rows);
        },
      }),
    ];
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

async function inTurn(
  find: (index: number) => Promise<readonly object[]>,
): Promise<unknown> {
  let last: readonly object[] = [];
  for (let index = 0; index < FINDS; index++) {
    last = await find((index * 7919) % OBJECTS);
  }
  return last;
}

function plain(row: object): object {
  return { ...row };
}

/** Returns what both must read equally: the numbers of rows, and the last of them. */
export function summary(
  objects: readonly { readonly detections?: readonly object[] }[],
): unknown {
  const all = objects.flatMap(({ detections }) => detections ?? []);
  return {
    objects: objects.length,
    count: all.length,
    last: { ...all.at(-1) },
  };
}

/** Returns the columns of fields, separated by commas. */
export function columnsOf(
  fields: readonly { readonly column: string }[],
): string {
  return fields.map(({ column }) => `"${column}"`).join(", ");
}

/** Inserts objects on the server. */
export async function fillObjects(
  bare: pg.Client,
  objects: number,
): Promise<void> {
  await bare.query(
    `insert into object ("oid", "ndet", "corrected", "stellar", "meanra", "meandec", "firstmjd", "lastmjd", "step_id_corr")
     select 'ZTF18' || (1000000 + n), ${EACH}, true, false, random() * 360, random() * 90, 58000, 58100, 'bench'
     from generate_series(0, ${objects - 1}) n`,
  );
  await bare.query("analyze object");
}

/** Returns detections of these objects, as rows. */
export function detectionsOf(
  count: number,
  objects: number,
): InsertOf<typeof Detection>[] {
  return rowsOf(Detection, count).map((row, index) => ({
    ...row,
    candid: FIRST + BigInt(index),
    oid: `ZTF18${1_000_000 + (index * 7919) % objects}`,
    mjd: 58_000 + index / 1_000,
    magpsf: 15 + (index * 7919 % 50_000) / 10_000,
    fid: 1 + index % 3,
  }));
}

/** Inserts objects with their detections on the server. */
export async function fillLightCurves(bare: pg.Client): Promise<void> {
  await fillObjects(bare, OBJECTS);
  const values = Detection.fields.map(({ name, type, nullable }) => {
    if (name === "candid") return "516171791415015025 + n";
    if (name === "oid") return `'ZTF18' || (1000000 + n % ${OBJECTS})`;
    if (name === "mjd") return `58000 + n / 1000.0`;
    switch (type.kind) {
      case "int64":
        return "n";
      case "int32":
        return "n % 10000";
      case "float64":
        return nullable
          ? "case when n % 5 > 0 then random() * 30 end"
          : "random() * 360";
      case "boolean":
        return "n % 2 = 0";
      default:
        return "'v1.0'";
    }
  });
  await bare.query(
    `insert into detection (${columnsOf(Detection.fields)})
     select ${values.join(", ")} from generate_series(0, ${
      OBJECTS * EACH - 1
    }) n`,
  );
  await bare.query("analyze object, detection");
}
