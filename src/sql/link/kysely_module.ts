import { createRequire } from "node:module";
import type * as kysely from "./kysely.ts";
import { loadModule } from "../../base/load_module.ts";

let loaded: typeof kysely | undefined;

/** Loads Kysely. */
export async function loadKysely(): Promise<typeof kysely> {
  return loaded ??= await loadModule(() => import("./kysely.ts"));
}

/** Loads Kysely if {@link kyselyNow} cannot load it without a wait. */
export async function prepareKysely(): Promise<void> {
  if (fileOfKysely() === undefined) await loadKysely();
}

/** Returns Kysely, for `db.kysely`, which does not wait. Loading it takes longer than a connection, so it is loaded on first use. */
export function kyselyNow(): typeof kysely {
  if (loaded !== undefined) return loaded;
  const file = fileOfKysely();
  if (file === undefined) throw new TypeError("Kysely is not loaded");
  return loaded = createRequire(file)(new URL(file).pathname);
}

/** Returns the URL of Kysely's file; undefined if this module or Kysely comes from the web, a bundle or a compiled program. */
function fileOfKysely(): string | undefined {
  if (!import.meta.url.startsWith("file:") || Deno.build.standalone) {
    return undefined;
  }
  try {
    const url = import.meta.resolve("kysely");
    return url.startsWith("file:") ? url : undefined;
  } catch {
    return undefined;
  }
}
