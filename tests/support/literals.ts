// Random values of PostgreSQL's types, as texts that PostgreSQL reads with every setting.
import fc from "fast-check";

const two = (value: number): string => String(value).padStart(2, "0");
const int = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min, max });
const oneOf = (...texts: string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...texts);

const floats = (numbers: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  numbers.map((number) => Object.is(number, -0) ? "-0" : String(number));
const powersOfTwo = int(-40, 120).map((power) => 2 ** power);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).filter(
  (number) => Math.abs(number) < 1e300,
);
const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(oneOf(..."0123456789"), { minLength: 1, maxLength: length }).map(
    (parts) => parts.join(""),
  );
const numeric = fc.oneof(
  fc.tuple(oneOf("", "-"), digits(30), digits(20)).map(([sign, left, right]) =>
    `${sign}${left}.${right}`
  ),
  oneOf("0", "1e-30", "-1e40", "10000", "99999.99990000", "NaN", "Infinity"),
);
const text = fc.array(
  oneOf(...`abZ09 _{},"\\'é☉🔭;:=[]()`, "NULL", "\n", "\t"),
  { maxLength: 9 },
).map((parts) => parts.join(""));
const ascii = oneOf("a", "B b", "", "'", "null", "{}", "x,y");

const day = (last: number): fc.Arbitrary<string> =>
  fc.tuple(int(-4712, last), int(1, 12), int(1, 28)).map(([year, month, day]) =>
    `${String(year > 0 ? year : 1 - year).padStart(4, "0")}-${two(month)}-${
      two(day)
    }${year > 0 ? "" : " BC"}`
  );
const near = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(text, text.map((day) => day.replace(/^\d+/, "2018")));
const days = (last: number): fc.Arbitrary<string> => near(day(last));
const clock = fc.tuple(int(0, 23), int(0, 59), int(0, 59), int(0, 999_999)).map(
  ([hours, minutes, seconds, rest]) =>
    `${two(hours)}:${two(minutes)}:${two(seconds)}.${
      String(rest).padStart(6, "0")
    }`,
);
const stamp = (zone: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(days(294_000), clock).map(([day, time]) =>
      day.endsWith(" BC")
        ? `${day.slice(0, -3)} ${time}${zone} BC`
        : `${day} ${time}${zone}`
    ),
    oneOf("infinity", "-infinity", "epoch", `2018-06-01 00:00:00.125${zone}`),
  );
const interval = fc.tuple(
  int(-3000, 3000),
  int(-40, 40),
  fc.oneof(int(-9e12, 9e12), int(-2, 2), fc.constant(0)),
).map(([months, days, rest]) =>
  `${months} months ${days} days ${rest} microseconds`
);
const bytes = fc.uint8Array({ maxLength: 9 }).map((value) =>
  `\\x${value.toHex()}`
);
const json = fc.json({ maxDepth: 2, noUnicodeString: true }).filter((value) =>
  !value.includes("\\u") && !/e[+-]?\d\d\d/.test(value)
);
const point = fc.tuple(floats(finite), floats(finite)).map(([x, y]) =>
  `(${x},${y})`
);
const range = (low: string, high: string): fc.Arbitrary<string> =>
  fc.oneof(
    oneOf("empty", "(,)"),
    fc.tuple(oneOf("[", "("), oneOf(low, ""), oneOf(high, ""), oneOf("]", ")"))
      .map(([open, from, to, close]) => `${open}${from},${to}${close}`),
  );
const TIMES = ["2018-06-01 04:07:22.5+00", "2019-01-01 00:00:00.000001+00"];

/** Random values by type. */
export const LITERALS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "smallint": int(-32768, 32767).map(String),
  "integer": int(-2147483648, 2147483647).map(String),
  "bigint": fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  "oid": int(0, 4294967295).map(String),
  "real": floats(fc.oneof(fc.float(), powersOfTwo)),
  "double precision": floats(fc.oneof(fc.double(), powersOfTwo)),
  numeric,
  "numeric(30, 6)": floats(fc.double({ min: -1e20, max: 1e20, noNaN: true })),
  text,
  "character varying(9)": ascii,
  "character(5)": ascii,
  "boolean": oneOf("t", "f"),
  "date": fc.oneof(days(5_874_000), oneOf("infinity", "-infinity")),
  "time": fc.oneof(clock, oneOf("24:00:00", "00:00:00")),
  "timetz": fc.tuple(clock, oneOf("+00", "-03:30", "+05:45", "+01:00:01")).map(
    (parts) => parts.join(""),
  ),
  "timestamp": stamp(""),
  "timestamptz": stamp("+00"),
  "timestamptz(3)": stamp("+00"),
  interval,
  "uuid": fc.uuid(),
  json,
  "jsonb": json,
  "bytea": bytes,
  "inet": oneOf("10.0.0.1", "10.0.0.0/8", "::1", "fe80::1/64"),
  "bit(5)": oneOf("00000", "10101"),
  point,
  "lseg": fc.tuple(point, point).map((points) => `[${points.join()}]`),
  "box": fc.tuple(point, point).map((points) => points.join()),
  "path": fc.tuple(oneOf("[]", "()"), fc.array(point, { minLength: 1 })).map(
    ([ends, points]) => `${ends[0]}${points.join()}${ends[1]}`,
  ),
  "polygon": fc.array(point, { minLength: 1, maxLength: 4 }).map((points) =>
    `(${points.join()})`
  ),
  "circle": fc.tuple(point, oneOf("0", "1.5")).map(([center, radius]) =>
    `<${center},${radius}>`
  ),
  "line": oneOf("{1,2,3}", "{-0.1,0,1e-9}"),
  "int4range": range("1", "5"),
  "int8range": range("-9007199254740993", "9007199254740993"),
  "numrange": range("1.50", "2.000"),
  "daterange": range("2018-06-01", "2019-01-01"),
  "tsrange": range("2018-06-01 04:07:22.5", "2019-01-01 00:00:00"),
  "tstzrange": range(TIMES[0] ?? "", TIMES[1] ?? ""),
  "int4multirange": oneOf("{}", "{[1,3),[5,)}"),
  "tstzmultirange": fc.array(range(TIMES[0] ?? "", TIMES[1] ?? ""), {
    maxLength: 2,
  }).map((ranges) => `{${ranges.join()}}`),
};

/** Random arrays of a type: with nulls, of several dimensions, and with other bounds than 1. */
export function arrayLiteral(
  type: string,
  item: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const separator = type === "box" ? ";" : ",";
  const quoted = fc.option(item, { nil: null, freq: 6 }).map((text) =>
    text === null ? "NULL" : `"${text.replaceAll(/["\\]/g, "\\$&")}"`
  );
  const list = (min: number, max: number): fc.Arbitrary<string> =>
    fc.array(quoted, { minLength: min, maxLength: max }).map((items) =>
      `{${items.join(separator)}}`
    );
  return fc.oneof(
    { weight: 4, arbitrary: list(0, 4) },
    {
      weight: 1,
      arbitrary: fc.tuple(list(2, 2), list(2, 2)).map((lists) =>
        `{${lists.join(separator)}}`
      ),
    },
    { weight: 1, arbitrary: list(2, 2).map((items) => `[-1:0]=${items}`) },
  );
}
