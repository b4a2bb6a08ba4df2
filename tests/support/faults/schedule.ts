// When a fault happens: a schedule that depends on messages and on a seed, never on the clock.
import type { Message, Protocol, Side } from "./messages.ts";
import { between, pick, randomNumbers } from "./random.ts";

/** What happens to a message and its connection. */
type FaultAction =
  /** The message, and what its sender sends next, waits for `ms`. */
  | "delay"
  /** The connection ends before the message is forwarded. */
  | "cut before"
  /** The connection ends after the message is forwarded. */
  | "cut after"
  /** The connection ends within the message. */
  | "reset"
  /** Nothing more is forwarded in either direction, and the connection stays open; after `ms`, if given, it ends. */
  | "swallow"
  /** The message is forwarded, and everything that the server sends waits for `ms`. */
  | "late";

/** One fault: what happens at which message. */
export interface FaultRule {
  /** The sender (default: either). */
  readonly from?: Side;
  /** The kind of the message (default: any). */
  readonly kind?: string;
  /** A text that the message contains. */
  readonly contains?: string;
  /** Whether the fault waits for its message, however many others come before (default: false). */
  readonly isPatient?: boolean;
  /** The number of the matching message, from 1, since the previous fault (default: 1). */
  readonly nth?: number;
  readonly action: FaultAction;
  /** The time of `delay`, `late` and `swallow`, in milliseconds. */
  readonly ms?: number;
}

/** Decides what happens to each message. */
export interface Schedule {
  /** Returns the fault of a message, if it has one. */
  next(message: Message): FaultRule | undefined;
}

/**
 * Carries out rules one after the other: the next one counts from the fault of
 * the previous one.
 *
 * @param patience drops a rule after this many messages that it does not match (default: never)
 */
export function schedule(
  rules: Iterable<FaultRule>,
  patience: number = Infinity,
): Schedule {
  const rest = rules[Symbol.iterator]();
  let rule: FaultRule | undefined = rest.next().value;
  let [matching, others] = [0, 0];
  const advance = (): void => {
    rule = rest.next().value;
    [matching, others] = [0, 0];
  };
  return {
    next(message) {
      if (rule === undefined) return undefined;
      if (!matches(rule, message)) {
        if (++others > patience && rule.isPatient !== true) advance();
        return undefined;
      }
      if (++matching < (rule.nth ?? 1)) return undefined;
      const due = rule;
      advance();
      return due;
    },
  };
}

/** Whether bytes contain a text. */
export function hasText(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder("latin1").decode(bytes).includes(text);
}

function matches(
  { from, kind, contains }: FaultRule,
  message: Message,
): boolean {
  return (from === undefined || from === message.from) &&
    (kind === undefined || kind === message.kind) &&
    (contains === undefined || hasText(message.bytes, contains));
}

/** The messages that random faults hit. */
const KINDS: Readonly<Record<Protocol, Readonly<Record<Side, string[]>>>> = {
  postgresql: {
    client: [
      ...["query", "parse", "bind", "execute", "sync", "sync"],
      ...["copyData", "copyDone", "password"],
    ],
    server: [
      ...["commandComplete", "commandComplete", "readyForQuery"],
      ...["dataRow", "copyIn", "bindComplete", "rowDescription"],
    ],
  },
  mongodb: {
    client: [
      ...["insert", "update", "delete", "find", "findAndModify"],
      ...["aggregate", "commitTransaction", "getMore"],
    ],
    server: [
      ...["insert", "update", "delete", "find", "findAndModify"],
      ...["aggregate", "commitTransaction", "getMore"],
    ],
  },
};
const ACTIONS: readonly FaultAction[] = [
  ...["delay", "late"] as const,
  ...["cut before", "cut after", "cut after", "reset", "swallow"] as const,
];

/** The messages that decide the outcome of a write, and their answers. */
const DECISIVE: Readonly<Record<Protocol, readonly Partial<FaultRule>[]>> = {
  postgresql: [
    { from: "client", contains: "commit\0" },
    { from: "server", contains: "COMMIT\0" },
    { from: "server", contains: "INSERT 0 1\0" },
  ],
  mongodb: [
    { from: "client", kind: "commitTransaction" },
    { from: "server", kind: "commitTransaction" },
    { from: "server", kind: "insert" },
  ],
};

/** Returns the loss of each message that decides the outcome of a write, before and after it. */
export function decisiveFaults(protocol: Protocol): FaultRule[] {
  return DECISIVE[protocol].flatMap((message) =>
    (["cut before", "cut after"] as const).map((action) => ({
      ...message,
      action,
      isPatient: true,
    }))
  );
}

/** Returns faults without end, always the same for a seed. */
export function* randomFaults(
  seed: number,
  protocol: Protocol,
): Generator<FaultRule, undefined> {
  const random = randomNumbers(seed);
  for (;;) {
    const from = pick<Side>(random, ["client", "server"]);
    const rule: FaultRule = {
      from,
      kind: pick(random, KINDS[protocol][from]),
      nth: between(random, 1, 8),
      action: pick(random, ACTIONS),
      ms: between(random, 5, 150),
    };
    yield rule;
    // A driver repeats some commands once.
    if (random() < 0.3) yield { ...rule, nth: 1 };
  }
}
