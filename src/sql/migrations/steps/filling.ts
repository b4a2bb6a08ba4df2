import { named, quoted } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { valueClause } from "../../schema/recreate.ts";
import { advanceSequence } from "../../schema/sequence.ts";
import type { SequenceOptions } from "../../schema/sequence_options.ts";
import { lostName } from "../file/destructive_names.ts";
import { setDefault } from "./column_defaults.ts";
import { type FileContext, quick, RANK, type SqlStep } from "./planned_step.ts";

/** Changes how the server fills a column, without a change of its rows. */
export function fillingSteps(
  change: ChangeOf<"filling">,
  { direction }: Pick<FileContext, "direction">,
): SqlStep[] {
  const { table, from, to } = change;
  const taken = direction === "up" ? undefined : takenSequence(to);
  const statements = from.generated === "serial" && taken !== undefined
    // The up migration made the sequence that of the column.
    ? [`ALTER SEQUENCE ${taken} OWNED BY NONE`]
    : fillingStatements(table, from, to);
  const lost = statements.flatMap((text) =>
    /^DROP SEQUENCE (.*)$/.exec(text)?.[1] ?? []
  );
  // An identity requires NOT NULL.
  const isLater = from.nullable && isIdentity(to);
  return [{
    ...quick(isLater ? "harden" : "alter", table, ...statements),
    rank: isLater ? RANK.afterwards : RANK.value,
    destructive: lost.map((name) => `drop-sequence ${lostName(name)}`),
    ...to.generated === "virtual" ? { requires: ["pg>=18"] } : {},
  }];
}

/** Returns the statements that change how the server fills a column: as an identity, from a sequence, by a default, or by another expression that it computes on read. */
export function fillingStatements(
  table: string,
  from: LiveColumn,
  to: LiveColumn,
): string[] {
  const alter = (action: string): string =>
    `ALTER TABLE ${named(table)} ALTER COLUMN ${named(to.name)} ${action}`;
  if (from.generated === "virtual" && to.generated === "virtual") {
    return [alter(`SET EXPRESSION AS (${to.default})`)];
  }
  if (isIdentity(from) && isIdentity(to)) {
    const actions = [
      ...from.generated === to.generated
        ? []
        : [`SET GENERATED ${to.generated?.toUpperCase()}`],
      ...otherOptions(from, to),
    ];
    return [
      alter(actions.join(" ")),
      ...from.sequence !== null && to.sequence !== null &&
          hasOtherRange(from.sequence, to.sequence)
        ? [advanceSequence(table, { column: to.name })]
        : [],
    ];
  }
  const taken = takenSequence(from);
  if (to.generated === "serial" && taken !== undefined) {
    return [
      `ALTER SEQUENCE ${taken} OWNED BY ${named(table)}.${named(to.name)}`,
    ];
  }
  return [
    ...emptied(table, from, alter),
    ...filled(table, to, alter),
  ];
}

/** Returns the statements after which the server does not fill a column. */
function emptied(
  table: string,
  { name, generated, sequence, default: value }: LiveColumn,
  alter: (action: string) => string,
): string[] {
  switch (generated) {
    case "always":
    case "by default":
      return [alter("DROP IDENTITY")];
    case "serial":
      return [
        setDefault(table, name, null),
        ...sequence === null ? [] : [`DROP SEQUENCE ${sequence.name}`],
      ];
    case "stored":
    case "virtual":
      return [alter("DROP EXPRESSION")];
    case null:
      return value === null ? [] : [setDefault(table, name, null)];
  }
}

/** Returns the statements after which the server fills a column; a new sequence begins after the existing numbers. */
function filled(
  table: string,
  column: LiveColumn,
  alter: (action: string) => string,
): string[] {
  const { name, generated, sequence, default: value } = column;
  const advance = advanceSequence(table, { column: name });
  switch (generated) {
    case "always":
    case "by default":
      return [alter(`ADD${valueClause(column)}`), advance];
    case "serial":
      return sequence === null ? [] : [
        `CREATE SEQUENCE ${sequence.name}${
          column.type === "bigint" ? "" : ` AS ${column.type}`
        } OWNED BY ${named(table)}.${named(name)}`,
        setDefault(table, name, `nextval(${quoted(sequence.name)})`),
        advance,
      ];
    default:
      return value === null ? [] : [setDefault(table, name, value)];
  }
}

/** Returns the actions that give an identity the options of another one. In another range, it starts again and must be advanced. */
function otherOptions(
  { sequence: from }: LiveColumn,
  { sequence: to }: LiveColumn,
): string[] {
  if (from === null || to === null) return [];
  const options = [
    ["increment", "INCREMENT BY"],
    ["min", "MINVALUE"],
    ["max", "MAXVALUE"],
    ["start", "START WITH"],
    ["cache", "CACHE"],
  ] as const;
  return [
    ...options.flatMap(([option, words]) =>
      from[option] === to[option] ? [] : [`SET ${words} ${to[option]}`]
    ),
    ...from.cycle === to.cycle
      ? []
      : [`SET ${to.cycle ? "CYCLE" : "NO CYCLE"}`],
    ...hasOtherRange(from, to) ? [`RESTART WITH ${to.start}`] : [],
  ];
}

function hasOtherRange(
  from: SequenceOptions,
  to: SequenceOptions,
): boolean {
  return from.min !== to.min || from.max !== to.max;
}

/** Returns the quoted name of the sequence whose numbers the default of a column takes. */
function takenSequence(
  { generated, default: value }: LiveColumn,
): string | undefined {
  if (generated !== null) return undefined;
  const literal = /^nextval\('((?:[^']|'')*)'::regclass\)$/.exec(value ?? "");
  return literal?.[1]?.replaceAll("''", "'");
}

function isIdentity({ generated }: LiveColumn): boolean {
  return generated === "always" || generated === "by default";
}
