/** The SQLSTATEs that this package handles, by their names in PostgreSQL's manual, "PostgreSQL Error Codes". */
export const SQLSTATE = {
  featureNotSupported: "0A000",
  cardinalityViolation: "21000",
  numericValueOutOfRange: "22003",
  notNullViolation: "23502",
  foreignKeyViolation: "23503",
  uniqueViolation: "23505",
  checkViolation: "23514",
  activeSqlTransaction: "25001",
  readOnlySqlTransaction: "25006",
  inFailedSqlTransaction: "25P02",
  invalidSqlStatementName: "26000",
  invalidAuthorizationSpecification: "28000",
  invalidPassword: "28P01",
  dependentObjectsStillExist: "2BP01",
  invalidCatalogName: "3D000",
  serializationFailure: "40001",
  deadlockDetected: "40P01",
  insufficientPrivilege: "42501",
  duplicateColumn: "42701",
  undefinedColumn: "42703",
  undefinedSchema: "3F000",
  undefinedObject: "42704",
  duplicateObject: "42710",
  undefinedFunction: "42883",
  undefinedTable: "42P01",
  duplicateDatabase: "42P04",
  duplicatePreparedStatement: "42P05",
  duplicateTable: "42P07",
  diskFull: "53100",
  tooManyConnections: "53300",
  lockNotAvailable: "55P03",
  unsafeNewEnumValueUsage: "55P04",
  queryCanceled: "57014",
  undefinedFile: "58P01",
} as const;

/** Whether the code means that the server ended the connection: classes 08 (connection exception) and 57P0 (shutdown, idle session), and a transaction that was idle (25P03) or open (25P04) for too long. */
export function isConnectionLoss(code: string): boolean {
  return /^(?:08|57P0|25P0[34])/.test(code);
}
