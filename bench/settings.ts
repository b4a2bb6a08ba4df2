import pg from "pg";

/** Settings of the server of the benchmark. */
export interface ServerSettings {
  readonly HOST: string;
  readonly PORT: number;
  readonly USER: string;
  readonly PASSWORD: string;
  readonly DB_NAME: string;
}

/** Connects a client of the bare driver, which reads 64-bit integers exactly. */
export async function bareClient(
  { HOST, PORT, USER, PASSWORD, DB_NAME }: ServerSettings,
  options: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new pg.Client({
    host: HOST,
    port: PORT,
    user: USER,
    password: PASSWORD,
    database: DB_NAME,
    types: {
      getTypeParser: (oid, format) =>
        oid === 20 ? BigInt : pg.types.getTypeParser(oid, format),
    },
    ...options,
  });
  await client.connect();
  return client;
}
