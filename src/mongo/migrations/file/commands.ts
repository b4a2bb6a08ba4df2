/** What is known of a command that files may hold. */
export interface CommandShape {
  /** What it takes besides its collection. */
  readonly fields: readonly string[];
  /** What it must be given. */
  readonly required?: readonly string[];
}

/** What every command takes. */
const COMMON = ["comment", "writeConcern"];

/** The commands of files. */
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

/** Commands that are not for files, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  ...each(
    ["commitTransaction", "abortTransaction", "startTransaction"],
    "a step is one command, and what makes it safe is that it may be run again, not a transaction",
  ),
  ...each(
    ["dropDatabase"],
    "a database holds more than the models; drop collections one by one",
  ),
  ...each(
    ["eval", "$eval", "mapReduce", "mapreduce"],
    "JavaScript does not run on servers; write a pipeline",
  ),
  ...each(
    ["shardCollection", "refineCollectionShardKey", "reshardCollection"],
    "a shard key is changed by an administrator, by hand, with the cluster in view",
  ),
  ...each(
    ["enableSharding", "moveChunk", "setParameter", "shutdown", "fsync"],
    "it is the administrator's",
  ),
  ...each(
    ["createUser", "updateUser", "dropUser", "grantRolesToUser"],
    "users are the administrator's, and a file would hold a password",
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

/** Fields by which a command is part of a transaction, or goes to another database. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  ...each(
    ["lsid", "txnNumber", "autocommit", "startTransaction"],
    "a step is no part of a transaction",
  ),
  $db: "a command runs on the connection's database",
};

/** Operators that run JavaScript on the server. */
export const JAVASCRIPT: readonly string[] = [
  "$where",
  "$function",
  "$accumulator",
];

/** What a command takes, besides its name. */
export function fieldsOf({ fields }: CommandShape): readonly string[] {
  return [...fields, ...COMMON];
}

function each(
  names: readonly string[],
  why: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, why]));
}
