import type { Decision, Intent } from "../../../engine/migrations/mod.ts";
import { dropQuestions } from "../../../migrations/plan/intent.ts";

/** Returns the questions about dropped collections or fields. A field that is dropped while none is added keeps its values, so it raises none. */
export function questions(
  dropped: readonly string[],
  added: readonly string[],
  what: "collection" | "field",
  intent: Intent,
): Decision[] {
  return what === "field" && added.length === 0
    ? []
    : dropQuestions({ what, dropped, added }, intent);
}
