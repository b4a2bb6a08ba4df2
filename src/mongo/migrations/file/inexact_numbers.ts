import { entry } from "./json.ts";

/** What Extended JSON writes as text, and whether a text is of its kind: the driver takes others for something else. */
const KINDS: Readonly<Record<string, (text: string) => boolean>> = {
  $numberInt: (text) =>
    /^-?\d+$/.test(text) && Number(text) === (Number(text) | 0),
  $numberDouble: (text) =>
    text === "NaN" || (text.trim() !== "" && !Number.isNaN(Number(text))),
  $date: (text) => !Number.isNaN(Date.parse(text)),
};

/** The first value of some Extended JSON that would be read as another, as it is written. */
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
