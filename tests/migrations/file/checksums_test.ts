// Files of an earlier version keep their checksums and step hashes: else every database would report edited files.
// Each checksum and hash here was computed with version 0.1.0 as it was in November 2026.
import assert from "node:assert/strict";
import { mongoDialect } from "../../../src/mongo/migrations/dialect.ts";
import { sqlDialect } from "../../../src/sql/migrations/dialect.ts";

interface StoredFile {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
  readonly steps: readonly string[];
}

const FILES: readonly StoredFile[] = [
  {
    name: "a.up.sql",
    text:
      `-- Each step is done and recorded by itself. It may be edited until it is applied.
-- dbp:requires pg>=14
-- dbp:destructive drop-column object.stellar
-- dbp:ignore rename nobody reads it

-- dbp:step lock_timeout=2s statement_timeout=30s
-- A comment.
ALTER TABLE detection ADD CONSTRAINT detection_rb_nn CHECK (rb IS NOT NULL) NOT VALID;
ALTER TABLE "Object" DROP COLUMN stellar; -- the last one

-- dbp:step statement_timeout=1h
ALTER TABLE detection VALIDATE CONSTRAINT detection_rb_nn;

-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
CREATE INDEX CONCURRENTLY ix_detection_rb ON detection (rb) WHERE rb > 1.5E-3;

-- dbp:step repeat
UPDATE t SET c = E'a\\n', d = $$x;y$$ WHERE ctid IN (SELECT ctid FROM t WHERE c IS NULL LIMIT 10000);
`,
    checksum:
      "28e564ff78c97d7d6367afc09269ff50ae2c2e1ab93a5cca1e090026b9a0cbbd",
    steps: [
      "28f4a90d65844b1775f7b4a1a8b2ab5306e86562a63118e9609c2985200d6b27",
      "939c875cbaca25465c5ba0c96fceb669a0ac6a5590207ef1a6baa0452a96c067",
      "2dfb8a792f411508cc96a9a232a6b60d99d853227a0d3b19cebee245988790bd",
      "6e01662083ff119eaccfe4e72366128308026ae27a065ccac4989ea599091908",
    ],
  },
  {
    name: "a.down.sql",
    text: `-- One transaction. It may be edited until it is applied.

ALTER TABLE detection DROP CONSTRAINT detection_rb_nn;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 2 END; END;
`,
    checksum:
      "6ad4c21559395bdf4f1391765f707d833da0356c7c194646aefd71f2e5cfaab0",
    steps: ["3b2884acb3346107f3582cab034671f5bfc5630bc1187d46095dd8ee394ec89e"],
  },
  {
    name: "b.down.sql",
    text: "-- dbp:irreversible the rows are gone\n",
    checksum:
      "0e2a2c2c4c0a60249b19d5c5e4f75063276340aa2183933857c067b979c9d4a4",
    steps: [],
  },
  {
    name: "a.up.json",
    text: `[
  { "dbp": "requires mongodb>=7" },
  { "dbp": "destructive drop-field star.mag" },
  { "dbp": "ignore strict-at-once nobody writes" },
  { "comment": "For people." },
  {
    "create": "night",
    "comment": "A night.",
    "validator": { "$jsonSchema": { "required": ["id"], "properties": { "id": { "bsonType": "long" } } } }
  },
  { "dbp": "step repeat statement_timeout=1h" },
  {
    "update": "star",
    "updates": [{ "q": { "mag": { "$exists": true } }, "u": [{ "$set": { "vmag": "$mag" } }, { "$unset": "mag" }], "multi": true }]
  },
  { "insert": "star", "documents": [{ "_id": { "$oid": "6b063da4f8d891008bf95316" }, "n": { "$numberLong": "9007199254740993" }, "d": 1.5, "e": { "$numberDouble": "2.0" }, "f": 5000000000, "at": { "$date": "2026-09-30T14:15:02.125Z" }, "\\u006dag": null }] },
  { "dbp": "step statement_timeout=30s" },
  { "createIndexes": "star", "indexes": [{ "name": "ix_star_vmag", "key": { "vmag": 1 } }] },
  { "collMod": "star", "validator": {}, "validationLevel": "off" }
]
`,
    checksum:
      "3c7d442a225dbdfc9ce10fc6b34140442e4f6cd60708c6df7e89b9de081e4bf0",
    steps: [
      "f63d600a0420be85e2528b012661ce8ee3d9de3a74289a111939bdffe04016d8",
      "9ba7a8cef1b2d928fa06751d64d73f43d3c33e314e5e8f65c6e482fd39ae706b",
      "8e9e2c07168e6520d60e53642c618713eea58305e677e8305b5dd73f888991b5",
      "1cccb18ffdc694f39fba5800e109ecaf25774763ebe61639e144f551919ffb2e",
      "e9a6229fea3b3fd5a2470e9cc228330069655269f722340f768f6998b24f7727",
    ],
  },
  {
    name: "a.down.json",
    text: `[
  { "dropIndexes": "star", "index": "ix_star_vmag" },
  { "dbp": "destructive drop-collection night" },
  { "drop": "night" }
]
`,
    checksum:
      "4e765eaa67efacf8057b146bba6555055bd14b9fe1d11c6f9d4ee3159220915b",
    steps: [
      "448df818dc7843682954e434a38a091569c917578834e928d4232601ea6b2276",
      "a05ba7a2852b946a8da4fd91c120138c6a81c5c1134eed729d8fa7e4301ab638",
    ],
  },
  {
    name: "b.down.json",
    text: '[\n  { "dbp": "irreversible the documents are gone" }\n]\n',
    checksum:
      "8c087817ceac10c9456ebf24a44a1c80f0eef2cf7e7a07d42ed304a3d272ec9c",
    steps: [],
  },
];

for (const { name, text, checksum, steps } of FILES) {
  Deno.test(`${name} has the checksum and step hashes of the version before`, () => {
    const { parse } = name.endsWith(".sql") ? sqlDialect : mongoDialect;
    const script = parse(text, name);
    assert.deepEqual(
      [script.checksum, script.steps.map(({ hash }) => hash)],
      [checksum, steps],
    );
  });
}
