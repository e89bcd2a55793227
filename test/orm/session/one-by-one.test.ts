import { createEngine, declarativeBase, inspect, integer, manyToOne, oneToMany, Session } from "alkahest";
import { expect, it, onTestFinished } from "vitest";

// Objects that are added one by one to a graph that the session has already.

const Base = declarativeBase();
class Node extends Base("node", {
  id: integer().primaryKey(),
  get parentId() {
    return integer().references(Node.c.id);
  },
  get parent() {
    return manyToOne(Node, { remoteSide: [Node.c.id], backPopulates: "children" });
  },
  get children() {
    return oneToMany(Node, { backPopulates: "parent" });
  },
}) {}

function open(): Session {
  const engine = createEngine("sqlite::memory:");
  onTestFinished(() => engine.dispose());
  return new Session(engine);
}

/** With a walk over all that is there for each of them, this would take minutes. */
const MANY = 100_000;

it.each([
  ["a collection gets them", (root: Node) => void root.children.push(new Node())],
  ["they name the owner", (root: Node) => void new Node({ parent: root })],
  ["they are added, too", (root: Node, session: Session) => session.add(new Node({ parent: root }))],
])("many members of one owner: %s", (_, join) => {
  const session = open();
  const root = new Node({ children: [] });
  session.add(root);
  for (let i = 0; i < MANY; i++) join(root, session);
  expect([root.children.length, session.new.size]).toEqual([MANY, MANY + 1]);
});

it("a long chain, each of the one before", () => {
  const session = open();
  let last: Node | null = null;
  for (let i = 0; i < MANY; i++) {
    last = new Node({ parent: last });
    session.add(last);
  }
  expect(session.new.size).toBe(MANY);
});

it("a new object brings all that is reachable from it, beyond what is there already", () => {
  const session = open();
  const root = new Node({ children: [] });
  session.add(root);
  const leaf = new Node();
  const branch = new Node({ children: [new Node({ children: [leaf] })], parent: root });
  expect([branch, leaf].map((node) => inspect(node).state)).toEqual(["pending", "pending"]);
});

it("what was expunged comes back with what it is reachable from, at any distance", () => {
  const session = open();
  const leaf = new Node();
  const root = new Node({ children: [new Node({ children: [leaf] })] });
  session.add(root);
  session.expunge(leaf);
  expect(inspect(leaf).state).toBe("transient");
  root.children.push(new Node()); // says nothing of the leaf
  expect(inspect(leaf).state).toBe("transient");
  session.add(root);
  expect(inspect(leaf).state).toBe("pending");
});
