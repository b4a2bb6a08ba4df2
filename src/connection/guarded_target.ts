import type { RunCall } from "../base/call_scope.ts";
import type {
  MigrationSession,
  MigrationTarget,
} from "../engine/migrations/mod.ts";

/** Returns a target whose functions, and those of its sessions, run as calls of the connection. */
export function guardedTarget(
  target: MigrationTarget,
  call: RunCall,
): MigrationTarget {
  const {
    plan,
    prove,
    history,
    holder,
    server,
    fingerprint,
    differences,
    violations,
    undo,
    weakened,
    warnings,
    isEmpty,
    otherTables,
    lookupRows,
    lock,
  } = target;
  return {
    ...target,
    plan: (options) => call(() => plan(options)),
    prove: (up, down, options) => call(() => prove(up, down, options)),
    history: () => call(history),
    holder: () => call(holder),
    server: () => call(server),
    fingerprint: () => call(fingerprint),
    differences: (managed, adopting) =>
      call(() => differences(managed, adopting)),
    ...violations && {
      violations: (scripts) => call(() => violations(scripts)),
    },
    ...undo && { undo: (files) => call(() => undo(files)) },
    ...weakened && { weakened: () => call(weakened) },
    ...warnings && { warnings: () => call(warnings) },
    isEmpty: () => call(isEmpty),
    ...otherTables && { otherTables: () => call(otherTables) },
    ...lookupRows && { lookupRows: () => call(lookupRows) },
    lock: async (options) =>
      guardedSession(await call(() => lock(options)), call),
  };
}

function guardedSession(
  session: MigrationSession,
  call: RunCall,
): MigrationSession {
  const { history, server, createHistory, record, run, fingerprint, managed } =
    session;
  return {
    ...session,
    history: () => call(history),
    server: () => call(server),
    createHistory: () => call(createHistory),
    record: (newRecord) => call(() => record(newRecord)),
    run: (id, script, index) => call(() => run(id, script, index)),
    fingerprint: () => call(fingerprint),
    managed: () => call(managed),
  };
}
