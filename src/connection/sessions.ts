import { AsyncLocalStorage } from "node:async_hooks";
import { SessionError } from "../base/errors/mod.ts";
import type { Session, UnitOfWork } from "../query/session/session.ts";

/** How `db.session` selects its session. */
export interface SessionOptions {
  /** Whether there is one session for each value of `scopeFunc`, or without it for each `withSession` (default: false). */
  useScoped?: boolean;
  /** Returns the scope of the current code: the id of a request, the name of a task. */
  scopeFunc?: () => unknown;
}

/** The sessions of one connection. */
export interface Sessions {
  /** Returns the session of the current scope. */
  current(): UnitOfWork;
  /** Begins a session; replaces the one of the current scope. */
  create(options: SessionOptions): UnitOfWork;
  /** Uses an existing session; replaces the current one. */
  adopt(session: Session): void;
  /** Ends the session of the current scope, if it exists. */
  end(): void;
  /**
   * Runs `fn` in a session of its own.
   * @throws {SessionError} if `fn` is not a function
   */
  within<T>(fn: (session: UnitOfWork) => Promise<T>): Promise<T>;
  /** Ends all sessions. */
  close(): void;
}

/** Creates the sessions of a connection. */
export function createSessions(create: () => UnitOfWork): Sessions {
  const surrounding = new AsyncLocalStorage<UnitOfWork>();
  let single: UnitOfWork | undefined;
  let scoped: Map<unknown, UnitOfWork> | undefined;
  let scopeFunc: (() => unknown) | undefined;

  function sessionOfScope(): UnitOfWork {
    if (scopeFunc === undefined || scoped === undefined) {
      throw new SessionError(
        "No session: with useScoped and no scopeFunc, a session exists only inside db.withSession(…)",
      );
    }
    const scope = scopeFunc();
    const session = scoped.get(scope) ?? create();
    scoped.set(scope, session);
    return session;
  }

  function endScoped(): void {
    if (scopeFunc === undefined) return;
    const scope = scopeFunc();
    scoped?.get(scope)?.remove();
    scoped?.delete(scope);
  }

  function removeAll(): void {
    single?.remove();
    for (const session of scoped?.values() ?? []) session.remove();
    single = undefined;
    scoped = undefined;
  }

  return {
    current() {
      const session = surrounding.getStore() ??
        (scoped === undefined ? single : sessionOfScope());
      if (session !== undefined) return session;
      throw new SessionError(
        "No session: create one with db.createSession() or db.withSession(…)",
      );
    },
    create(options) {
      assertSessionOptions(options);
      if (options.useScoped !== true) {
        removeAll();
        return single = create();
      }
      single?.remove();
      single = undefined;
      scoped ??= new Map();
      scopeFunc = options.scopeFunc;
      if (scopeFunc === undefined) return create();
      endScoped();
      return sessionOfScope();
    },
    adopt(session) {
      if (!isUnitOfWork(session)) {
        throw new SessionError(
          "Cannot use this session: it must come from createSession of a connection",
        );
      }
      removeAll();
      single = session;
    },
    end() {
      if (scoped === undefined) removeAll();
      else endScoped();
    },
    async within(fn) {
      if (typeof fn !== "function") {
        throw new SessionError(
          "Cannot run in a session: pass a function, like db.withSession(async (session) => …)",
        );
      }
      const session = create();
      try {
        return await surrounding.run(session, () => fn(session));
      } catch (error) {
        session.rollback();
        throw error;
      } finally {
        session.remove();
      }
    },
    close: removeAll,
  };
}

/** @throws {SessionError} if an option has a value of the wrong type */
function assertSessionOptions({ useScoped, scopeFunc }: SessionOptions): void {
  if (!["undefined", "boolean"].includes(typeof useScoped)) {
    throw new SessionError(
      "Cannot create a session: useScoped must be true or false",
    );
  }
  if (!["undefined", "function"].includes(typeof scopeFunc)) {
    throw new SessionError(
      "Cannot create a session: scopeFunc must be a function",
    );
  }
}

function isUnitOfWork(session: Session): session is UnitOfWork {
  return "flush" in session && "adopt" in session;
}
