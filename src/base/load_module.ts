import { AsyncLocalStorage } from "node:async_hooks";

const outside = AsyncLocalStorage.snapshot();

/**
 * Loads a module on demand: `await loadModule(() => import("./flush.ts"))`.
 *
 * Deno 2.9 keeps the async context in which `import()` is called for all later
 * callbacks of the program. So a session, a span, or a request in which a module
 * is loaded would never end. Here it is called outside of them.
 */
export function loadModule<Module>(
  load: () => Promise<Module>,
): Promise<Module> {
  return outside(load);
}
