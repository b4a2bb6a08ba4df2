import { loadModule } from "./load_module.ts";

/**
 * Returns a function that passes a module to its argument. The first call loads
 * the module; calls after that do not wait.
 */
export function onDemand<Module>(
  load: () => Promise<Module>,
): <T>(use: (module: Module) => Promise<T>) => Promise<T> {
  let loaded: Module | undefined;
  return (use) =>
    loaded === undefined
      ? loadModule(load).then((module) => use(loaded = module))
      : use(loaded);
}
