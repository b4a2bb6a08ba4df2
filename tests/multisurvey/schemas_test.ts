// Alerts of Rubin's schemas 9, 10, and 11 in Avro: each field has the type of its column, and its value arrives there.
import type { AnyModel } from "@alerce/db-plugins";
import { alertReader, alertRows, type LsstRows } from "@alerce/db-plugins/lsst";
import {
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
} from "@alerce/db-plugins/models/multisurvey";
import assert from "node:assert/strict";
import avro, { type Schema } from "avsc";
import { rowError } from "../../src/writer/valid_rows.ts";
import SCHEMAS from "../data/lsst_schemas.json" with { type: "json" };

/** A field of a record: its name, that of its column, and its type. */
interface PacketField {
  readonly name: string;
  readonly column: string;
  readonly type: string;
  readonly isNullable: boolean;
}

/** Columns of identifiers with another name than their field. */
const ID_COLUMNS: Readonly<Record<string, string>> = {
  "diaSource.diaSourceId": "measurement_id",
  "diaForcedSource.diaForcedSourceId": "measurement_id",
  "diaObject.diaObjectId": "oid",
  "ssSource.diaSourceId": "measurement_id",
};

type Records = Readonly<Record<string, readonly PacketField[]>>;

const BEFORE = recordsOf(SCHEMAS[9]);
const LATER = recordsOf(SCHEMAS[10]);
/** Schema 9 has another description of solar system objects; schema 11 has fewer fields that may be null. */
const VERSIONS: readonly (readonly [version: number, Records])[] = [
  [9, { ...without(LATER, "mpc_orbits"), ...BEFORE }],
  [10, LATER],
  [11, {
    ...LATER,
    ...Object.fromEntries(
      Object.entries(recordsOf(SCHEMAS[11])).map(([record, required]) => [
        record,
        LATER[record]?.map((field) =>
          required.find(({ name }) => name === field.name) ?? field
        ) ?? [],
      ]),
    ),
  }],
];

/** The kinds of fields that hold the values of a type. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  long: ["int64"],
  int: ["int32", "int64"],
  float: ["float32", "float64"],
  double: ["float64"],
  string: ["string", "json"],
  boolean: ["boolean"],
  micros: ["date"],
};
const TABLES: readonly (readonly [
  record: string,
  table: keyof LsstRows,
  AnyModel,
])[] = [
  ["diaSource", "lsst_detection", LsstDetection],
  ["diaForcedSource", "lsst_forced_photometry", LsstForcedPhotometry],
  ["diaObject", "lsst_dia_object", LsstDiaObject],
  ["ssSource", "lsst_ss_detection", LsstSsDetection],
  ["mpc_orbits", "lsst_mpc_orbits", LsstMpcOrbits],
];

for (const [version, records] of VERSIONS) {
  Deno.test(`an alert of schema ${version} has the types of the columns, and its values arrive there`, () => {
    const rows = rowsOf(records, valueOf);
    for (const [record, table, model] of TABLES) {
      const fields = records[record] ?? [];
      const [row] = rows[table];
      assert.equal(row === undefined, fields.length === 0, table);
      const stored = new Set<string>();
      for (const [index, { name, column, type }] of fields.entries()) {
        const field = model.fields.find(({ name }) => name === column);
        if (field === undefined) continue;
        stored.add(column);
        assert.ok(KINDS[type]?.includes(field.type.kind), `${table}.${column}`);
        const value: unknown = Reflect.get(row ?? {}, column);
        const expected = storedValue(valueOf({ name, type }, index), type);
        assert.equal(
          String(value instanceof Object ? JSON.stringify(value) : value),
          expected,
          `${table}.${column}`,
        );
      }
      const error = row && rowError(model, "insert", row, 0);
      assert.equal(error, undefined);
      if (version === 9) continue;
      const others = model.fields.filter(({ name, nullable }) =>
        nullable && !stored.has(name)
      ).map(({ name }) => name);
      // Those that the library itself fills.
      assert.deepEqual(
        others.filter((name) => !FILLED.includes(name)),
        [],
      );
    }
  });

  Deno.test(`an alert of schema ${version} with every null that is allowed has rows`, () => {
    const given = version === 9 ? without(records, "ssSource") : records;
    const rows = rowsOf(
      given,
      (field, index) =>
        field.isNullable && !/^(?:dia|ss)\w+Id$/.test(field.name)
          ? null
          : valueOf(field, index),
    );
    for (const [record, table, model] of TABLES) {
      if (given[record] === undefined) continue;
      const [row] = rows[table];
      assert.ok(row);
      assert.equal(rowError(model, "insert", row, 0), undefined);
    }
  });
}

const FILLED = ["oid", "has_stamp", "created_date", "updated_date"];

/** Returns the rows of an alert in Avro. */
function rowsOf(
  records: Records,
  value: (field: PacketField, index: number) => unknown,
): LsstRows {
  const alert: Record<string, unknown> = { diaSourceId: 1 };
  const fields: object[] = [{ name: "diaSourceId", type: "long" }];
  for (const [name, of] of Object.entries(records)) {
    const record = Object.fromEntries(
      of.map((field, index) => [field.name, value(field, index)]),
    );
    const type = {
      ...{ type: "record", name },
      fields: of.map(({ name, type, isNullable }) => {
        const own = type === "micros"
          ? { type: "long", logicalType: "timestamp-micros" }
          : type;
        return { name, type: isNullable ? ["null", own] : own };
      }),
    };
    if (name === "diaForcedSource") {
      alert.prvDiaForcedSources = [record];
      const items = { type: "array", items: type };
      fields.push({ name: "prvDiaForcedSources", type: items });
    } else {
      alert[name] = record;
      fields.push({ name, type });
    }
  }
  const schema = { type: "record", name: "alert", fields };
  const bytes = avro.Type.forSchema(schema as Schema, { wrapUnions: false })
    .toBuffer(alert);
  return alertRows(alertReader(schema)(Uint8Array.of(0, 0, 0, 0, 1, ...bytes)));
}

/** A value of a type that no other field of the record has. */
function valueOf(
  { name, type }: Pick<PacketField, "name" | "type">,
  index: number,
): unknown {
  if (name === "mpc_orb_jsonb") return '{"a":1}';
  const values: Readonly<Record<string, unknown>> = {
    long: 2 ** 52 + index,
    int: index + 1,
    float: Math.fround(index + 0.1),
    double: index + 1 / 3,
    string: `text ${index}`,
    boolean: true,
    micros: 1_767_225_599_999_999,
  };
  return values[type];
}

/** The text of a value in its row. */
function storedValue(value: unknown, type: string): string {
  return type === "micros" ? '"2025-12-31T00:00:00.000Z"' : String(value);
}

/** Reads `name type` or `column=name type`, with a question mark after a type that may be null. */
function recordsOf(given: Readonly<Record<string, string>>): Records {
  return Object.fromEntries(
    Object.entries(given).map(([record, fields]) => [
      record,
      fields.split(", ").map((field): PacketField => {
        const [names = "", type = ""] = field.split(" ");
        const [column = "", renamed] = names.split("=");
        const name = renamed ?? column;
        return {
          name,
          column: ID_COLUMNS[`${record}.${name}`] ?? column,
          type: type.replace("?", ""),
          isNullable: type.endsWith("?"),
        };
      }),
    ]),
  );
}

function without(records: Records, name: string): Records {
  const { [name]: _, ...others } = records;
  return others;
}
