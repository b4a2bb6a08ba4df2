import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../../query/statement/statement.ts";
import { arrayText, textOf } from "../codec/types.ts";

/** A statement's outline, which its text depends on, and the values that it leaves out. */
export class Shape {
  #key = "";
  /** The values, as PostgreSQL reads them, in the order in which they were met. */
  readonly values: (string | null)[] = [];

  /** Two statements with equal keys have the same text. */
  get key(): string {
    return this.#key;
  }

  /** A model. */
  model(model: AnyModel): void {
    this.#key += `${idOf(model)},`;
  }

  /** A part of the outline. */
  part(text: string): void {
    this.#key += text;
  }

  /** Fields, in order. */
  fields(fields: readonly Field[]): void {
    for (const field of fields) this.#key += `${idOf(field)},`;
  }

  /** A value, which is not part of the outline. */
  value(text: string | null): void {
    this.values.push(text);
  }

  /** A field's value. */
  valueOf(field: Field, value: unknown): void {
    this.values.push(
      value === null || value === undefined ? null : textOf(field.type, value),
    );
  }

  /** A condition. Values are met in the order in which `condition` asks for their places. */
  where(expr: Condition): void {
    switch (expr.kind) {
      case "all":
      case "none":
        this.#key += expr.kind === "all" ? "*" : "0";
        break;
      case "compare":
        this.#key += `${expr.operator}${idOf(expr.field)},`;
        this.valueOf(expr.field, expr.value);
        break;
      case "in":
        this.#key += `in${idOf(expr.field)},`;
        this.value(arrayText(expr.field.type, expr.values));
        break;
      case "null":
        this.#key += `null${idOf(expr.field)},`;
        break;
      case "like":
        this.#key += `like${idOf(expr.field)},`;
        this.value(expr.pattern);
        break;
      case "contains":
        this.#key += `has${idOf(expr.field)},`;
        if (expr.field.type.kind === "array") {
          this.value(arrayText(expr.field.type.item, expr.values));
        }
        break;
      case "keys":
        this.#key += "keys";
        this.fields(expr.fields);
        this.#key += ";";
        for (const [place, { type }] of expr.fields.entries()) {
          this.value(arrayText(type, expr.keys.map((key) => key[place])));
        }
        break;
      case "and":
      case "or":
        this.#key += `${expr.kind}(`;
        for (const term of expr.terms) {
          this.where(term);
          this.#key += ";";
        }
        this.#key += ")";
        break;
      case "not":
        this.#key += "not(";
        this.where(expr.term);
        this.#key += ")";
        break;
      default:
        expr satisfies never;
    }
  }
}

const ids = new WeakMap<Field | AnyModel, number>();
let last = 0;

/** A number that no other field or model has. */
function idOf(named: Field | AnyModel): number {
  const known = ids.get(named);
  if (known !== undefined) return known;
  ids.set(named, ++last);
  return last;
}
