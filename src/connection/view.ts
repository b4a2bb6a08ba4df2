import { QueryError } from "../base/errors/mod.ts";
import { valueText } from "../model/option_shape.ts";
import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import { Query } from "../query/query.ts";
import type { Scope } from "../query/scope.ts";
import { UnboundQuery } from "../query/unbound.ts";
import type { ConnectionView } from "./connection_view.ts";
import { assertOptionNames } from "./option_names.ts";
import type { SessionOptions, Sessions } from "./sessions.ts";

/** The parts of a connection that a view of it uses. */
interface ViewParts<Models extends readonly AnyModel[]>
  extends Pick<ConnectionView<Models>, "transaction" | "use"> {
  /** Throws if the connection cannot be used. */
  readonly assertUsable: () => void;
  /** Returns the scope of queries with sessions of their own. */
  readonly scope: (session: Scope["session"]) => Scope;
  /** The sessions of the view, which has none yet. */
  readonly sessions: Sessions;
  /** Returns how the connection creates its first session; undefined if it creates none. */
  readonly firstSession: () => SessionOptions | undefined;
}

/** Creates a view of a connection. */
export function createView<Models extends readonly AnyModel[]>(
  { assertUsable, scope, sessions, firstSession, transaction, use }: ViewParts<
    Models
  >,
): ConnectionView<Models> {
  let hasBegun = false;
  /** Creates the first session when it is needed: the view may exist before its connection is open. */
  function begun(): Sessions {
    assertUsable();
    if (hasBegun) return sessions;
    hasBegun = true;
    const options = firstSession();
    if (options !== undefined) sessions.create(options);
    return sessions;
  }
  function query<M extends AnyModel>(
    model: M,
  ): Query<M, RowOf<M>, InsertOf<M>, Models>;
  function query(): UnboundQuery<Models>;
  function query(model?: AnyModel): Query<AnyModel> | UnboundQuery {
    const own = scope(() => begun().current());
    return model === undefined ? new UnboundQuery(own) : new Query(model, own);
  }
  return {
    query,
    get session() {
      return begun().current();
    },
    createSession(options = {}) {
      assertOptionNames("createSession", options);
      return begun().create(options);
    },
    endSession() {
      hasBegun = true;
      sessions.end();
    },
    async withSession(fn) {
      return await begun().within(fn);
    },
    transaction,
    use,
  };
}

/** @throws {QueryError} if a value is not a function */
export function assertMiddleware(middleware: unknown): void {
  if (typeof middleware === "function") return;
  throw new QueryError(
    `Cannot use ${
      valueText(middleware)
    } as middleware: pass a function, like (statement, next) => next(statement)`,
    { field: "use" },
  );
}
