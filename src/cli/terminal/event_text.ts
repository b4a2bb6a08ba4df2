import { timeText } from "../../base/time_text.ts";
import type { MigrationEvent } from "../../engine/migrations/mod.ts";
import { counted } from "./report.ts";

/** What an event is in words, without how long it has gone on; undefined where there is nothing to tell. */
export function eventText(event: MigrationEvent): string | undefined {
  switch (event.kind) {
    case "waiting":
      return `Waiting for another process that migrates, ${event.holder}${
        event.endsIn === undefined
          ? ""
          : `; if it is gone, its lease ends within ${timeText(event.endsIn)}`
      }`;
    case "locked":
      return undefined;
    case "passed-over":
      return `${event.ids.join(", ")} ${
        event.ids.length === 1 ? "was" : "were"
      } never applied; what is taken back is ${event.instead}`;
    case "migration":
      return `${
        event.direction === "up" ? "Applying" : "Taking back"
      } ${event.id}, ${counted(event.steps, "step")}`;
    case "step":
      return `step ${event.step} of ${event.steps}: ${event.statement}`;
    case "progress":
      return `step ${event.step}: ${counted(event.rows, "row")} so far`;
    case "blocked":
      return `step ${event.step} waits for a lock of ${event.by}`;
    case "retry":
      return `step ${event.step} is tried again, attempt ${event.attempt}: ${event.reason}`;
    case "done":
      return `done in ${timeText(event.milliseconds)}`;
  }
}

/** Whether it is a part of what "Applying" began. */
export function isPart(
  event: MigrationEvent,
): event is Extract<MigrationEvent, { readonly id: string }> {
  return "id" in event && event.kind !== "migration";
}

/** What an event that is told again and again is about; undefined for others. */
export function repeatedBy(event: MigrationEvent): string | undefined {
  if (event.kind === "waiting") return event.holder;
  if (event.kind === "progress") return `rows of step ${event.step}`;
  return event.kind === "blocked"
    ? `step ${event.step} for ${event.by}`
    : undefined;
}
