import type { Decision, Intent } from "../../../engine/migrations/mod.ts";
import { dropQuestions } from "../../../migrations/plan/intent.ts";

/** Questions about what goes, and what comes that might be the same. A field that goes while none comes keeps its values in the documents. */
export function questions(
  gone: readonly string[],
  come: readonly string[],
  what: "collection" | "field",
  intent: Intent,
): Decision[] {
  return what === "field" && come.length === 0
    ? []
    : dropQuestions({ what, dropped: gone, added: come }, intent);
}
