// The same with the bare driver of MongoDB.
import { MongoClient } from "mongodb";

const { URL, DATABASE } = JSON.parse(Deno.args[0] ?? "");
const client = new MongoClient(URL, { useBigInt64: true });
const objects = client.db(DATABASE).collection("object");
const row = await objects.findOne({ oid: "ZTF1" });
if (row?.oid !== "ZTF1") throw new Error("The object is missing");
await client.close();
