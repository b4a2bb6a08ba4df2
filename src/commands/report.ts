/** What a command came to: for programs, and in lines. */
export interface Report {
  /** One JSON object. */
  readonly data: object;
  /** The same for a person. */
  readonly lines: readonly string[];
  /** What `dbp` ends with; 0 by default. */
  readonly exitCode?: number | undefined;
}

/** `1 step`, `2 steps`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A time that a person can grasp: `35 ms`, `1.2 s`, `3 min 5 s`. */
export function timeText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How much was done of a migration, and how long that took. */
export function ranText(
  { id, steps, milliseconds }: {
    readonly id: string;
    readonly steps: number;
    readonly milliseconds: number;
  },
): string {
  return `${id}, ${counted(steps, "step")} in ${timeText(milliseconds)}`;
}

/** A point in time, to the second, in UTC. */
export function momentText(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
