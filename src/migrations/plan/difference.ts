/** A difference as text. */
export interface DifferenceText {
  /** What a migration does: `add the column star.mag (real)`. */
  readonly change: string;
  /** What the database has: `the column star.mag (real) is missing`. */
  readonly state: string;
  /** The verb for the name of a migration. */
  readonly verb: "add" | "drop" | "change" | "rename";
}

/** A difference between the database and the models. */
export interface Difference extends DifferenceText {
  /** The table or collection. */
  readonly table: string;
  /** What differs, for the name of a migration: `star_mag`. */
  readonly object: string;
  /** A migration is named after its differences of the highest weight. */
  readonly weight: 0 | 1 | 2;
}

/** Describes an object of a model that the database does not have. */
export function missing(what: string): DifferenceText {
  return { change: `add ${what}`, state: `${what} is missing`, verb: "add" };
}

/** Describes an object of the database that no model has. */
export function unknown(what: string): DifferenceText {
  const state = `${what} is not in the models`;
  return { change: `drop ${what}`, state, verb: "drop" };
}

/** Describes a property that has another value in the model. */
export function different(
  what: string,
  from: string | null = null,
  to: string | null = null,
): DifferenceText {
  const [before, after] = [from ?? "none", to ?? "none"];
  return {
    change: `change ${what} from ${before} to ${after}`,
    state: `${what} is ${before}, the model has ${after}`,
    verb: "change",
  };
}

/** Describes an object that has another name in the models. */
export function renamed(what: string, to: string): DifferenceText {
  const state = `${what} is named ${to} in the models`;
  return { change: `rename ${what} to ${to}`, state, verb: "rename" };
}
