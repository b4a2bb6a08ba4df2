/** How the server describes a command that a user may not run. The values of the command follow. */
const REFUSED =
  /not authorized on (\S+) to execute command \{ (\w+): (?:"([^"]*)")?/;
/** How Atlas describes it. */
const REFUSED_BY_ATLAS =
  /not allowed to do action \[(\w+)\] on \[([^.\]]*)\.?([^\]]*)\]/;

/** The actions that a command requires, if not one of its own name. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  aggregate: ["find"],
  count: ["find"],
  distinct: ["find"],
  delete: ["remove"],
  findAndModify: ["find", "insert", "update"],
  create: ["createCollection"],
  createIndexes: ["createIndex"],
  drop: ["dropCollection"],
  dropIndexes: ["dropIndex"],
  renameCollection: ["renameCollectionSameDB"],
};
const READ: readonly string[] = ["find", "listCollections", "listIndexes"];
const WRITE: readonly string[] = [
  ...["insert", "update", "remove", "createCollection", "createIndex"],
  ...["dropCollection", "dropIndex", "renameCollectionSameDB"],
];

/**
 * Returns the message about a command that the user may not run, with the
 * privileges that it requires; undefined if the server's message is another one.
 *
 * @param message the server's, which contains the values of the command
 */
export function permissionText(message: string): string | undefined {
  const atlas = REFUSED_BY_ATLAS.exec(message);
  const [, database = "", command = "", collection = ""] =
    REFUSED.exec(message) ?? [];
  return atlas === null
    ? command === "" ? undefined : privilegeText(
      `the command ${command}`,
      database,
      collection,
      ACTIONS[command] ?? [command],
    )
    : privilegeText(
      `the action ${atlas[1] ?? ""}`,
      atlas[2] ?? "",
      atlas[3] ?? "",
      [atlas[1] ?? ""],
    );
}

function privilegeText(
  subject: string,
  database: string,
  collection: string,
  actions: readonly string[],
): string {
  const resource = collection === ""
    ? `the database ${database}`
    : `${database}.${collection}`;
  const names = actions.map((action) => JSON.stringify(action)).join(", ");
  return `${subject} on ${resource} requires the privilege${
    actions.length === 1 ? "" : "s"
  } ${names}. Grant the user a role that has ${
    actions.length === 1 ? "it" : "them"
  }, such as "${roleWith(actions)}" on ${database}`;
}

/** The least role of MongoDB with these actions. */
function roleWith(actions: readonly string[]): string {
  if (actions.every((action) => READ.includes(action))) return "read";
  return actions.every((action) =>
      READ.includes(action) || WRITE.includes(action)
    )
    ? "readWrite"
    : "dbAdmin";
}
