import { describe, expect, it } from "vitest";
import * as errors from "../../src/errors/index.ts";
import {
  AlkahestError,
  ArgumentError,
  DatabaseError,
  DataError,
  DeadlockError,
  IntegrityError,
  NoSuchTableError,
  OperationalError,
  ProgrammingError,
  UniqueViolation,
} from "../../src/errors/index.ts";

/** All error classes, by the names that they are exported by. */
const classes = Object.entries(errors);

describe("errors", () => {
  it.each(classes)("%s has its own name, a stable code, a message and a cause", (name, ErrorClass) => {
    const cause = new Error("the driver's");
    const error = new ErrorClass("What happened.", { cause });
    expect(error).toBeInstanceOf(AlkahestError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(error.message).toBe("What happened.");
    expect(error.cause).toBe(cause);
    expect(error.code).toMatch(/^ALK_[A-Z_]+$/);
    expect(String(error)).toBe(`${name}: What happened.`);
  });

  it("have a code each", () => {
    const codes = classes.map(([, ErrorClass]) => new ErrorClass("").code);
    expect(new Set(codes).size).toBe(classes.length);
  });

  it("have no cause unless one is given", () => {
    expect("cause" in new ArgumentError("")).toBe(false);
    expect("cause" in new UniqueViolation("")).toBe(false);
  });

  it("of the database form families", () => {
    expect(new UniqueViolation("")).toBeInstanceOf(IntegrityError);
    expect(new IntegrityError("")).toBeInstanceOf(DatabaseError);
    expect(new DeadlockError("")).toBeInstanceOf(OperationalError);
    expect(new NoSuchTableError("")).toBeInstanceOf(ProgrammingError);
    expect(new DataError("")).toBeInstanceOf(DatabaseError);
    expect(new ArgumentError("")).not.toBeInstanceOf(DatabaseError);
  });

  it("of the database say what is known, and can be told more on their way up", () => {
    const error = new UniqueViolation("Duplicate.", {
      sql: "INSERT INTO users (email) VALUES (?)",
      parameters: ["a@b.c"],
      constraint: "users_email",
      table: "users",
      columns: ["email"],
    });
    expect(error).toMatchObject({
      sql: "INSERT INTO users (email) VALUES (?)",
      parameters: ["a@b.c"],
      constraint: "users_email",
      table: "users",
      columns: ["email"],
      className: null,
      property: null,
    });
    error.className = "User";
    error.property = "email";
    expect(error.className).toBe("User");
    expect(error.property).toBe("email");
  });

  it("of the database know nothing else", () => {
    expect(new DataError("")).toMatchObject({ sql: null, parameters: [], constraint: null, table: null, columns: [] });
  });
});
