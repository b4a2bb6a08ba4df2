import { type Connection, SQLConnection } from "@alerce/db-plugins";
import { Place } from "@alerce/db-plugins/testing";
import type pg from "pg";
import { postgres15 } from "../tests/support/postgres_programs.ts";
import { settingsOf, startPostgres } from "../tests/support/servers.ts";
import { type Line, type Race, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

/** The number of rows with a position. */
const OBJECTS = Number(Deno.env.get("DBP_BENCH_OBJECTS") ?? 1_000_000);
/** The number of cone searches of a round. */
const CONES = 5_000;
/** The number of targets of a round. */
const TARGETS = OBJECTS / 10;
/** The radius in arcseconds. */
export const RADIUS = 1.5;
/** The rounds of a cross-match, which takes seconds. */
const ROUNDS = 5;
/** The searches that the bare driver sends before it waits for an answer. */
const PIPELINED = 100;

/** The only model. */
export const MODELS: readonly [typeof Place] = [Place];

/** A position to match. */
export interface Target {
  readonly id: number;
  readonly ra: number;
  readonly dec: number;
}

/** Compares cone searches and cross-matches with hand-written SQL on the same index. */
export async function sky(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  const pipelined = await bareClient(settings, { pipeline: true });
  try {
    const targets = await fill(bare);
    const cone = async (
      client: pg.Client,
      { ra, dec }: Target,
    ): Promise<number | undefined> => {
      const { rows: [row] } = await client.query<{ id: number }>({
        name: "cone",
        text: CONE,
        values: [ra, dec, RADIUS],
      });
      return row?.id;
    };
    const { cones, crossmatch } = skyOf(db, targets, OBJECTS);
    return [
      await race({
        ...cones,
        against: "`pg`, prepared by name, on the same index",
        bare: async () => {
          const found: unknown[] = [];
          for (const target of targets.slice(0, CONES)) {
            found.push(await cone(bare, target));
          }
          return found;
        },
      }),
      await race({
        ...crossmatch,
        against: "`pg`, a prepared cone search for each target, pipelined",
        least: 5,
        bare: async () => {
          const found: unknown[] = [];
          for (let at = 0; at < targets.length; at += PIPELINED) {
            const part = targets.slice(at, at + PIPELINED);
            found.push(
              ...await Promise.all(
                part.map((target) => cone(pipelined, target)),
              ),
            );
          }
          return found;
        },
      }),
      ...await besideQ3c(),
    ];
  } finally {
    await bare.end();
    await pipelined.end();
    await db.dropDb();
  }
}

/** Compares cone searches with those of q3c, on a server of PostgreSQL 15 that has it. */
async function besideQ3c(): Promise<Line[]> {
  const programs = await postgres15();
  if (programs === undefined) return [];
  const server = await startPostgres([], {}, programs);
  try {
    const settings = settingsOf(server);
    const bare = await bareClient(settings);
    try {
      const { rowCount } = await bare.query(
        "select from pg_available_extensions where name = 'q3c'",
      );
      if (rowCount === 0) return [];
      await using db = new SQLConnection({ models: MODELS });
      await db.connect(settings);
      await db.createDb();
      const targets = await fill(bare);
      await bare.query("create extension q3c");
      await bare.query(
        "create index place_q3c on place (q3c_ang2ipix(ra, dec))",
      );
      await bare.query("analyze place");
      const { cones } = skyOf(db, targets, OBJECTS);
      return [
        await race({
          ...cones,
          against: "`pg`, prepared by name, `q3c_radial_query`",
          least: 5,
          rounds: ROUNDS,
          bare: async () => {
            const found: unknown[] = [];
            for (const { ra, dec } of targets.slice(0, CONES)) {
              const { rows: [row] } = await bare.query<{ id: number }>({
                name: "cone",
                text: Q3C_CONE,
                values: [ra, dec, RADIUS],
              });
              found.push(row?.id);
            }
            return found;
          },
        }),
      ];
    } finally {
      await bare.end();
    }
  } finally {
    await server.stop();
  }
}

const Q3C_CONE = `
select id from place where q3c_radial_query(ra, dec, $1, $2, $3::float8 / 3600)
order by q3c_dist(ra, dec, $1, $2) limit 1`;

/** Fills the table, and returns the targets of a round. */
async function fill(bare: pg.Client): Promise<readonly Target[]> {
  // The index is built afterwards, which is faster.
  const { rows: [index] } = await bare.query<{ definition: string }>(
    "select pg_get_indexdef('ix_place_position'::regclass) as definition",
  );
  await bare.query("drop index ix_place_position");
  await bare.query(`
    insert into place (id, ra, dec, part)
    select id, random() * 360, degrees(asin(random() * 2 - 1)), 0 from generate_series(1, ${OBJECTS}) as id`);
  await bare.query(index?.definition ?? "");
  await bare.query("vacuum analyze place");
  const { rows } = await bare.query<Target>(`
    select id, ra, dec from place order by id::bigint * 7919 % ${OBJECTS} limit ${TARGETS}`);
  return rows;
}

/** The nearest row of a cone, by the keys of the index. */
const DISTANCE =
  "2 * asin(sqrt(power(sin(radians(dec - $2) / 2), 2) + cos(radians(dec)) * cosd($2) * power(sin(radians(ra - $1) / 2), 2)))";
const CONE = `
select id from place
where case when abs(dec) <= 90 then floor(dec * 60) end
    = any(array[floor(($2::float8 - $3::float8 / 3600) * 60), floor(($2::float8 + $3::float8 / 3600) * 60)])
  and ra between $1::float8 - $3::float8 / 3600 / cosd($2) and $1::float8 + $3::float8 / 3600 / cosd($2)
  and dec between $2 - $3::float8 / 3600 and $2 + $3::float8 / 3600
  and ${DISTANCE} <= radians(cast($3 as float8) / 3600)
order by ${DISTANCE} limit 1`;

/** Returns the searches through this package, which each database compares with its bare driver. */
export function skyOf(
  db: Connection<readonly [typeof Place]>,
  targets: readonly Target[],
  rows: number,
): Record<"cones" | "crossmatch", Omit<Race, "against" | "bare">> {
  const objects = rows.toLocaleString("en");
  const query = db.query(Place);
  return {
    cones: {
      work: `the nearest of ${objects} rows within ${RADIUS} arcseconds`,
      count: CONES,
      unit: "cones",
      least: 0.85,
      ours: async () => {
        const found: unknown[] = [];
        for (const { ra, dec } of targets.slice(0, CONES)) {
          const row = await query.first({
            filterBy: { near: { ra, dec, radius: RADIUS } },
            orderBy: "distance",
            select: ["id"],
          });
          found.push(row?.id);
        }
        return found;
      },
    },
    crossmatch: {
      work: `\`crossmatch\` of ${
        targets.length.toLocaleString("en")
      } targets with ${objects} rows`,
      count: targets.length,
      unit: "targets",
      least: 2,
      rounds: ROUNDS,
      ours: async () => {
        const found: unknown[] = [];
        for await (
          const { row } of query.crossmatch(targets, {
            radius: RADIUS,
            nearest: 1,
            select: ["id"],
          })
        ) found.push(row.id);
        return found;
      },
    },
  };
}
