import type { MongoDriver } from "../../link/link.ts";

/**
 * Tells whether the user may write documents that break a collection's rules:
 * `readWrite` alone does not give that, and asking for it would then be an
 * error. Who need not log in may do anything.
 */
export function bypassing(
  { db, mapped }: MongoDriver,
): (table: string) => Promise<boolean> {
  return async (table) => {
    const { authInfo } = await mapped(() =>
      db.command({ connectionStatus: 1, showPrivileges: true })
    );
    const { authenticatedUsers, authenticatedUserPrivileges } = authInfo;
    if (authenticatedUsers.length === 0) return true;
    const privileges: readonly Privilege[] = authenticatedUserPrivileges;
    return privileges.some(({ resource, actions }) =>
      actions.includes("bypassDocumentValidation") &&
      (resource.anyResource === true ||
        matches(resource.db, db.databaseName) &&
          matches(resource.collection, table))
    );
  };
}

/** What a user may do where, as the server says it. */
interface Privilege {
  readonly resource: {
    readonly db?: string;
    readonly collection?: string;
    readonly anyResource?: boolean;
  };
  readonly actions: readonly string[];
}

/** An empty name stands for all. */
function matches(given: string | undefined, name: string): boolean {
  return given === "" || given === name;
}
