// Migrations of a third engine, outside src/: tables are names in a set. Its author writes a dialect and five members: plan, schema, run, history and lock.
import { Connection, MigrationError } from "@alerce/db-plugins";
import type {
  Decision,
  Draft,
  Engine,
  HistoryRecord,
  MigrationDialect,
  MigrationTarget,
  PlanOptions,
  SchemaPlan,
  Script,
} from "@alerce/db-plugins/engine";
import { lineDialect, migrationTarget } from "@alerce/db-plugins/migrate";
import { memory } from "./engine.ts";

/** A database, and the models of its connections. */
export interface Memory {
  /** The names of its tables. */
  readonly tables: Set<string>;
  /** The names of the models. */
  models: readonly string[];
  /** Its history. */
  readonly history: Map<string, HistoryRecord>;
  /** The holder of the lock. */
  holder: unknown;
  /** Number of times that the lock was acquired. */
  locks: number;
  /** Called before each statement, so that a test can interfere. */
  onStatement: (statement: string) => void | Promise<void>;
  /** The statements that ran. */
  readonly ran: string[];
  /** Whether its lint rules apply to down files too, as those of a newer version may do. */
  strict: boolean;
  /** Whether a printed file misses its last step: a fault that the proof must find. */
  forgetful: boolean;
  /** Whether a printed file does not declare losses: a fault that the lint rules must find. */
  silent: boolean;
  /** Its version. */
  version: string;
  /** Whether the history may not be created. */
  frozen: boolean;
}

/** Returns an empty database. */
export function emptyMemory(models: readonly string[] = []): Memory {
  return {
    tables: new Set(),
    models,
    history: new Map(),
    holder: undefined,
    locks: 0,
    onStatement: () => {},
    ran: [],
    strict: false,
    forgetful: false,
    silent: false,
    version: "1",
    frozen: false,
  };
}

/** Connects to a database. */
export async function connected(store: Memory): Promise<Connection> {
  const engine: Engine = {
    name: "memory",
    async open(settings, options) {
      const backend = await memory.open(settings, options);
      return { ...backend, migrations: () => memoryTarget(store) };
    },
  };
  const db = new Connection((settings, options) =>
    engine.open(settings, options)
  );
  await db.connect({});
  return db;
}

/** Files of the engine: a line is a statement (`add star`, `drop star`), a directive (`step`) or a comment (`# …`). */
export const memoryDialect: MigrationDialect = lineDialect({
  folder: "memory",
  extension: ".txt",
  comment: "#",
  bareDirectives: true,
  rules: ["drop"],
  requires: "memory>=1",
  check(statement) {
    const [word = ""] = statement.split(" ");
    return ["add", "drop", "fail", "wait"].includes(word)
      ? undefined
      : `unknown statement "${word}"`;
  },
  lint: ({ steps, destructive }, direction) =>
    direction === "down"
      ? []
      : steps.flatMap(({ statements, line }) =>
        statements
          .filter((statement) =>
            statement.startsWith("drop") && !destructive.includes(statement)
          )
          .map((statement) => ({
            rule: "drop",
            line,
            problem:
              `${statement} loses rows: write \`destructive ${statement}\``,
          }))
      ),
});

/** Returns the migrations of a database. */
function memoryTarget(store: Memory): MigrationTarget {
  const { tables, models, history } = store;
  return migrationTarget({
    dialect: faultyDialect(store),
    models,
    plan: (options) => Promise.resolve(planned(store, options)),
    schema: () =>
      Promise.resolve(new Map([...tables].map((table) => [table, table]))),
    async run({ statements }, recordDone) {
      const before = new Set(tables);
      try {
        for (const statement of statements) {
          await store.onStatement(statement);
          store.ran.push(statement);
          change(tables, statement);
        }
      } catch (error) {
        tables.clear();
        for (const table of before) tables.add(table);
        throw error;
      }
      await recordDone();
      await store.onStatement("commit");
    },
    history: {
      read: () => Promise.resolve([...history.values()]),
      write: (record) => Promise.resolve(void history.set(record.id, record)),
    },
    lock: {
      poll: 5,
      acquire(token) {
        const isFree = store.holder === undefined;
        if (isFree) store.locks++;
        if (isFree) store.holder = token;
        return Promise.resolve(isFree);
      },
      isHeld: (token) => Promise.resolve(store.holder === token),
      release(token) {
        if (store.holder === token) store.holder = undefined;
        return Promise.resolve();
      },
    },
    // Everything below replaces a default.
    server: () =>
      Promise.resolve({
        product: "memory",
        name: "Memory",
        version: store.version,
      }),
    holder: () =>
      Promise.resolve(store.holder === undefined ? undefined : "another one"),
    fingerprint: () => Promise.resolve([...tables].sort().join()),
    createHistory: () =>
      store.frozen
        ? Promise.reject(new MigrationError("Cannot create the history"))
        : Promise.resolve(),
    prove(up, down, { empty }) {
      const before = empty ? new Set<string>() : tables;
      const after = applied(before, up);
      if (models.some((model) => !after.has(model))) {
        throw new MigrationError("The up file misses a table");
      }
      if (
        down !== undefined && applied(after, down).difference(before).size > 0
      ) throw new MigrationError("The down file leaves a table");
      return Promise.resolve();
    },
  });
}

/** Returns the dialect with the faults that a test asks for. */
function faultyDialect(store: Memory): MigrationDialect {
  return {
    ...memoryDialect,
    lint: (script, direction) =>
      memoryDialect.lint(script, store.strict ? "up" : direction),
    print: (draft) =>
      memoryDialect.print({
        ...draft,
        steps: draft.steps.slice(0, store.forgetful ? -1 : undefined),
        destructive: store.silent ? [] : draft.destructive,
      }),
  };
}

function applied(tables: ReadonlySet<string>, { steps }: Script): Set<string> {
  const after = new Set(tables);
  for (const { statements } of steps) {
    for (const statement of statements) change(after, statement);
  }
  return after;
}

function change(tables: Set<string>, statement: string): void {
  const [word, table = ""] = statement.split(" ");
  if (word === "add" && !tables.has(table)) tables.add(table);
  else if (word === "drop" && tables.has(table)) tables.delete(table);
  else if (word !== "wait") throw new Error(`${statement} is impossible`);
}

function planned(
  store: Memory,
  { intent: { renames, drops, defaults }, managed, empty }: PlanOptions,
): SchemaPlan {
  const { models } = store;
  const tables = empty ? new Set<string>() : store.tables;
  const added = models.filter((model) => !tables.has(model));
  const dropped = managed.filter((table) =>
    tables.has(table) && !models.includes(table)
  );
  const decisions = added.length === 0
    ? []
    : dropped.filter((table) => !drops.has(table) && !renames.has(table)).map((
      table,
    ): Decision => ({
      question: `Is ${table} renamed to ${added[0]}?`,
      options: [`--rename ${table}=${added[0]}`, `--drop ${table}`],
    }));
  if (models.includes("unborn") && !defaults.has("unborn.day")) {
    decisions.push({
      question: "On which day?",
      options: ["--default unborn.day=VALUE"],
    });
  }
  const draft = (statements: readonly string[]): Draft => ({
    steps: statements.map((statement) => ({
      transaction: true,
      repeat: false,
      lockTimeout: undefined,
      statementTimeout: undefined,
      statements: [statement],
    })),
    destructive: statements.filter((statement) => statement.startsWith("drop")),
    requires: [],
  });
  const up = [
    ...dropped.map((table) => `drop ${table}`),
    ...added.map((table) => `add ${table}`),
  ];
  const down = [
    ...added.map((table) => `drop ${table}`),
    ...dropped.map((table) => `add ${table}`),
  ];
  const known = new Set([...models, ...managed]);
  return {
    up: draft(decisions.length > 0 ? [] : up),
    down: {
      ...draft(decisions.length > 0 ? [] : down),
      irreversible: dropped.length > 0 ? "the rows are lost" : undefined,
    },
    name: up.join("_").replaceAll(" ", "_"),
    changes: up,
    unmanaged: [...tables].filter((table) => !known.has(table)),
    decisions,
    refused: added.filter((table) => table === "quasar").map((change) => ({
      change,
      sketch: "add quasar # manually",
    })),
  };
}
