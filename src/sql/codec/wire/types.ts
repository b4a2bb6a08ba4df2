import {
  boxReader,
  circleReader,
  lineReader,
  pathReader,
  pointReader,
  polygonReader,
  segmentReader,
} from "./geometry.ts";
import { arrayTextReader } from "./array.ts";
import { intervalTextReader } from "./interval.ts";
import { numericTextReader } from "./numeric.ts";
import { multirangeTextReader, rangeTextReader } from "./range.ts";
import {
  booleanTextReader,
  bytesTextReader,
  float32TextReader,
  float64TextReader,
  int16TextReader,
  int32TextReader,
  int64TextReader,
  jsonbTextReader,
  uint32TextReader,
  utf8Reader,
  uuidReader,
} from "./scalars.ts";
import {
  dayTextReader,
  timestampTextReader,
  timeTextReader,
  zonedTimeTextReader,
} from "./times.ts";
import type { TextReader } from "./value_reader.ts";

/** The object identifiers of types, as `pg_type.dat` lists them. They never change. */
export const OID = {
  bool: 16,
  bytea: 17,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  point: 600,
  lseg: 601,
  path: 602,
  box: 603,
  polygon: 604,
  line: 628,
  float4: 700,
  float8: 701,
  circle: 718,
  money: 790,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  timetz: 1266,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const;

/** A type whose binary format is known. */
interface WireType {
  readonly oid: number;
  /** The object identifier of its array. */
  readonly array: number;
  /** Reads a value as the text that PostgreSQL writes with the settings DateStyle ISO, IntervalStyle postgres, TimeZone UTC, bytea_output hex, and extra_float_digits 1. */
  readonly text: TextReader;
}

const BASE: readonly WireType[] = [
  { oid: OID.bool, array: 1000, text: booleanTextReader },
  { oid: OID.bytea, array: 1001, text: bytesTextReader },
  { oid: OID.name, array: 1003, text: utf8Reader },
  { oid: OID.int8, array: 1016, text: int64TextReader },
  { oid: OID.int2, array: 1005, text: int16TextReader },
  { oid: OID.int4, array: 1007, text: int32TextReader },
  { oid: OID.text, array: 1009, text: utf8Reader },
  { oid: OID.oid, array: 1028, text: uint32TextReader },
  { oid: OID.json, array: 199, text: utf8Reader },
  { oid: OID.point, array: 1017, text: pointReader },
  { oid: OID.lseg, array: 1018, text: segmentReader },
  { oid: OID.path, array: 1019, text: pathReader },
  { oid: OID.polygon, array: 1027, text: polygonReader },
  { oid: OID.line, array: 629, text: lineReader },
  { oid: OID.float4, array: 1021, text: float32TextReader },
  { oid: OID.float8, array: 1022, text: float64TextReader },
  { oid: OID.circle, array: 719, text: circleReader },
  { oid: OID.bpchar, array: 1014, text: utf8Reader },
  { oid: OID.varchar, array: 1015, text: utf8Reader },
  { oid: OID.date, array: 1182, text: dayTextReader },
  { oid: OID.time, array: 1183, text: timeTextReader },
  { oid: OID.timestamp, array: 1115, text: timestampTextReader("") },
  { oid: OID.timestamptz, array: 1185, text: timestampTextReader("+00") },
  { oid: OID.interval, array: 1187, text: intervalTextReader },
  { oid: OID.timetz, array: 1270, text: zonedTimeTextReader },
  { oid: OID.numeric, array: 1231, text: numericTextReader },
  { oid: OID.uuid, array: 2951, text: uuidReader },
  { oid: OID.jsonb, array: 3807, text: jsonbTextReader },
];

/** The readers of types whose text is the same with all settings. */
const STABLE_TEXTS: ReadonlySet<TextReader> = new Set([
  ...[booleanTextReader, utf8Reader, uuidReader, jsonbTextReader],
  ...[int16TextReader, int32TextReader, int64TextReader, uint32TextReader],
  numericTextReader,
]);

/** The types of each range: the range, its array, its multirange, the array of the multirange, and the bounds. */
const RANGES: readonly (readonly [number, number, number, number, number])[] = [
  [3904, 3905, 4451, 6150, OID.int4],
  [3906, 3907, 4532, 6151, OID.numeric],
  [3908, 3909, 4533, 6152, OID.timestamp],
  [3910, 3911, 4534, 6153, OID.timestamptz],
  [3912, 3913, 4535, 6155, OID.date],
  [3926, 3927, 4536, 6157, OID.int8],
];

const TEXTS: ReadonlyMap<number, TextReader> = new Map(
  [...BASE, ...rangeTypes()].flatMap(({ oid, array, text }) => [
    [oid, text] as const,
    [array, arrayTextReader(text)] as const,
  ]).concat([
    // The items of an array of boxes are separated by semicolons.
    [OID.box, boxReader],
    [1020, arrayTextReader(boxReader, ";")],
  ]),
);

function rangeTypes(): readonly WireType[] {
  const texts = new Map(BASE.map(({ oid, text }) => [oid, text]));
  return RANGES.flatMap(([oid, array, multirange, multirangeArray, bound]) => {
    const text = rangeTextReader(texts.get(bound) ?? utf8Reader);
    return [
      { oid, array, text },
      {
        oid: multirange,
        array: multirangeArray,
        text: multirangeTextReader(text),
      },
    ];
  });
}

const ELEMENTS: ReadonlyMap<number, number> = new Map(
  BASE.map(({ oid, array }) => [array, oid]),
);

/** The types whose text depends on settings of the session, and their arrays. The text of `money` has no other form. */
export const SETTING_DEPENDENT: ReadonlySet<number> = new Set([
  OID.money,
  791,
  ...rangeTypes().flatMap(({ oid, array }) => [oid, array]),
  ...[OID.box, 1020],
  ...BASE.filter(({ text }) => !STABLE_TEXTS.has(text)).flatMap((
    { oid, array },
  ) => [oid, array]),
]);

/** Returns the name of one of PostgreSQL's own types for an error; its object identifier if the type is another one. */
export function typeNameOf(oid: number | undefined): string {
  const item = oid === undefined ? undefined : elementOf(oid);
  if (item !== undefined) return `${typeNameOf(item)}[]`;
  const [name] = Object.entries(OID).find(([, known]) => known === oid) ?? [];
  return name ?? `${oid} (see pg_type)`;
}

/** Returns the type of an array's items; undefined if the type is not an array whose binary format is known. */
export function elementOf(array: number): number | undefined {
  return ELEMENTS.get(array);
}

/** Returns the reader of a type as text; undefined if its binary format is unknown. */
export function textReaderOf(oid: number): TextReader | undefined {
  return TEXTS.get(oid);
}

/** Whether the binary format of a type is known. Values of any other type are requested as text. */
export function isBinaryType(oid: number): boolean {
  return TEXTS.has(oid);
}
