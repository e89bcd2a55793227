import { declarativeBase, foreignKey, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows of one table that refer to each other and get new keys all at once, after the transaction has linked them.

// The last is how many statements they take where ON UPDATE does its work when each of these ends.
const shapes = [
  ["one to the other", [1, null], 2],
  ["in a chain", [1, 2, 3, null], 2],
  ["in a ring", [1, 2, 0], 3],
  ["to one of them, which refers to itself", [0, 0, 0], 2],
] as const;

onEveryDatabase("rows of one table that refer", (database) => {
  for (const onUpdate of ["cascade", "set null", undefined] as const) {
    it.each(shapes)(`%s all get new keys, ON UPDATE: ${onUpdate}`, async (_, parents, statements) => {
      const Base = declarativeBase();
      class Node extends Base("node", {
        code: varchar(20).primaryKey(),
        number: integer().notNull(),
        get parentCode() {
          return varchar(20).references(Node.c.code, onUpdate === undefined ? {} : { onUpdate });
        },
        get parent() {
          return manyToOne(Node, { remoteSide: [Node.c.code] });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
      const nodes = parents.map((_, number) => new Node({ code: `old${number}`, number }));
      session.addAll(nodes);
      await session.commit();
      for (const [i, parent] of parents.entries())
        (nodes[i] as Node).parent = parent === null ? null : (nodes[parent] ?? null);
      await session.flush();
      for (const [i, node] of nodes.entries()) node.code = `new${i}`;
      const log = new StatementLog(engine);
      await session.commit();
      const linked = parents.map((parent) => (parent === null || onUpdate === "set null" ? null : `new${parent}`));
      expect(await rowsOf(engine, "select code, parent_code from node order by number")).toEqual(
        linked.map((parent, i) => [`new${i}`, parent]),
      );
      expect(nodes.map(({ parentCode }) => parentCode)).toEqual(linked);
      if (database.capabilities.sharesStatement && onUpdate === "cascade") expect(log.writes.length).toBe(statements);
      await session.close();
      await engine.dispose();
    });
  }

  for (const onUpdate of ["cascade", undefined] as const) {
    it.each(shapes)(`%s follow what they are numbered by, ON UPDATE: ${onUpdate}`, async (_, parents) => {
      const Base = declarativeBase();
      const options = onUpdate === undefined ? {} : { onUpdate };
      class Tree extends Base("tree", { code: varchar(20).primaryKey() }) {}
      class Node extends Base("node", {
        get treeCode() {
          return varchar(20).primaryKey().references(Tree.c.code, options);
        },
        number: integer().primaryKey(),
        parentTreeCode: varchar(20),
        parentNumber: integer(),
        get tree() {
          return manyToOne(Tree);
        },
        get parent() {
          const foreignKeys = [Node.c.parentTreeCode, Node.c.parentNumber];
          return manyToOne(Node, { foreignKeys, remoteSide: [Node.c.treeCode, Node.c.number] });
        },
        get tableArgs() {
          const columns = [Node.c.parentTreeCode, Node.c.parentNumber];
          return [foreignKey(columns, [Node.c.treeCode, Node.c.number], options)];
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
      const tree = new Tree({ code: "oak" });
      const nodes = parents.map((_, number) => new Node({ tree, number }));
      session.addAll(nodes);
      for (const [i, parent] of parents.entries())
        (nodes[i] as Node).parent = parent === null ? null : (nodes[parent] ?? null);
      await session.flush();
      tree.code = "elm";
      await session.commit();
      const linked = parents.map((parent) => [parent === null ? null : "elm", parent]);
      expect(
        await rowsOf(engine, "select tree_code, parent_tree_code, parent_number from node order by number"),
      ).toEqual(linked.map((parent) => ["elm", ...parent]));
      expect(nodes.map(({ parentTreeCode, parentNumber }) => [parentTreeCode, parentNumber])).toEqual(linked);
      await session.close();
      await engine.dispose();
    });
  }
});

// Rows (a, 1), (b, 1) and (a, 2) each refer to one of the three, whatever that is.
const references = [0, 1, 2].flatMap((x) => [0, 1, 2].flatMap((y) => [0, 1, 2].map((z) => [x, y, z] as const)));

onEveryDatabase("rows of one table that refer to each other, while owners exchange keys", (database) => {
  it.each([
    ["cascade", undefined],
    ["cascade", "cascade"],
    [undefined, undefined],
    [undefined, "cascade"],
  ] as const)("stay where they are, ON UPDATE: %s, within the table: %s", async (toOwner, within) => {
    const Base = declarativeBase();
    class Owner extends Base("owner", { code: varchar(20).primaryKey() }) {}
    class Node extends Base("node", {
      get ownerCode() {
        return varchar(20)
          .primaryKey()
          .references(Owner.c.code, toOwner === undefined ? {} : { onUpdate: toOwner });
      },
      number: integer().primaryKey(),
      otherCode: varchar(20),
      otherNumber: integer(),
      get owner() {
        return manyToOne(Owner);
      },
      get other() {
        const foreignKeys = [Node.c.otherCode, Node.c.otherNumber];
        return manyToOne(Node, { foreignKeys, remoteSide: [Node.c.ownerCode, Node.c.number] });
      },
      get tableArgs() {
        const columns = [Node.c.otherCode, Node.c.otherNumber];
        const options = within === undefined ? {} : { onUpdate: within };
        return [foreignKey(columns, [Node.c.ownerCode, Node.c.number], options)];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const suspends = { suspendForeignKeyChecks: !database.capabilities.keysFollow };
    for (const [turn, others] of references.entries()) {
      await using session = new Session(engine, suspends);
      const [a, b] = [new Owner({ code: `a${turn}` }), new Owner({ code: `b${turn}` })];
      const nodes = [
        new Node({ owner: a, number: 1 }),
        new Node({ owner: b, number: 1 }),
        new Node({ owner: a, number: 2 }),
      ];
      session.addAll(nodes);
      for (const [i, other] of others.entries()) (nodes[i] as Node).other = nodes[other] as Node;
      await session.commit();
      [a.code, b.code] = [b.code, a.code];
      await session.commit();
      const [ofA, ofB] = [`b${turn}`, `a${turn}`];
      const keys = [
        [ofA, 1],
        [ofB, 1],
        [ofA, 2],
      ];
      const expected = keys.map((key, i) => [...key, ...(keys[others[i] as number] as unknown[])]);
      expect(nodes.map((one) => [one.ownerCode, one.number, one.otherCode, one.otherNumber])).toEqual(expected);
      const order = (rows: readonly unknown[]): readonly unknown[] => rows.map(String).sort();
      const sql = `select owner_code, number, other_code, other_number from node where owner_code in ('${ofA}', '${ofB}')`;
      expect(order(await rowsOf(engine, sql))).toEqual(order(expected));
    }
    await engine.dispose();
  });
});
