import { entry } from "../../schema/documents.ts";

/** Kinds of Extended JSON that store text, each with a check of that text: the driver would read an invalid text as another value. */
const KINDS: Readonly<Record<string, (text: string) => boolean>> = {
  $numberInt: (text) =>
    /^-?\d+$/.test(text) && Number(text) === (Number(text) | 0),
  $numberDouble: (text) =>
    text === "NaN" || (text.trim() !== "" && !Number.isNaN(Number(text))),
  $date: (text) => !Number.isNaN(Date.parse(text)),
};

/** Returns the first value of parsed Extended JSON that the driver would read as another value, as JSON. */
export function inexactIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [kind, isOne] of Object.entries(KINDS)) {
    const text = entry(value, kind);
    if (typeof text === "string" && !isOne(text)) return JSON.stringify(value);
  }
  for (const inner of Object.values(value)) {
    const found = inexactIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
