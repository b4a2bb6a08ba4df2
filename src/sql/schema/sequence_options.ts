/** The options of a sequence, as the catalogs describe them. */
export interface SequenceOptions {
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly cycle: boolean;
}

/** The greatest value of each type. */
const GREATEST: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n - 1n,
  integer: 2n ** 31n - 1n,
  bigint: 2n ** 63n - 1n,
};

/**
 * Returns the options that differ from the defaults, each after a space.
 *
 * @param typed whether the type is an option too
 */
export function sequenceOptions(
  options: SequenceOptions,
  typed = false,
): string {
  const { type, start, increment, min, max, cache, cycle } = options;
  const ascends = !increment.startsWith("-");
  const greatest = GREATEST[type] ?? 0n;
  const least = ascends ? "1" : `${-greatest - 1n}`;
  const most = ascends ? `${greatest}` : "-1";
  return [
    typed && type !== "bigint" ? ` AS ${type}` : "",
    increment === "1" ? "" : ` INCREMENT BY ${increment}`,
    min === least ? "" : ` MINVALUE ${min}`,
    max === most ? "" : ` MAXVALUE ${max}`,
    start === (ascends ? min : max) ? "" : ` START WITH ${start}`,
    cache === "1" ? "" : ` CACHE ${cache}`,
    cycle ? " CYCLE" : "",
  ].join("");
}
