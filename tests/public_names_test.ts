// The names that each entry point exports, types included.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import meta from "../deno.json" with { type: "json" };

/** What users import from `@alerce/db-plugins`. */
const NAMES: readonly string[] = [
  // connections
  ...["connect", "ConnectByConfigOptions", "Connection", "ConnectionOf"],
  ...["ConnectionParts", "isMongo", "isSql"],
  ...["ConnectOptions", "DatabaseConnection", "DbConfig", "MongoConnection"],
  ...[
    "QueryEvent",
    "ReplicaEvent",
    "SlowQueryEvent",
    "SchemaReport",
    "Session",
    "SessionOptions",
  ],
  ...["SQLConnection", "Transaction", "TransactionOptions"],
  // models
  ...["AnyModel", "bytes", "Check", "defineModel", "Derived"],
  ...["ForeignKey", "generatedAs", "identity", "Index", "int16", "KeyOf"],
  ...["IndexOrder", "IndexPart", "Insertable", "InsertOf"],
  ...["Model", "ModelOptions", "MongoOptions", "PartitionBy"],
  "SpatialOptions",
  ...[
    "point",
    "RelatedRow",
    "Relation",
    "RelationsFrom",
    "RelationsIn",
  ],
  ...["RelationsOf"],
  ...["RowFrom", "RowOf", "Schema", "serial"],
  ...["serverDefault", "ServerFilled", "stringify"],
  // queries
  ...["Aggregate", "AggregateOptions", "CountCondition", "NumericField"],
  ...[
    "CallOptions",
    "Counts",
    "Direction",
    "Combinations",
    "Filter",
    "FullFilter",
    "JsonOperators",
    "RowLockOptions",
    "RelationFilter",
    "FindOptions",
    "Found",
  ],
  ...["Include", "IncludeOptions", "ManyOptions", "OneOptions"],
  ...["OfModel", "Operators", "OrderBy", "PageOptions"],
  ...["Pagination", "Query", "Rows", "RowWith", "UnboundQuery"],
  ...[
    "Amount",
    "Expression",
    "Graph",
    "GraphRow",
    "greatest",
    "ifNull",
    "increment",
  ],
  ...["least", "SetOf"],
  // the sky
  ...["angularDistance", "Box", "healpixCenter", "healpixIndex", "Near"],
  "SkyConditions",
  ...["CrossmatchOptions", "Match", "Target"],
  // middleware
  ...["ConnectionView", "FilterOf", "Middleware", "Next", "rowFilter"],
  // the batch writer
  ...["createWriter", "FlushReport", "RejectedRow", "Writer"],
  ...["WriterOptions", "WriterStats", "WriterTarget", "WriterUpsertOptions"],
  // errors
  ...["AuthenticationError", "CheckError", "ConfigError", "ConfigProblem"],
  ...["ConnectionError", "ConstraintError", "DatabaseError", "DbPluginsError"],
  ...["DiscardedRowError"],
  ...["DecisionError", "DuplicateKeyError", "FileError", "ForeignKeyError"],
  "LimitError",
  ...[
    "LockError",
    "MergeRule",
    "MergeRules",
    "MigrationError",
    "ModelError",
    "MultipleRowsError",
    "NotNullError",
  ],
  ...["PartlyWritten", "QueryError", "RowProblem", "SchemaError"],
  ...[
    "SerializationError",
    "SessionError",
    "StaleProblem",
    "StaleRowError",
    "TimeoutError",
  ],
  ...["TransactionError", "ValidationError", "WriteOutcome"],
];

/** Models of two databases, and alerts of two surveys, have the same names: each entry point has its own. */
const NAMESAKES: readonly (readonly string[])[] = [
  [
    ...["./models", "./models/mongo"],
    ...["./models/multisurvey", "./models/multisurvey/archive"],
  ],
  ["./ztf", "./lsst"],
];

interface Documentation {
  readonly module_doc?: {
    readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
  };
  readonly symbols: readonly { readonly name: string }[];
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const entries = await documentation();

/** The documentation of every entry point, by the name under which people import it. */
async function documentation(): Promise<ReadonlyMap<string, Documentation>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--quiet", ...Object.values(meta.exports)],
    cwd: ROOT,
    stderr: "null",
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  return new Map(
    Object.entries(meta.exports).map(([entry, path]) => [
      entry,
      nodes[new URL(`../${path}`, import.meta.url).href],
    ]),
  );
}

function namesOf(entry: string): string[] {
  return entries.get(entry)?.symbols.map(({ name }) => name).toSorted() ?? [];
}

Deno.test("the main entry point exports the names that users need, and no other", () => {
  assert.deepEqual(namesOf("."), NAMES.toSorted());
});

Deno.test("an entry point exports no name of another, except error classes", () => {
  const exporters = Map.groupBy(
    [...entries.keys()].flatMap((entry) =>
      namesOf(entry).map((name) => ({ name, entry }))
    ),
    ({ name }) => name,
  );
  const twice = [...exporters].filter(([name, of]) =>
    of.length > 1 && !name.endsWith("Error") &&
    !NAMESAKES.some((entries) =>
      of.every(({ entry }) => entries.includes(entry))
    )
  );
  assert.deepEqual(
    twice.map(([name, of]) => [name, ...of.map(({ entry }) => entry)]),
    [],
  );
});

Deno.test("the main entry point exports every error class that another exports", () => {
  const errors = [...entries.keys()].flatMap(namesOf)
    .filter((name) => name.endsWith("Error"));
  const missing = errors.filter((name) => !namesOf(".").includes(name));
  assert.deepEqual(missing, []);
});

Deno.test("the documentation of every entry point begins with an example", () => {
  for (const [entry, { module_doc }] of entries) {
    const example = module_doc?.tags?.find(({ kind }) => kind === "example");
    assert.match(example?.doc ?? "", /```(ts|sh)/, entry);
  }
});
