// What is told of long work, in lines and at a terminal.
import type { MigrationEvent } from "@alerce/db-plugins/engine";
import assert from "node:assert/strict";
import { linesTo, updatingLine } from "../../src/cli/terminal/progress.ts";

const id = "20260930T141502_add_drb";
const waiting = (milliseconds: number): MigrationEvent => ({
  kind: "waiting",
  holder: "process 7",
  milliseconds,
});
const blocked = (by: string, milliseconds: number): MigrationEvent => ({
  kind: "blocked",
  id,
  step: 2,
  by,
  milliseconds,
});
const EVENTS: readonly MigrationEvent[] = [
  waiting(0),
  waiting(1000),
  waiting(2000),
  { kind: "locked" },
  { kind: "migration", id, direction: "up", steps: 2 },
  { kind: "step", id, step: 1, steps: 2, statement: "SELECT 1" },
  { kind: "step", id, step: 2, steps: 2, statement: "x".repeat(80) },
  { kind: "progress", id, step: 2, rows: 1, milliseconds: 1500 },
  { kind: "progress", id, step: 2, rows: 20_000, milliseconds: 1600 },
  blocked("process 8", 1200),
  blocked("process 8", 2200),
  blocked("process 9", 3200),
  {
    kind: "retry",
    id,
    step: 2,
    attempt: 2,
    reason: "a lock was not had in time",
  },
  blocked("process 9", 1000),
  { kind: "done", id, direction: "up", milliseconds: 3_723_000 },
  { kind: "migration", id, direction: "down", steps: 1 },
];

Deno.test("in lines, the same wait is told once, and again after something else", () => {
  const lines: string[] = [];
  const progress = linesTo((line) => lines.push(line));
  EVENTS.forEach(progress.tell);
  progress.end();
  assert.deepEqual(lines, [
    "Waiting for another process that migrates, process 7",
    `Applying ${id}, 2 steps`,
    "  step 1 of 2: SELECT 1",
    `  step 2 of 2: ${"x".repeat(80)}`,
    "  step 2: 1 row so far, for 1.5 s now",
    "  step 2: 20000 rows so far, for 1.6 s now",
    "  step 2 waits for a lock of process 8, for 1.2 s now",
    "  step 2 waits for a lock of process 9, for 3.2 s now",
    "  step 2 is tried again, attempt 2: a lock was not had in time",
    "  step 2 waits for a lock of process 9, for 1.0 s now",
    "  done in 1 h 2 min",
    `Taking back ${id}, 1 step`,
  ]);
});

Deno.test("where what another process has ends by itself, that is said", () => {
  const lines: string[] = [];
  const progress = linesTo((line) => lines.push(line));
  progress.tell({
    kind: "waiting",
    holder: "process 7 on vm",
    milliseconds: 0,
    endsIn: 26_000,
  });
  assert.deepEqual(lines, [
    "Waiting for another process that migrates, process 7 on vm; if it is gone, its lease ends within 26.0 s",
  ]);
});

Deno.test("at a terminal one line is written over, no wider than it, and gone at the end", () => {
  const written: string[] = [];
  const progress = updatingLine((text) => written.push(text), () => 60);
  EVENTS.forEach(progress.tell);
  progress.end();
  const empty = "\r\x1b[2K";
  assert.ok(written.every((text) => text.startsWith(empty)));
  const lines = written.map((text) => text.slice(empty.length));
  assert.ok(lines.every((line) => line.length < 60 && !line.includes("\n")));
  assert.ok(lines.includes(`${id}, step 1 of 2: SELECT 1`));
  const wait = `1.2 s  ${id}, step 2 waits for a lock of process 8`;
  assert.ok(lines.includes(wait.slice(0, 59)));
  assert.equal(lines.at(-1), "");
  progress.end();
});
