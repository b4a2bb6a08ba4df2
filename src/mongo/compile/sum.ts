import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { INT16_MAX, INT16_MIN } from "../../model/int16_range.ts";
import { FLOAT32_MAX } from "../../model/float32.ts";
import { BSON } from "../link/mongodb.ts";

/** The part of a server error that says that a sum is outside the range of its field. */
const MARK = "dbp: out of range: ";
/** Digits of a float32, without the first one. */
const FLOAT32_DIGITS = 23;
/** The exponent of the least float32 that has all its digits. */
const FLOAT32_EXPONENT = -126;
/** Digits of a double, without the first one. */
const FLOAT64_DIGITS = 52;
/** The driver writes whole numbers below this size as an int. */
const INT_SIZE = 2 ** 31;

/**
 * Returns the sum of a field and an amount as an aggregation expression: null for
 * null, and an error of the server, never a wider type, if the field cannot hold
 * the sum.
 */
export function sumExpression(field: Field, amount: unknown): Document {
  switch (field.type.kind) {
    case "int16":
      return int16Sum(field, amount);
    case "int32":
      return { $toInt: exactSum(field, amount) };
    case "int64":
      return { $toLong: exactSum(field, amount) };
    default:
      return floatSum(field, Number(amount));
  }
}

/** Whether a server error reports a sum outside the range of its field. */
export function isOutOfRange({ message }: Error): boolean {
  return message.includes(MARK) ||
    /Conversion would overflow target type/.test(message);
}

function int16Sum(field: Field, amount: unknown): Document {
  return {
    $let: {
      vars: { sum: { $toInt: exactSum(field, amount) } },
      in: {
        $cond: [
          {
            $and: [{ $gte: ["$$sum", INT16_MIN] }, {
              $lte: ["$$sum", INT16_MAX],
            }],
          },
          "$$sum",
          outOfRange(`$${field.column}`),
        ],
      },
    },
  };
}

/** An error of the server that names the stored value; null for null. */
function outOfRange(stored: string): Document {
  return { $toInt: { $concat: [MARK, { $toString: stored }] } };
}

/** A sum of integers with 34 digits: a sum of longs would become a double. */
function exactSum({ column }: Field, amount: unknown): Document {
  const decimal = BSON.Decimal128.fromString(String(amount));
  return { $add: [{ $toDecimal: `$${column}` }, decimal] };
}

function floatSum(field: Field, amount: number): Document {
  const { column, type: { kind } } = field;
  const stored = { $toDouble: `$${column}` };
  const limit = kind === "float32" ? FLOAT32_MAX : Number.MAX_VALUE;
  const rounded = kind === "float32" ? nearestFloat32("$$sum") : "$$sum";
  // NaN and infinities stay.
  const isFinite = (value: unknown): Document => ({
    $and: [{ $gte: [value, -limit] }, { $lte: [value, limit] }],
  });
  return {
    $let: {
      vars: { stored, sum: { $add: [stored, { $literal: amount }] } },
      in: {
        $cond: [
          isFinite("$$stored"),
          {
            $let: {
              vars: { value: rounded },
              in: {
                $cond: [
                  isFinite("$$value"),
                  asDriverWrites("$$value"),
                  outOfRange("$$stored"),
                ],
              },
            },
          },
          `$${column}`,
        ],
      },
    },
  };
}

/**
 * Rounds a double to the nearest float32, and to the even one of two. Adding a
 * number whose last digit is that of the float32 makes the server round so.
 */
function nearestFloat32(value: string): Document {
  const exponent = {
    $max: [FLOAT32_EXPONENT, { $floor: { $log: [{ $abs: value }, 2] } }],
  };
  return {
    $cond: [{ $eq: [value, 0] }, value, {
      $let: {
        vars: {
          shift: {
            $multiply: [1.5, {
              $pow: [2, {
                $add: [exponent, FLOAT64_DIGITS - FLOAT32_DIGITS],
              }],
            }],
          },
        },
        in: { $subtract: [{ $add: [value, "$$shift"] }, "$$shift"] },
      },
    }],
  };
}

/** A whole number as an int, so that documents hold the same type after each kind of write. */
function asDriverWrites(value: string): Document {
  return {
    $cond: [
      {
        $and: [
          { $eq: [value, { $trunc: value }] },
          { $gte: [value, -INT_SIZE] },
          { $lt: [value, INT_SIZE] },
        ],
      },
      { $toInt: value },
      value,
    ],
  };
}
