import type { Decision, Intent } from "../../../migration.ts";

/** Questions about what goes while something comes that might be the same. */
export function questions(
  gone: readonly string[],
  come: readonly string[],
  what: "collection" | "field",
  { drops }: Intent,
): Decision[] {
  if (come.length === 0) return [];
  return gone.filter((name) => !drops.has(name)).map((name) => ({
    question: come.length === 1
      ? `Is ${
        come[0]
      } the ${what} ${name} under a new name, or is ${name} dropped and the other one new?`
      : `Is one of ${
        come.join(", ")
      } the ${what} ${name} under a new name, or is ${name} dropped?`,
    options: [
      ...come.map((to) => `--rename ${name}=${to}`),
      `--drop ${name}`,
    ],
  }));
}
