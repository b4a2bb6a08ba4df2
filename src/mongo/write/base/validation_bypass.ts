import type { MongoDriver } from "../../link/link.ts";

/**
 * A function that returns whether the user may write documents to a collection
 * that violate its validator. The role `readWrite` alone does not permit this,
 * and a write that requests it would then fail. Without authentication, every
 * user may.
 */
export function createBypassCheck(
  { db, mapErrors }: MongoDriver,
): (table: string) => Promise<boolean> {
  return async (table) => {
    const { authInfo } = await mapErrors(() =>
      db.command({ connectionStatus: 1, showPrivileges: true })
    );
    const { authenticatedUsers, authenticatedUserPrivileges } = authInfo;
    if (authenticatedUsers.length === 0) return true;
    const privileges: readonly Privilege[] = authenticatedUserPrivileges;
    return privileges.some(({ resource, actions }) =>
      actions.includes("bypassDocumentValidation") &&
      (resource.anyResource === true ||
        covers(resource.db, db.databaseName) &&
          covers(resource.collection, table))
    );
  };
}

/** A privilege, as the server reports it. */
interface Privilege {
  readonly resource: {
    readonly db?: string;
    readonly collection?: string;
    readonly anyResource?: boolean;
  };
  readonly actions: readonly string[];
}

/** Whether a resource name covers a name; an empty one covers all. */
function covers(resource: string | undefined, name: string): boolean {
  return resource === "" || resource === name;
}
