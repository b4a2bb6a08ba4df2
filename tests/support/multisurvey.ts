import type { AnyModel, Connection } from "@alerce/db-plugins";
import {
  AstroObject,
  type AstroObjectRow,
} from "@alerce/db-plugins/models/multisurvey";
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";

const FOLDER = new URL("../data/multisurvey/", import.meta.url);

/** Real alerts, and the rows that ALeRCE's pipeline makes of them; 64-bit integers are texts. */
export async function linesOf(file: string): Promise<string[]> {
  const bytes = await Deno.readFile(new URL(`${file}.ndjson.gz`, FOLDER));
  return gunzipSync(bytes).toString().trim().split("\n");
}

/** How the expected rows of a table are compared. */
export interface Comparison {
  /** The prefix of the file, as in `lsst_expected`. */
  readonly set: string;
  /** Columns that are compared elsewhere. */
  readonly without?: readonly string[];
  /** Rows that are compared, by expected and by stored values. */
  readonly only?: (row: Readonly<Record<string, unknown>>) => boolean;
}

/** Compares the rows of a table with the expected ones: floats to the bit. */
export async function assertRows(
  db: Connection,
  model: AnyModel,
  { set, without = [], only = () => true }: Comparison,
): Promise<void> {
  const expected = (await linesOf(`${set}_${model.table}`))
    .map((line) => plainRow(model, JSON.parse(line), without)).filter(only);
  const rows = await db.query(model).findAll();
  const stored = rows.map((row) => plainRow(model, row, without)).filter(only);
  assert.ok(expected.length > 0);
  assert.deepEqual(byKey(model, stored), byKey(model, expected));
}

/** Returns the values of a row: 64-bit integers as texts, 32-bit floats as the nearest ones. */
function plainRow(
  { fields }: AnyModel,
  row: object,
  without: readonly string[],
): Readonly<Record<string, unknown>> {
  const days = ["created_date", "updated_date"];
  return Object.fromEntries(
    fields.filter(({ name }) => ![...days, ...without].includes(name))
      .map(({ name, type: { kind } }) => {
        const value: unknown = Reflect.get(row, name);
        if (kind === "int64" && value !== null) return [name, String(value)];
        return [
          name,
          kind === "float32" && typeof value === "number"
            ? Math.fround(value)
            : value,
        ];
      }),
  );
}

/** Returns rows by their key. */
function byKey(
  { primaryKey }: AnyModel,
  rows: readonly Readonly<Record<string, unknown>>[],
): Record<string, unknown> {
  return Object.fromEntries(
    rows.map((row) => [
      primaryKey.map((name) => String(row[name])).join(" "),
      row,
    ]).sort(),
  );
}

/** Which objects are compared. */
export interface ObjectComparison {
  /** The prefix of the file. */
  readonly set: string;
  readonly sids: readonly number[];
  /** Returns where an object is, if not at the expected position. */
  readonly positionOf?: (
    row: AstroObjectRow,
  ) => { readonly ra: number; readonly dec: number } | undefined;
}

/**
 * Compares objects with those of ALeRCE's next step: the counts, the dates and
 * the position. The uncertainties are left to that step. Returns the kind, the
 * identifier, and the numbers of detections and forced measurements of objects
 * that have no expected row.
 */
export async function assertObjects(
  db: Connection,
  { set, sids, positionOf = () => undefined }: ObjectComparison,
): Promise<string[]> {
  const lines = await linesOf(`${set}_object`);
  const expected = new Map(
    lines.map((line) => JSON.parse(line)).map((row) => [row.oid, row]),
  );
  const unexpected: string[] = [];
  for (
    const row of await db.query(AstroObject).findAll({
      filterBy: { sid: sids },
    })
  ) {
    const { meanra, meandec, sigmara, sigmadec, ...rest } = row;
    const { oid, sid, n_det, n_forced } = rest;
    const known = expected.get(String(oid));
    if (known === undefined) {
      unexpected.push([sid, oid, n_det, n_forced].join(" "));
      continue;
    }
    const { created_date: _, updated_date: __, ...counts } = rest;
    assert.deepEqual({ ...counts, oid: String(oid) }, {
      ...Object.fromEntries(
        Object.keys(counts).map((name) => [name, known[name]]),
      ),
    });
    assert.deepEqual([sigmara, sigmadec], [null, null]);
    const { ra = known.meanra, dec = known.meandec } = positionOf(row) ?? {};
    assert.ok(Math.abs(meanra - ra) < 1e-9, `${meanra} is not ${ra}`);
    assert.ok(Math.abs(meandec - dec) < 1e-9, `${meandec} is not ${dec}`);
  }
  return unexpected.sort();
}
