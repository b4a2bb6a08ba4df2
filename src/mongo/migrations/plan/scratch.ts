import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";
import { SCRATCH } from "../../schema/own_collections.ts";
import { send, type Target } from "../file/command.ts";
import type { StepContext } from "../run/apply.ts";
import { recreateCommands } from "./whole_collections.ts";

/** Milliseconds after which the collections of an interrupted proof are dropped. */
const EXPIRED = 3_600_000;

/** Runs `fn` with a prefix of its own for collections, and drops them afterwards. */
export async function inScratch<T>(
  target: Omit<Target, "prefix">,
  fn: (scratch: Target) => Promise<T>,
): Promise<T> {
  const prefix = `${SCRATCH}${Date.now().toString(36)}_${
    crypto.randomUUID().slice(0, 8)
  }_`;
  try {
    return await fn({ ...target, prefix });
  } finally {
    await dropWhere(target.db, (name) => {
      if (name.startsWith(prefix)) return true;
      const [time = ""] = name.slice(SCRATCH.length).split("_");
      return name.startsWith(SCRATCH) &&
        Date.now() - Number.parseInt(time, 36) > EXPIRED;
    });
  }
}

/** Creates empty copies of some existing collections. */
export async function copyCollections(
  scratch: Target,
  isCopied: (collection: LiveCollection) => boolean,
): Promise<void> {
  const live = await liveCollections({ ...scratch, prefix: "" });
  for (const collection of live.values()) {
    if (!isCopied(collection)) continue;
    for (const command of recreateCommands(collection)) {
      await send(scratch, command);
    }
  }
}

/** Returns the context of steps that run on copies. */
export function scratchContext(
  scratch: Target,
  begun: boolean,
): StepContext {
  return {
    ...scratch,
    models: [],
    begun,
    unchecked: false,
    between: () => Promise.resolve(),
  };
}

/** Drops the collections whose name passes a test. */
async function dropWhere(
  db: Target["db"],
  isDropped: (name: string) => boolean,
): Promise<void> {
  const listed = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of listed) {
    if (isDropped(name)) await db.dropCollection(name).catch(() => {});
  }
}
