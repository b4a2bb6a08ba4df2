/** A point in time, to the second, in UTC. */
export function momentText(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
