/** `2018-06-01 04:07:22.5+00`, with or without the offset; a year of any length, and BC. */
const TIMESTAMP =
  /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(?:([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?( BC)?$/;

/** Reads a PostgreSQL timestamp or date; without an offset it is UTC. */
export function readTimestamp(text: string): Date {
  const parts = TIMESTAMP.exec(text);
  if (parts === null) {
    // "infinity" and "-infinity": the limits of a Date, ECMA-262 section 21.4.1.1.
    return new Date(text.startsWith("-") ? -8.64e15 : 8.64e15);
  }
  const [, y, mo, d, h, mi, s, fraction, sign, oh, om, os, bc] = parts;
  const year = bc === undefined ? Number(y) : 1 - Number(y);
  const date = new Date(0);
  date.setUTCFullYear(year, Number(mo) - 1, Number(d));
  date.setUTCHours(
    Number(h ?? 0),
    Number(mi ?? 0),
    Number(s ?? 0),
    Number((fraction ?? "0").padEnd(3, "0").slice(0, 3)),
  );
  const offset = (Number(oh ?? 0) * 60 + Number(om ?? 0)) * 60 +
    Number(os ?? 0);
  return new Date(date.getTime() - (sign === "-" ? -offset : offset) * 1000);
}

/** Writes a time as PostgreSQL reads it, in UTC. */
export function timestampText(date: Date): string {
  const year = date.getUTCFullYear();
  const rest = date.toISOString().replace(/^[+-]?\d+/, "").replace("Z", "+00");
  const era = year > 0 ? "" : " BC";
  return `${String(year > 0 ? year : 1 - year).padStart(4, "0")}${rest}${era}`;
}
