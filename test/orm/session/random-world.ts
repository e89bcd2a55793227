import { inspect, lazy, type Session, select, selectinLoad, text } from "alkahest";
import { Child, Group, Parent, Post, Summary, Tag, User } from "./models.ts";

/** Numbers that are the same in each run: a failure is repeated by its seed. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

/** Objects of a session, random changes to them, and the check that memory and database say the same. */
export class RandomWorld {
  readonly session: Session;
  readonly log: string[] = [];
  readonly #random: (below: number) => number;
  readonly #parents: Parent[] = [];
  readonly #children: Child[] = [];
  readonly #groups: Group[] = [];
  readonly #users: User[] = [];
  readonly #posts: Post[] = [];
  readonly #tags: Tag[] = [];
  readonly #summaries: Summary[] = [];
  #names = 0;

  constructor(session: Session, random: (below: number) => number) {
    this.session = session;
    this.#random = random;
  }

  /** Does one thing, which may be a savepoint with several things inside. */
  async step(depth = 0): Promise<void> {
    const actions = [...this.#changes(), ...this.#reads(), () => this.session.flush()];
    const choice = this.#random(actions.length + 1);
    await (choice < actions.length ? actions[choice]?.() : this.#savepoint(depth));
  }

  /** Lets all objects go and loads them again, some with and some without what they are related to. */
  async reload(): Promise<void> {
    this.log.push("reload");
    this.session.clear();
    await this.#loadAgain(this.#parents, Parent, Parent.c.children);
    await this.#loadAgain(this.#children, Child, Child.c.parent);
    await this.#loadAgain(this.#groups, Group, Group.c.users);
    await this.#loadAgain(this.#users, User, User.c.group);
    await this.#loadAgain(this.#posts, Post, this.#random(2) === 0 ? Post.c.tags : Post.c.summary);
    await this.#loadAgain(this.#tags, Tag, Tag.c.posts);
    await this.#loadAgain(this.#summaries, Summary, Summary.c.post);
  }

  /** Every difference between the objects and the rows. */
  async differences(): Promise<string[]> {
    const found: string[] = [];
    const compare = (what: string, memory: unknown, rows: unknown): void => {
      if (JSON.stringify(memory) !== JSON.stringify(rows)) {
        found.push(`${what}: ${JSON.stringify(memory)} in memory, ${JSON.stringify(rows)} in the database`);
      }
    };
    const { session } = this;
    compare("unflushed", [session.new.size, session.dirty.size, session.deleted.size], [0, 0, 0]);
    const parents = await this.#rows("SELECT id, name FROM parent");
    const children = await this.#rows("SELECT id, parent_id, z FROM child");
    const groups = await this.#rows("SELECT gid, name FROM groups");
    const users = await this.#rows("SELECT login, group_id, name FROM users");
    const posts = await this.#rows("SELECT id, title FROM posts");
    const tags = await this.#rows("SELECT id, name FROM tags");
    const links = await this.#rows("SELECT post_id, tag_id FROM post_tags");
    const summaries = await this.#rows("SELECT id, post_id, text FROM summaries");
    const members = (rows: unknown[][], owner: unknown, near: number, far: number) =>
      sorted(rows.filter((row) => row[near] === owner).map((row) => row[far]));

    compare(
      "parents",
      rowsOf(this.#parents, (one) => [one.id, one.name]),
      sorted(parents),
    );
    compare(
      "children",
      rowsOf(this.#children, (one) => [one.id, one.parentId, one.z]),
      sorted(children),
    );
    compare(
      "groups",
      rowsOf(this.#groups, (one) => [one.gid, one.name]),
      sorted(groups),
    );
    compare(
      "users",
      rowsOf(this.#users, (one) => [one.login, one.groupId, one.name]),
      sorted(users),
    );
    compare(
      "posts",
      rowsOf(this.#posts, (one) => [one.id, one.title]),
      sorted(posts),
    );
    compare(
      "tags",
      rowsOf(this.#tags, (one) => [one.id, one.name]),
      sorted(tags),
    );
    compare(
      "summaries",
      rowsOf(this.#summaries, (one) => [one.id, one.postId, one.text]),
      sorted(summaries),
    );
    for (const one of having(this.#parents, "children")) {
      compare("children of a parent", sorted(one.children.map(({ id }) => id)), members(children, one.id, 1, 0));
    }
    for (const one of having(this.#groups, "users")) {
      compare("users of a group", sorted(one.users.map(({ login }) => login)), members(users, one.gid, 1, 0));
    }
    for (const one of having(this.#posts, "tags")) {
      compare("tags of a post", sorted(one.tags.map(({ id }) => id)), members(links, one.id, 0, 1));
    }
    for (const one of having(this.#tags, "posts")) {
      compare("posts of a tag", sorted(one.posts.map(({ id }) => id)), members(links, one.id, 1, 0));
    }
    for (const one of having(this.#children, "parent")) compare("parent", one.parent?.id ?? null, one.parentId);
    for (const one of having(this.#users, "group")) compare("group", one.group?.gid ?? null, one.groupId);
    for (const one of having(this.#summaries, "post")) compare("post", one.post?.id ?? null, one.postId);
    return found;
  }

  /** Things that change something. */
  #changes(): (() => void)[] {
    const { session } = this;
    return [
      () => this.#add(this.#parents, new Parent({ name: this.#name("p") })),
      () => this.#add(this.#groups, new Group({ name: this.#name("g") })),
      () => this.#add(this.#users, new User({ login: this.#name("u"), group: this.#one(this.#groups) ?? null })),
      () => this.#add(this.#posts, new Post({ title: this.#name("post") })),
      () => this.#add(this.#tags, new Tag({ name: this.#name("t") })),
      () =>
        this.#with(this.#one(this.#parents), (parent) => {
          const child = new Child({ z: this.#names++ });
          this.#children.push(child);
          this.log.push(`push z${child.z} to ${parent.name}`);
          parent.children.push(child);
        }),
      () =>
        this.#with2(this.#one(this.#children), this.#one(this.#parents), (child, parent) => {
          this.log.push(`z${child.z}.parent = ${parent.name}`);
          child.parent = parent;
        }),
      () =>
        this.#with2(this.#one(this.#children), this.#stored(this.#parents), (child, parent) => {
          this.log.push(`z${child.z}.parentId = ${parent.id}`);
          child.parentId = parent.id;
        }),
      () =>
        this.#with(this.#one(loaded(this.#parents, "children")), ({ name, children }) => {
          if (children.length === 0) return;
          const [removed] = children.splice(this.#random(children.length), 1);
          this.log.push(`remove z${removed?.z} from ${name}`);
        }),
      () =>
        this.#with2(this.#one(this.#users), this.#one([...this.#groups, null]), (user, group) => {
          this.log.push(`${user.login}.group = ${group?.name}`);
          user.group = group;
        }),
      () =>
        this.#with(this.#one(loaded(this.#groups, "users")), (group) => {
          const users = this.#some(this.#users);
          this.log.push(`${group.name}.users = ${users.map(({ login }) => login)}`);
          group.users = users;
        }),
      () =>
        this.#with(this.#one(this.#users), (user) => {
          user.name = this.#name("n");
          this.log.push(`${user.login}.name = ${user.name}`);
        }),
      () =>
        this.#with(this.#one(loaded(this.#posts, "tags")), (post) => {
          const tags = this.#some(this.#tags);
          this.log.push(`${post.title}.tags = ${tags.map(({ name }) => name)}`);
          post.tags = tags;
        }),
      () =>
        this.#with2(this.#one(this.#tags), this.#one(loaded(this.#posts, "tags")), (tag, post) => {
          if (post.tags.includes(tag)) return;
          this.log.push(`push ${post.title} to ${tag.name}`);
          tag.posts.push(post);
        }),
      () =>
        this.#with(this.#one(loaded(this.#posts, "summary")), (post) => {
          const summary = new Summary({ text: this.#name("s") });
          this.log.push(`${post.title}.summary = ${summary.text}`);
          this.#summaries.push(summary);
          post.summary = summary;
        }),
      () =>
        this.#with2(this.#one(this.#summaries), this.#one(this.#posts), (summary, post) => {
          this.log.push(`${summary.text}.post = ${post.title}`);
          summary.post = post;
        }),
      () =>
        this.#with(this.#one<object>([...this.#parents, ...this.#groups, ...this.#tags]), (object) => {
          this.log.push(`delete ${JSON.stringify(object)}`);
          session.delete(object);
        }),
    ];
  }

  /** Things that load something. */
  #reads(): (() => unknown)[] {
    const read = <T extends object>(object: T | undefined, name: keyof T & string): unknown => {
      if (object === undefined) return undefined;
      this.log.push(`load ${name} of ${JSON.stringify(object)}`);
      return lazy(object)[name];
    };
    return [
      () => read(this.#stored(this.#parents), "children"),
      () => read(this.#stored(this.#posts), "tags"),
      () => read(this.#stored(this.#posts), "summary"),
      () => read(this.#stored(this.#tags), "posts"),
      () => read(this.#stored(this.#groups), "users"),
    ];
  }

  async #savepoint(depth: number): Promise<void> {
    if (depth === 2) return;
    const isUndone = this.#random(2) === 0;
    const steps = this.#random(6);
    const undo = new Error("undo");
    this.log.push("savepoint {");
    const savepoint = this.session.savepoint(async () => {
      for (let i = 0; i < steps; i++) await this.step(depth + 1);
      if (isUndone) throw undo;
    });
    await savepoint.catch((error: unknown) => {
      if (error !== undo) throw error;
    });
    this.log.push(isUndone ? "} undone" : "}");
  }

  #add<T extends object>(list: T[], object: T): void {
    this.log.push(`add ${JSON.stringify(object)}`);
    list.push(object);
    this.session.add(object);
  }

  #with<T>(object: T | undefined, action: (object: T) => void): void {
    if (object !== undefined) action(object);
  }

  #with2<A, B>(a: A | undefined, b: B | undefined, action: (a: A, b: B) => void): void {
    if (a !== undefined && b !== undefined) action(a, b);
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** One of the objects that the session has, and is to keep. */
  #one<T extends object | null>(list: readonly T[]): T | undefined {
    const kept = list.filter((one) => one === null || (this.session.has(one) && !this.session.deleted.has(one)));
    return kept[this.#random(kept.length)];
  }

  #stored<T extends object>(list: readonly T[]): T | undefined {
    return this.#one(list.filter(isStored));
  }

  #some<T extends object>(list: readonly T[]): T[] {
    return list.filter((one) => this.session.has(one) && !this.session.deleted.has(one) && this.#random(2) === 0);
  }

  async #loadAgain<T extends object>(list: T[], of: new () => T, related: Parameters<typeof selectinLoad>[0]) {
    const statement = select(of);
    const objects = await this.session.all(
      this.#random(2) === 0 ? statement : statement.options(selectinLoad(related)),
    );
    list.splice(0, list.length, ...objects);
  }

  async #rows(sql: string): Promise<unknown[][]> {
    const result = await this.session.noAutoflush(() => this.session.execute(text(sql, {})));
    return result.all() as unknown[][];
  }
}

function isStored(object: object): boolean {
  return inspect(object).state === "persistent";
}

/** Objects whose attribute can be read. */
function loaded<T extends object>(list: readonly T[], name: string): T[] {
  return list.filter((one) => !isStored(one) || inspect(one).isLoaded(name));
}

function having<T extends object>(list: readonly T[], name: string): T[] {
  return loaded(list, name).filter(isStored);
}

function rowsOf<T extends object>(list: readonly T[], row: (object: T) => unknown[]): unknown[] {
  return sorted(list.filter(isStored).map(row));
}

function sorted(list: readonly unknown[]): unknown[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
