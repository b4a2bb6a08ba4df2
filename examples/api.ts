// deno-lint-ignore-file no-console
// A web API for supernova candidates, newest first. The settings choose the database: PostgreSQL, PGlite, or MongoDB.
//   deno run -A examples/api.ts --settings_path settings.ts --port 8000
//   curl 'http://127.0.0.1:8000/objects?class=SNIa&probability=0.5'
import {
  connect,
  type Connection,
  type DbConfig,
  type FullFilter,
  LimitError,
  QueryError,
  stringify,
  TimeoutError,
} from "@alerce/db-plugins";
import { type AlerceModels, AstroObject } from "@alerce/db-plugins/models";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** The modified Julian date of the Unix epoch. */
const EPOCH = 40_587;
const MILLISECONDS_OF_A_DAY = 86_400_000;
const PARAMETERS = [
  ...["class", "probability", "ndet", "since", "filter", "cursor"],
];

/** Returns a page of objects, and the address of the next page. */
async function listObjects(
  db: Connection<AlerceModels>,
  { url, signal }: Request,
): Promise<Response> {
  const { pathname, searchParams: given } = new URL(url);
  const unknown = [...given.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    return json({ error: `Unknown parameter ${unknown}` }, 400);
  }
  const today = EPOCH + Math.floor(Date.now() / MILLISECONDS_OF_A_DAY);
  const since = given.get("since") ?? String(today - 30);
  const filter: FullFilter<typeof AstroObject> = JSON.parse(
    given.get("filter") ?? "{}",
  );
  const cursor = given.get("cursor");
  const page = await db.query(AstroObject).find({
    filterBy: {
      lastmjd: { gte: Number(since) },
      ndet: { gte: Number(given.get("ndet") ?? 5) },
      probabilities: {
        some: {
          ranking: 1,
          class_name: given.get("class") ?? "SNIa",
          probability: { gt: Number(given.get("probability") ?? 0.5) },
        },
      },
      and: [filter],
    },
    orderBy: { lastmjd: "desc" },
    select: ["oid", "ndet", "meanra", "meandec", "firstmjd", "lastmjd"],
    include: {
      detections: {
        filterBy: { fid: 1 },
        orderBy: { mjd: "desc" },
        limit: 5,
        select: ["candid", "mjd", "magpsf", "sigmapsf"],
      },
      probabilities: {
        filterBy: { ranking: 1 },
        select: ["classifier_name", "class_name", "probability"],
      },
    },
    counts: ["non_detections"],
    perPage: 20,
    count: false,
    ...(cursor === null ? {} : { cursor }),
    signal,
    timeout: 10_000,
  });
  let next: string | null = null;
  if (page.hasNext && page.cursor !== undefined) {
    const parameters = new URLSearchParams(given);
    // The next page must have the same filter, also tomorrow.
    parameters.set("since", since);
    parameters.set("cursor", page.cursor);
    next = `${pathname}?${parameters}`;
  }
  return json({ items: page.items, next });
}

/** Answers a request. The query ends when the client disconnects. */
export async function answer(
  db: Connection<AlerceModels>,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname !== "/objects" || request.method !== "GET") {
    return json({ error: "Not found" }, 404);
  }
  try {
    return await listObjects(db, request);
  } catch (error) {
    if (
      error instanceof QueryError || error instanceof LimitError ||
      error instanceof SyntaxError
    ) return json({ error: error.message }, 400);
    if (request.signal.aborted) return new Response(null, { status: 499 });
    if (error instanceof TimeoutError) {
      return json({ error: "The query takes too long" }, 503);
    }
    console.error(error);
    return json({ error: "Internal error" }, 500);
  }
}

/** A row writes 64-bit integers as decimal strings. */
function json(value: object, status = 200): Response {
  return new Response(stringify(value), {
    status,
    headers: { "content-type": "application/json" },
  });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8000" },
      settings_path: { type: "string", default: "settings.ts" },
    },
  });
  const { DB_CONFIG }: { DB_CONFIG: DbConfig } = await import(
    pathToFileURL(resolve(values.settings_path)).href
  );
  await using db: Connection<AlerceModels> = await connect(DB_CONFIG);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: Number(values.port),
    onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/objects`),
  }, (request) => answer(db, request));
  await server.finished;
}
