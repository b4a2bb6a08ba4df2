import { AsyncLocalStorage } from "node:async_hooks";
import { SessionError } from "../base/errors/mod.ts";
import type { Session, UnitOfWork } from "../query/session/session.ts";

/** How `db.session` finds its session. */
export interface SessionOptions {
  /** One session for each value of `scopeFunc`, or for each `withSession`. */
  useScoped?: boolean;
  /** Whose session is wanted: a request's id, a task's name. */
  scopeFunc?: () => unknown;
}

/** The sessions of one connection. */
export interface Sessions {
  /** The session of this place in the program. */
  current(): UnitOfWork;
  /** Begins one, in place of the one that was here. */
  create(options: SessionOptions): UnitOfWork;
  /** Takes a ready-made one, in place of the one that was here. */
  adopt(session: Session): void;
  /** Ends the one that is here; twice is fine. */
  end(): void;
  /** One of its own for everything `fn` awaits. */
  within<T>(fn: (session: UnitOfWork) => Promise<T>): Promise<T>;
  /** Ends them all. */
  close(): void;
}

/** The sessions of a connection, made by `make`. */
export function createSessions(make: () => UnitOfWork): Sessions {
  const around = new AsyncLocalStorage<UnitOfWork>();
  let single: UnitOfWork | undefined;
  let scoped: Map<unknown, UnitOfWork> | undefined;
  let scopeFunc: (() => unknown) | undefined;

  function ofScope(): UnitOfWork {
    if (scopeFunc === undefined || scoped === undefined) {
      throw new SessionError(
        "No session here: sessions are scoped without a scopeFunc, so each belongs to a db.withSession(…) around it",
      );
    }
    const scope = scopeFunc();
    const session = scoped.get(scope) ?? make();
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
      const session = around.getStore() ??
        (scoped === undefined ? single : ofScope());
      if (session !== undefined) return session;
      throw new SessionError(
        "No session: begin one with db.createSession() or db.withSession(…)",
      );
    },
    create(options) {
      if (options.useScoped !== true) {
        removeAll();
        return single = make();
      }
      single?.remove();
      single = undefined;
      scoped ??= new Map();
      scopeFunc = options.scopeFunc;
      if (scopeFunc === undefined) return make();
      endScoped();
      return ofScope();
    },
    adopt(session) {
      if (!isUnitOfWork(session)) {
        throw new SessionError(
          "Cannot take this session: it must be one that createSession of a connection made",
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
      const session = make();
      try {
        return await around.run(session, () => fn(session));
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

function isUnitOfWork(session: Session): session is UnitOfWork {
  return "flush" in session && "adopt" in session;
}
