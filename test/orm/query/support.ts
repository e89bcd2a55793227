import { onTestFinished } from "vitest";
import { sqlite } from "../../../src/dialects/sqlite/setup.ts";
import {
  type Connection,
  createEngine,
  type Dialect,
  type Engine,
  type EngineOptions,
  registerDialect,
} from "../../../src/engine/index.ts";
import {
  type Entity,
  entityOf,
  type IdentityKey,
  IdentityMap,
  instanceRuntime,
  isLoaded,
} from "../../../src/orm/instance/index.ts";
import { type DeclarativeBase, type Mapper, mapperOf, setInstanceRuntime } from "../../../src/orm/mapping/index.ts";
import {
  LAZY_LOAD,
  type LazyLoader,
  type LoaderContext,
  ROW_IS_GONE,
  runSelect,
} from "../../../src/orm/query/index.ts";
import type { SelectBase } from "../../../src/statement/select-base.ts";

registerDialect("sqlite", sqlite);
setInstanceRuntime(instanceRuntime);

/** As much of a session as loading needs, on a database of its own. */
export class TestSession implements LazyLoader {
  readonly connection: Connection;
  readonly meanwhile = null;
  readonly dialectName = "sqlite";
  readonly identityMap = new IdentityMap();
  readonly modified = new Set<Entity>();
  readonly context: LoaderContext;
  readonly #statements: string[] = [];

  constructor(engine: Engine, connection: Connection, dialect: Dialect) {
    this.connection = connection;
    this.context = {
      identityMap: this.identityMap,
      hooks: this,
      dialect,
      query: (statement) => connection.query(statement),
      prepare: (statement, parameters) => engine.prepareQuery(statement, parameters),
      runPrepared: (query, values) => connection.runPrepared(query, values),
      stream: (statement) => connection.streamRaw(statement),
    };
  }

  /** Runs SQL as it is. */
  async run(...statements: readonly string[]): Promise<void> {
    for (const sql of statements) await this.connection.run(sql, []);
    this.#statements.length = 0;
  }

  async all<R>(statement: SelectBase<R>): Promise<R[]> {
    return runSelect(this.context, statement);
  }

  /** SQL of what ran since the last call. */
  take(): string[] {
    return this.#statements.splice(0);
  }

  onValueRead(): void {}

  noteStatement(sql: string): void {
    this.#statements.push(sql);
  }

  onModified(entity: Entity): void {
    this.modified.add(entity);
  }
  onAttached(): void {}
  onDetached(): void {}
  onKeyChanged(): void {}
  onCollectionRead(): void {}

  find(mapper: Mapper, key: IdentityKey): object | undefined {
    return this.identityMap.get(mapper, key) ?? this.identityMap.getPending(mapper, key);
  }

  [LAZY_LOAD]<T>(operation: (context: LoaderContext) => Promise<T>): Promise<T> {
    return operation(this.context);
  }

  [ROW_IS_GONE](): void {}
}

/** A new database in memory with the tables of a base and some rows. */
export async function openSession(
  base: DeclarativeBase,
  rows: readonly string[] = [],
  wrapDialect: (dialect: Dialect) => Dialect = (dialect) => dialect,
  options: EngineOptions = {},
): Promise<TestSession> {
  const engine = createEngine("sqlite::memory:", options);
  const connection = await engine.connect();
  onTestFinished(async () => {
    await connection.close();
    await engine.dispose();
  });
  const session = new TestSession(engine, connection, wrapDialect(connection.dialect));
  engine.on("statement", ({ sql }) => session.noteStatement(sql));
  await connection.createAll(base.metadata);
  await session.run(...rows);
  return session;
}

/** The dialect with other limits. */
export function limited(maxParameters: number, rowValues = true): (dialect: Dialect) => Dialect {
  return (dialect) => {
    const capabilities = { ...dialect.capabilities, maxParameters, rowValues };
    return new Proxy(dialect, {
      get(target, name) {
        if (name === "capabilities") return capabilities;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
}

/** Are the attributes loaded? */
export function areLoaded(object: object, ...names: readonly string[]): boolean[] {
  const entity = entityOf(object);
  return names.map((name) => isLoaded(entity, mapperOf(object).property(name)));
}

/** The relationship of a class or object with this name. */
export function relationship(target: object, name: string) {
  const property = mapperOf(target).property(name);
  if (property.kind !== "relationship") throw new Error(`${name} is a column.`);
  return property;
}
