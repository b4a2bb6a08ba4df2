// The types of the public API: results and compile errors. `deno test` checks types; the functions below are never called.
import {
  type Connection,
  defineModel,
  generatedAs,
  identity,
  type InsertOf,
  type Pagination,
  type RowOf,
  serial,
  serverDefault,
  type Session,
  SQLConnection,
} from "@alerce/db-plugins";
import {
  AstroObject,
  type AstroObjectRow,
  Detection,
  type DetectionInsert,
  type DetectionRow,
  type NonDetectionRow,
} from "@alerce/db-plugins/models";
import { z } from "zod";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function is<_T extends true>(): void {}

const Own = defineModel("own", {
  fields: z.object({
    id: z.int64(),
    kind: z.enum(["a", "b"]),
    mag: z.float64().nullable(),
    note: z.string().optional(),
    seen: z.date().default(() => new Date(0)),
  }),
  primaryKey: ["id"],
  relations: {
    parent: { kind: "one", model: "own", on: { id: "id" } },
    children: { kind: "many", model: "own", on: { id: "id" } },
  },
});

const Filled = defineModel("filled", {
  fields: z.object({
    id: identity(z.int64(), { always: true }),
    number: serial(z.int32()),
    made: serverDefault(z.date(), "now()"),
    state: serverDefault(z.string().nullable(), "'new'"),
    name: z.string(),
    length: generatedAs(z.int32(), "length(name)"),
    written: z.int32().meta({ sqlDefault: "7" }),
    maybe: z.date().meta({ sqlDefault: "now()" }).optional(),
  }),
  primaryKey: ["id"],
});

async function filledByServer(db: SQLConnection): Promise<void> {
  is<
    Equal<RowOf<typeof Filled>, {
      id: bigint;
      number: number;
      made: Date;
      state: string | null;
      name: string;
      length: number;
      written: number;
      maybe: Date | null;
    }>
  >();
  is<Equal<typeof Filled.primaryKey, readonly "id"[]>>();
  // The helpers and .optional() make a field optional in writes; meta alone does not.
  const insert: InsertOf<typeof Filled> = { name: "a", written: 1 };
  const query = db.query(Filled);
  const row = await query.insert({ ...insert, id: 7n, state: null });
  is<Equal<typeof row, RowOf<typeof Filled>>>();
  const unbound = await db.query().insert({ model: Filled, ...insert });
  is<Equal<typeof unbound, RowOf<typeof Filled>>>();
  await query.bulkInsert([insert, { ...insert, id: 8n }]);
  await query.getOrCreate({ filterBy: { id: 1n }, name: "a", written: 1 });
  // @ts-expect-error a missing required field
  await query.insert({ written: 1 });
  // @ts-expect-error a field that only meta says the server fills
  await query.insert({ name: "a" });
  // @ts-expect-error a number for a 64-bit identity
  await query.insert({ ...insert, id: 7 });
  // @ts-expect-error an unknown field
  await query.insert({ ...insert, nmae: "a" });
  // @ts-expect-error a missing required field, with the model in the options
  await db.query().insert({ model: Filled, written: 1 });
}

async function promised(db: SQLConnection, any: Connection): Promise<void> {
  is<Equal<RowOf<typeof Detection>, DetectionRow>>();
  is<Equal<RowOf<typeof Own>["note"], string | null>>();
  is<Equal<RowOf<typeof Own>["kind"], "a" | "b">>();
  is<Equal<typeof Own.primaryKey, readonly "id"[]>>();
  const insert: InsertOf<typeof Own> = { id: 1n, kind: "a" };
  const detection: Pick<DetectionInsert, "candid" | "rb"> = { candid: 1n };

  const rows = await db.query(Detection).findAll({ select: ["candid", "mjd"] });
  is<
    Equal<
      (typeof rows)[number],
      Pick<DetectionRow, "candid" | "mjd"> & Pick<object, never>
    >
  >();
  const objects = await any.query(AstroObject).findAll({
    include: ["detections", "non_detections"],
  });
  is<Equal<(typeof objects)[number]["detections"], DetectionRow[]>>();
  is<Equal<(typeof objects)[number]["non_detections"], NonDetectionRow[]>>();
  const page = await any.query().find({ model: AstroObject, select: ["oid"] });
  is<Equal<typeof page.items[number]["oid"], string>>();
  const [row, created] = await any.query(AstroObject).getOrCreate({
    filterBy: { oid: "a" },
    ndet: 1,
  });
  is<Equal<typeof row, AstroObjectRow>>();
  is<Equal<typeof created, boolean>>();
  const joined = await db.kysely.selectFrom("detection").innerJoin(
    "object",
    "object.oid",
    "detection.oid",
  )
    .select(["detection.candid", "object.ndet"]).execute();
  is<Equal<typeof joined, { candid: bigint; ndet: number | null }[]>>();
  const selected = await db.query(AstroObject).kysely.where("ndet", ">", 2)
    .execute();
  is<Equal<(typeof selected)[number]["oid"], string>>();
  const both = await db.query(AstroObject).kysely
    .innerJoin("detection", "detection.oid", "object.oid")
    .select("detection.candid").execute();
  is<Equal<(typeof both)[number]["candid"], bigint>>();
  is<Equal<(typeof both)[number]["ndet"], number | null>>();
  const session: Session = any.session;
  const pages: Pagination<AstroObjectRow> = await any.query(AstroObject).find();
  const own = new SQLConnection({ models: [Own] });
  await own.kysely.insertInto("own").values({ id: 1n, kind: "a" }).execute();
  await own.query(Own).findAll({ include: ["children"] });
  void [insert, detection, session, pages];
}

function never(): never {
  throw new Error("never called");
}

async function refused(db: SQLConnection): Promise<void> {
  const query = db.query(AstroObject);
  // @ts-expect-error an unknown field in a filter
  await query.findAll({ filterBy: { ndett: 1 } });
  // @ts-expect-error an unknown operator
  await query.findAll({ filterBy: { ndet: { gtt: 1 } } });
  // @ts-expect-error a value of another type
  await query.findAll({ filterBy: { ndet: "1" } });
  // @ts-expect-error like on a number
  await query.findAll({ filterBy: { ndet: { like: "1%" } } });
  // @ts-expect-error contains on text
  await query.findAll({ filterBy: { oid: { contains: "Z" } } });
  // @ts-expect-error an unknown field inside or
  await query.findAll({ filterBy: { or: [{ ndett: 1 }] } });
  // @ts-expect-error an unknown field in an order
  await query.findAll({ orderBy: { ndett: "asc" } });
  // @ts-expect-error an unknown direction
  await query.findAll({ orderBy: { ndet: "up" } });
  // @ts-expect-error an unknown field in a selection
  await query.findAll({ select: ["ndett"] });
  // @ts-expect-error an unknown relation
  await query.findAll({ include: ["detection"] });
  const [row] = await query.findAll({ select: ["oid"] });
  // @ts-expect-error a field that was not selected
  void row?.ndet;
  // @ts-expect-error a relation that was not included
  void (await query.findOne({ filterBy: { oid: "a" } }))?.detections;
  // @ts-expect-error a missing required field
  await db.query(Detection).bulkInsert([{ candid: 1n }]);
  // @ts-expect-error a number for a 64-bit integer
  await db.query(Detection).bulkUpsert([{ candid: 1 }]);
  // @ts-expect-error an unknown field in a row
  await query.bulkInsert([{ oid: "a", ndett: 1 }]);
  // @ts-expect-error an unknown attribute
  await query.getOrCreate({ filterBy: { oid: "a" }, ndett: 1 });
  // @ts-expect-error an unknown attribute in a change
  await query.updateAll({ filterBy: {}, set: { ndett: 1 } });
  // @ts-expect-error an unknown attribute of an instance
  query.update(await query.first() ?? never(), { ndett: 1 });
  // @ts-expect-error an unknown attribute of an instance, with the model of the row
  db.query().update(await query.first() ?? never(), { ndett: 1 });
  // @ts-expect-error an unknown field in a change by key
  await query.bulkUpdate([{ oid: "a", ndett: 1 }]);
  // @ts-expect-error an unknown field in the filter of a change
  await query.bulkUpdate([[{ ndett: 1 }, { ndet: 1 }]]);
  // @ts-expect-error an unknown field to update
  await query.bulkUpsert([], { update: ["ndett"] });
  // @ts-expect-error an unknown field of a key
  await query.bulkUpsert([], { conflict: ["iod"] });
  // @ts-expect-error an unknown relation of one row
  await query.findOne({ filterBy: { oid: "a" }, include: ["detection"] });
  // @ts-expect-error an unknown column in a native select
  query.kysely.where("ndett", ">", 1);
  // @ts-expect-error an unknown column to join by
  query.kysely.innerJoin("detection", "detection.iod", "object.oid");
  // @ts-expect-error an unknown field to prefer
  await query.bulkUpsert([], { prefer: ["ndett"] });
  // @ts-expect-error an unknown table
  db.kysely.selectFrom("objects");
  // @ts-expect-error a call without a model
  await db.query().findAll({ filterBy: { oid: "a" } });
  // @ts-expect-error a key that is not a field
  defineModel("m", { fields: z.object({ id: z.int64() }), primaryKey: ["di"] });
  // @ts-expect-error a value outside the enum
  await db.query(Own).findAll({ filterBy: { kind: "c" } });
}

Deno.test("the types of the public API compile or fail as declared", () => {
  void [promised, filledByServer, refused];
});
