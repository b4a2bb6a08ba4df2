import type { Db, Document } from "mongodb";
import type { ReportedCommand } from "../link/link.ts";

/** Parts of a plan that contain others. */
const INNER = [
  ...["stages", "$cursor", "queryPlanner", "winningPlan", "queryPlan"],
  ...["inputStage", "inputStages", "innerStage", "outerStage", "shards"],
];

/**
 * Returns the plan of a command, which is not executed: its stages and indexes,
 * without values. For an update or a deletion, it is the plan of its filter. Undefined
 * if the command has none.
 */
export async function explainCommand(
  db: Db,
  { table, command }: ReportedCommand,
): Promise<string | undefined> {
  const explain = explained(table, command);
  if (explain === undefined) return undefined;
  const answer = await db.command({ explain, verbosity: "queryPlanner" });
  const lines: string[] = [];
  collect(answer, 0, lines);
  return lines.join("\n");
}

function explained(
  table: string,
  { name, parts = {} }: ReportedCommand["command"],
): Document | undefined {
  const { filter, sort, skip, limit, pipeline } = parts;
  if (name === "aggregate" && Array.isArray(pipeline)) {
    return { aggregate: table, pipeline, cursor: {} };
  }
  if (typeof filter !== "object" || filter === null) return undefined;
  return {
    find: table,
    filter,
    ...sort === undefined ? {} : { sort },
    ...skip === undefined ? {} : { skip },
    ...limit === undefined ? {} : { limit },
  };
}

/** Adds a line for each stage, with its index, before those that it reads. */
function collect(part: unknown, depth: number, lines: string[]): void {
  if (Array.isArray(part)) {
    for (const item of part) collect(item, depth, lines);
    return;
  }
  if (typeof part !== "object" || part === null) return;
  const { stage, indexName, keyPattern } = part as Document;
  let inner = depth;
  if (typeof stage === "string") {
    const index = indexName === undefined
      ? ""
      : ` ${indexName} ${keysText(keyPattern)}`;
    lines.push(`${"  ".repeat(depth)}${stage}${index}`);
    inner++;
  } else {
    const [name, ...others] = Object.keys(part);
    const isStage = name?.startsWith("$") && name !== "$cursor" &&
      others.length === 0;
    if (isStage) lines.push(`${"  ".repeat(depth)}${name}`);
  }
  for (const name of INNER) collect(Reflect.get(part, name), inner, lines);
}

/** The keys of an index, whose directions may be 64-bit integers. */
function keysText(keys: unknown): string {
  return JSON.stringify(
    keys,
    (_, value) => typeof value === "bigint" ? Number(value) : value,
  );
}
