import type { Step } from "../../migration.ts";

/** A step and where it stands. */
export interface StepPlace {
  /** The migration. */
  readonly id: string;
  readonly step: Step;
  /** Its index, from 0. */
  readonly place: number;
  /** How many steps there are. */
  readonly steps: number;
}
