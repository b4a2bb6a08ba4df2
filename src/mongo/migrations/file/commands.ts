/** The fields of a command that files may contain. */
export interface CommandShape {
  /** Its fields besides the collection. */
  readonly fields: readonly string[];
  /** The fields that it requires. */
  readonly required?: readonly string[];
}

/** Fields of every command. */
const COMMON = ["comment", "writeConcern"];

/** The commands that files may contain. */
export const COMMANDS: Readonly<Record<string, CommandShape>> = {
  create: {
    fields: [
      ...["validator", "validationLevel", "validationAction", "collation"],
      ...["capped", "size", "max", "timeseries", "expireAfterSeconds"],
      ...["clusteredIndex", "changeStreamPreAndPostImages", "storageEngine"],
      ...["indexOptionDefaults", "viewOn", "pipeline"],
    ],
  },
  createIndexes: {
    fields: ["indexes", "commitQuorum", "maxTimeMS"],
    required: ["indexes"],
  },
  collMod: {
    fields: [
      ...["index", "validator", "validationLevel", "validationAction"],
      ...["viewOn", "pipeline", "cappedSize", "cappedMax", "timeseries"],
      ...["changeStreamPreAndPostImages", "expireAfterSeconds", "maxTimeMS"],
    ],
  },
  dropIndexes: { fields: ["index", "maxTimeMS"], required: ["index"] },
  drop: { fields: ["maxTimeMS"] },
  renameCollection: { fields: ["to", "dropTarget"], required: ["to"] },
  insert: {
    fields: ["documents", "ordered", "maxTimeMS"],
    required: ["documents"],
  },
  update: {
    fields: ["updates", "ordered", "let", "maxTimeMS"],
    required: ["updates"],
  },
  delete: {
    fields: ["deletes", "ordered", "let", "maxTimeMS"],
    required: ["deletes"],
  },
  aggregate: {
    fields: [
      ...["pipeline", "allowDiskUse", "collation", "hint", "let", "cursor"],
      "maxTimeMS",
    ],
    required: ["pipeline"],
  },
};

/** Commands that files may not contain, each with the reason. */
export const REFUSED: Readonly<Record<string, string>> = {
  ...each(
    ["commitTransaction", "abortTransaction", "startTransaction"],
    "a step is one command that can run twice, not a transaction",
  ),
  ...each(
    ["dropDatabase"],
    "the database may hold more than the models; drop collections one by one",
  ),
  ...each(
    ["eval", "$eval", "mapReduce", "mapreduce"],
    "servers may not allow JavaScript; write a pipeline",
  ),
  ...each(
    ["shardCollection", "refineCollectionShardKey", "reshardCollection"],
    "an administrator must change a shard key manually, with the whole cluster in view",
  ),
  ...each(
    ["enableSharding", "moveChunk", "setParameter", "shutdown", "fsync"],
    "it is a task for the administrator",
  ),
  ...each(
    ["createUser", "updateUser", "dropUser", "grantRolesToUser"],
    "users are a task for the administrator, and the file would contain a password",
  ),
  ...each(
    ["find", "count", "distinct", "listCollections", "listIndexes"],
    "it changes nothing",
  ),
  ...each(
    ["findAndModify", "findandmodify"],
    "write an update",
  ),
};

/** Fields that make a command part of a transaction or send it to another database. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  ...each(
    ["lsid", "txnNumber", "autocommit", "startTransaction"],
    "a step is not part of a transaction",
  ),
  $db: "a command always runs on the connection's database",
};

/** Operators that run JavaScript on the server. */
export const JAVASCRIPT: readonly string[] = [
  "$where",
  "$function",
  "$accumulator",
];

/** Returns the fields of a command, besides its name. */
export function fieldsOf({ fields }: CommandShape): readonly string[] {
  return [...fields, ...COMMON];
}

function each(
  names: readonly string[],
  why: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, why]));
}
