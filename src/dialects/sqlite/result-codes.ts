/** SQLite's primary result codes, from number 1 on. */
const PRIMARY = (
  "ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY " +
  "SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB"
).split(" ");

/** Extended codes that tell more than an error's class, by what is added to the primary one: `code | (n << 8)`. */
const EXTENDED: Readonly<Record<string, readonly string[]>> = {
  BUSY: ["RECOVERY", "SNAPSHOT", "TIMEOUT"],
  CONSTRAINT: "CHECK COMMITHOOK FOREIGNKEY FUNCTION NOTNULL PRIMARYKEY TRIGGER UNIQUE VTAB ROWID PINNED DATATYPE".split(
    " ",
  ),
};

/** The name of a result code: `SQLITE_CONSTRAINT_UNIQUE` for 2067. */
export function sqliteCode(code: number): string {
  const primary = PRIMARY[(code & 0xff) - 1] ?? "ERROR";
  const extended = EXTENDED[primary]?.[(code >> 8) - 1];
  return extended === undefined ? `SQLITE_${primary}` : `SQLITE_${primary}_${extended}`;
}
