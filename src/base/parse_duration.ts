/** Milliseconds of each unit, largest unit first. */
const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

/** A duration as a person writes it. */
export interface Duration {
  /** The number before the unit: `2`, `1.5`. */
  readonly amount: string;
  /** The unit; empty if there is none. */
  readonly unit: string;
  /** Undefined if the unit is missing or unknown; 0 needs no unit. */
  readonly milliseconds: number | undefined;
}

/** Reads a duration: `2s`, `250ms`, `1.5h`, `0`. Returns undefined if the text does not look like one. */
export function parseDuration(text: string): Duration | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const size = Number(amount) === 0 && unit === ""
    ? 1
    : Object.hasOwn(UNITS, unit)
    ? UNITS[unit]
    : undefined;
  const milliseconds = size === undefined ? undefined : Number(amount) * size;
  return { amount, unit, milliseconds };
}

/** Writes a duration in the largest unit that divides it: `2s`, `250ms`, `0`. */
export function printDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0";
  const [unit, size] =
    Object.entries(UNITS).find(([, size]) => milliseconds % size === 0) ??
      ["ms", 1];
  return `${milliseconds / size}${unit}`;
}
