// The same with the bare driver of PostgreSQL.
import pg from "pg";

const { HOST, PORT, USER, PASSWORD, DB_NAME } = JSON.parse(Deno.args[0] ?? "");
const client = new pg.Client({
  host: HOST,
  port: PORT,
  user: USER,
  password: PASSWORD,
  database: DB_NAME,
});
await client.connect();
const { rows: [row] } = await client.query({
  name: "object",
  text: "select * from object where oid = $1",
  values: ["ZTF1"],
});
if (row?.oid !== "ZTF1") throw new Error("The object is missing");
await client.end();
