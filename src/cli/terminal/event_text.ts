import { durationText } from "../../base/duration_text.ts";
import { printable } from "../../base/errors/printable.ts";
import type { MigrationEvent } from "../../engine/migrations/mod.ts";
import { type LoadEvent, loadText } from "./load_event.ts";
import { counted } from "./report.ts";

/** What the terminal shows: work of migrations, or a load. */
export type ShownEvent = MigrationEvent | LoadEvent;

/** Describes an event in one line, without its elapsed time; undefined if it needs no line. */
export function eventText(event: ShownEvent): string | undefined {
  const text = textOf(event);
  return text === undefined ? undefined : printable(text);
}

function textOf(event: ShownEvent): string | undefined {
  switch (event.kind) {
    case "load":
      return loadText(event);
    case "waiting":
      return `Waiting for another migrating process, ${event.holder}${
        event.endsIn === undefined
          ? ""
          : `; if it was killed, its lock expires within ${
            durationText(event.endsIn)
          }`
      }`;
    case "locked":
      return undefined;
    case "passed-over":
      return `${event.ids.join(", ")} ${
        event.ids.length === 1 ? "was" : "were"
      } never applied; rolling back ${event.instead} instead`;
    case "warning":
      return event.warning;
    case "migration":
      return `${
        event.direction === "up" ? "Applying" : "Rolling back"
      } ${event.id}, ${counted(event.steps, "step")}`;
    case "step":
      return `step ${event.step} of ${event.steps}: ${event.statement}`;
    case "progress":
      return `step ${event.step}: ${counted(event.rows, "row")} so far`;
    case "blocked":
      return `step ${event.step} waits for a lock held by ${event.by}`;
    case "unanswered":
      return `Waiting for an answer from ${event.place}: neither this connection nor a new one gets one`;
    case "retry":
      return `step ${event.step} is retried, attempt ${event.attempt}: ${event.reason}`;
    case "done":
      return `done in ${durationText(event.milliseconds)}`;
  }
}

/** Whether an event belongs to a migration that an earlier event announced. */
export function isPart(
  event: ShownEvent,
): event is Extract<MigrationEvent, { readonly id: string }> {
  return "id" in event && event.kind !== "migration";
}

/** Identifies the work of an event that is reported repeatedly; undefined for other events. */
export function repeatedBy(event: ShownEvent): string | undefined {
  if (event.kind === "load") return event.file;
  if (event.kind === "waiting") return event.holder;
  if (event.kind === "unanswered") return event.kind;
  if (event.kind === "progress") return `rows of step ${event.step}`;
  return event.kind === "blocked"
    ? `step ${event.step} for ${event.by}`
    : undefined;
}
