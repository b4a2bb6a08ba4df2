// Migrations of a third engine, outside src/: tables are names in a set. It is what an engine's author writes for migrations.
import { Connection, LockError, MigrationError } from "@alerce/db-plugins";
import type {
  Decision,
  Draft,
  Engine,
  HistoryRecord,
  Intent,
  LockOptions,
  MigrationDialect,
  MigrationServer,
  MigrationSession,
  MigrationStep as Step,
  MigrationTarget,
  SchemaPlan,
  Script,
} from "@alerce/db-plugins/engine";
import { memory } from "./engine.ts";

/** A database, and what its connections' models say. */
export interface Memory {
  /** Its tables. */
  readonly tables: Set<string>;
  /** The models. */
  models: readonly string[];
  /** Its history. */
  readonly history: Map<string, HistoryRecord>;
  /** Who has the lock. */
  holder: object | undefined;
  /** How often the lock was taken. */
  locks: number;
  /** Told of each statement before it is run: a test's way into a run. */
  onStatement: (statement: string) => void | Promise<void>;
  /** The statements that were run. */
  readonly ran: string[];
  /** Whether its rules are about files back too, as those of a newer version may be. */
  strict: boolean;
  /** Whether what it prints lacks the last step: a fault that proving must find. */
  forgetful: boolean;
  /** Whether what it prints does not own up to what is lost: a fault that its rules must find. */
  silent: boolean;
  /** Its version. */
  version: string;
  /** Whether its history may not be made. */
  frozen: boolean;
}

/** A database that holds nothing. */
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

/** A connection to it. */
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

/**
 * A line is a statement: `add star`, `drop star`, or words that fail. A line
 * with `step` begins a step, `# …` is for people, `destructive`, `irreversible`
 * and `requires` are about the file.
 */
export const memoryDialect: MigrationDialect = {
  folder: "memory",
  extension: ".txt",
  parse(text, file) {
    const steps: (Omit<Step, "hash" | "title" | "statements"> & {
      statements: string[];
    })[] = [];
    const destructive: string[] = [];
    const requires: string[] = [];
    let irreversible: string | undefined;
    const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).map((line) =>
      line.trim().replaceAll(/\s+/g, " ")
    );
    for (const [place, line] of lines.entries()) {
      const [word = "", ...rest] = line.split(" ");
      const begin = (): void =>
        void steps.push({
          transaction: true,
          repeat: false,
          lockTimeout: undefined,
          statementTimeout: undefined,
          statements: [],
          line: place + 1,
        });
      if (line === "" || word === "#") continue;
      if (word === "destructive") destructive.push(rest.join(" "));
      else if (word === "requires") requires.push(rest.join(" "));
      else if (word === "irreversible") irreversible = rest.join(" ");
      else if (word === "step") begin();
      else if (["add", "drop", "fail", "wait"].includes(word)) {
        if (steps.length === 0) begin();
        steps.at(-1)?.statements.push(line);
      } else {
        throw new MigrationError(
          `${file}:${place + 1}: there is no statement ${word}`,
          { exitCode: 4 },
        );
      }
    }
    return {
      steps: steps.map((step) => ({
        ...step,
        title: step.statements[0] ?? "",
        hash: JSON.stringify(step.statements),
      })),
      destructive,
      irreversible,
      ignored: [],
      requires,
      checksum: JSON.stringify([
        destructive,
        irreversible,
        steps.map(({ statements }) => statements),
      ]),
    };
  },
  print: ({ steps, destructive, irreversible, requires }) =>
    [
      ...requires.map((what) => `requires ${what}`),
      ...destructive.map((what) => `destructive ${what}`),
      ...(irreversible === undefined ? [] : [`irreversible ${irreversible}`]),
      ...steps.flatMap(({ statements, comments = [] }) => [
        "step",
        ...comments.map((comment) => `# ${comment}`),
        ...statements,
      ]),
      "",
    ].join("\n"),
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
              `${statement} loses rows: say \`destructive ${statement}\``,
          }))
      ),
  empty: (direction) => `# the way ${direction}\n`,
  comment: (words) => `# ${words}\n`,
};

/** Its migrations. */
export function memoryTarget(store: Memory): MigrationTarget {
  const history = (): Promise<readonly HistoryRecord[]> =>
    Promise.resolve([...store.history.values()]);
  const fingerprint = (): Promise<string> =>
    Promise.resolve([...store.tables].sort().join());
  const server = (): Promise<MigrationServer> => {
    const { version } = store;
    return Promise.resolve({ product: "memory", name: "Memory", version });
  };
  return {
    dialect: {
      ...memoryDialect,
      lint: (script, direction) =>
        memoryDialect.lint(script, store.strict ? "up" : direction),
      print: (draft) =>
        memoryDialect.print({
          ...draft,
          steps: draft.steps.slice(0, store.forgetful ? -1 : undefined),
          destructive: store.silent ? [] : draft.destructive,
        }),
    },
    place: "memory",
    history,
    server,
    fingerprint,
    plan: ({ intent, managed, empty }) =>
      Promise.resolve(
        planned(
          empty ? new Set() : store.tables,
          store.models,
          intent,
          managed,
        ),
      ),
    prove(up, down, { empty }) {
      const before = empty ? new Set<string>() : store.tables;
      const after = applied(before, up);
      if (store.models.some((model) => !after.has(model))) {
        throw new MigrationError("The way there does not lead there");
      }
      if (
        down !== undefined && applied(after, down).difference(before).size > 0
      ) throw new MigrationError("The way back does not lead back");
      return Promise.resolve();
    },
    differences(managed) {
      const known = new Set([...store.models, ...managed]);
      return Promise.resolve({
        changes: store.models.filter((model) => !store.tables.has(model))
          .map((model) => `${model} is missing`),
        unmanaged: [...store.tables].filter((table) => !known.has(table)),
      });
    },
    isEmpty: () =>
      Promise.resolve(!store.models.some((model) => store.tables.has(model))),
    holder: () =>
      Promise.resolve(store.holder === undefined ? undefined : "another one"),
    lock: (options) => lock(store, options, { history, server, fingerprint }),
  };
}

async function lock(
  store: Memory,
  { wait, onEvent, signal, toolVersion }: LockOptions,
  reads: Pick<MigrationSession, "history" | "server" | "fingerprint">,
): Promise<MigrationSession> {
  const began = performance.now();
  while (store.holder !== undefined) {
    const milliseconds = performance.now() - began;
    if (milliseconds >= wait) {
      throw new LockError("Another one migrates", { holder: "another one" });
    }
    onEvent({ kind: "waiting", holder: "another one", milliseconds });
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const me = {};
  store.holder = me;
  store.locks++;
  onEvent({ kind: "locked" });
  const held = (): void => {
    if (store.holder !== me) throw new LockError("The lock was lost");
  };
  return {
    ...reads,
    managed: () =>
      Promise.resolve(store.models.filter((model) => store.tables.has(model))),
    makeHistory: () =>
      store.frozen
        ? Promise.reject(new MigrationError("You may not make a history"))
        : Promise.resolve(),
    record(record) {
      held();
      const before = store.history.get(record.id);
      const { former = [] } = before ?? {};
      const isSame = before === undefined ||
        before.startedAt.getTime() === record.startedAt.getTime();
      store.history.set(record.id, {
        ...record,
        former: isSame ? former : [...former, before],
        user: "me",
        host: "here",
        toolVersion,
        serverVersion: store.version,
        format: 1,
      });
      return Promise.resolve();
    },
    async run(id, { steps }, place) {
      held();
      const record = store.history.get(id);
      if (record?.stepsDone !== place) throw new Error("Not the next step");
      const before = new Set(store.tables);
      try {
        for (const statement of steps[place]?.statements ?? []) {
          await store.onStatement(statement);
          store.ran.push(statement);
          change(store.tables, statement);
        }
      } catch (error) {
        store.tables.clear();
        for (const table of before) store.tables.add(table);
        throw error;
      }
      store.history.set(id, { ...record, stepsDone: place + 1 });
      await store.onStatement("commit");
    },
    release() {
      if (store.holder === me) store.holder = undefined;
      return Promise.resolve();
    },
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
  else if (word !== "wait") throw new Error(`${statement} cannot be done`);
}

function planned(
  tables: ReadonlySet<string>,
  models: readonly string[],
  { renames, drops, defaults }: Intent,
  managed: readonly string[],
): SchemaPlan {
  const adds = models.filter((model) => !tables.has(model));
  const gone = managed.filter((table) =>
    tables.has(table) && !models.includes(table)
  );
  const decisions = adds.length === 0
    ? []
    : gone.filter((table) => !drops.has(table) && !renames.has(table)).map((
      table,
    ): Decision => ({
      question: `Is ${table} another name of ${adds[0]}?`,
      options: [`--rename ${table}=${adds[0]}`, `--drop ${table}`],
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
    ...gone.map((table) => `drop ${table}`),
    ...adds.map((table) => `add ${table}`),
  ];
  const down = [
    ...adds.map((table) => `drop ${table}`),
    ...gone.map((table) => `add ${table}`),
  ];
  const known = new Set([...models, ...managed]);
  return {
    up: draft(decisions.length > 0 ? [] : up),
    down: {
      ...draft(decisions.length > 0 ? [] : down),
      irreversible: gone.length > 0 ? "its rows are gone" : undefined,
    },
    name: up.join("_").replaceAll(" ", "_"),
    changes: up,
    unmanaged: [...tables].filter((table) => !known.has(table)),
    decisions,
    refused: adds.filter((table) => table === "quasar").map((change) => ({
      change,
      sketch: "add quasar # by hand",
    })),
  };
}
