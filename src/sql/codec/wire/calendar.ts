/** The days from 1970-01-01 to 2000-01-01, the epoch of PostgreSQL (`POSTGRES_EPOCH_JDATE`). */
export const EPOCH_DAYS = 10_957;
/** The milliseconds from 1970-01-01 to 2000-01-01. */
export const EPOCH_MILLISECONDS = 946_684_800_000;
/** The microseconds from 1970-01-01 to 2000-01-01. */
export const EPOCH_MICROSECONDS = 946_684_800_000_000n;

const DAY = 86_400_000_000n;

/** Returns the text of a day as PostgreSQL writes it in ISO style, without the era: `2018-06-01`. */
function dayText(
  days: number,
): { readonly text: string; readonly era: string } {
  const { year, month, day } = civil(days);
  // There is no year 0: the year before 1 is 1 BC.
  const [shown, era] = year > 0 ? [year, ""] : [1 - year, " BC"];
  return {
    text: `${String(shown).padStart(4, "0")}-${two(month)}-${two(day)}`,
    era,
  };
}

/** Returns the text of a date: `0044-03-15 BC`. */
export function dateText(daysSince1970: number): string {
  const { text, era } = dayText(daysSince1970);
  return text + era;
}

/** Returns the text of a time: `2018-06-01 04:07:22.5`, with the offset `+00` or none. */
export function timestampText(
  microsecondsSince1970: bigint,
  offset: "+00" | "",
): string {
  const days = floorDivide(microsecondsSince1970, DAY);
  const { text, era } = dayText(Number(days));
  const time = clockText(microsecondsSince1970 - days * DAY);
  return `${text} ${time}${offset}${era}`;
}

/** Returns the text of a time of the day, in microseconds: `04:07:22.5`. */
export function clockText(microseconds: bigint): string {
  const seconds = Number(microseconds / 1_000_000n);
  const fraction = fractionText(Number(microseconds % 1_000_000n));
  return `${two(Math.trunc(seconds / 3600))}:${
    two(Math.trunc(seconds / 60) % 60)
  }:${two(seconds % 60)}${fraction}`;
}

/** Returns the text of the microseconds of a second, without trailing zeros: `.5`; empty for 0. */
export function fractionText(microseconds: number): string {
  return microseconds === 0
    ? ""
    : `.${String(microseconds).padStart(6, "0").replace(/(?<!0)0+$/, "")}`;
}

/** Writes a number with at least two digits. */
export function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Converts days since 1970-01-01 to a date of the proleptic Gregorian calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". The year before 1 is 0. */
function civil(
  days: number,
): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
