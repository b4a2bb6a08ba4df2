/** A point in time for people, to the second, in UTC: `2026-11-29 04:05:06 UTC`. */
export function timestampText(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
