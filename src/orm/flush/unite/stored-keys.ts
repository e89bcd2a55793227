import { comparedTypes } from "../../../schema/same-texts.ts";
import { type Entity, type IdentityMap, identityKeyFrom } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import type { Decomposition } from "../decompose/decompose.ts";
import { origin } from "../decompose/operation.ts";
import { imageOf } from "../decompose/table-writes.ts";
import { readTuple, type TupleKey } from "../decompose/tuple.ts";
import { type KeyChanges, NO_CHANGES } from "../edges/key-changes.ts";
import { getOrAdd } from "../get-or-add.ts";

/** The primary key that a row gets, as far as it can be told. */
export interface NewKey {
  readonly values: readonly unknown[];
  /** Equal for rows of equal key, also where a part of it is the key of another row that the database has yet to make. */
  readonly text: TupleKey;
  readonly isKnown: boolean;
  /** A row that has it already is overwritten, or left alone: the object stands for that one. */
  readonly isOpen: boolean;
}

/** The stored objects of the session that will have a key without writing it. */
export class StoredKeys {
  readonly #deleted: ReadonlySet<Entity>;
  readonly #byEntity: Decomposition["byEntity"];
  readonly #keyChanges: KeyChanges;
  readonly #identityMap: IdentityMap;
  readonly #dialectName: string;
  /** Those of a family whose keys change only as they follow other rows, by the keys that they get. */
  readonly #following = new Map<Mapper, ReadonlyMap<TupleKey, Entity>>();

  constructor(
    { deletes }: NetChanges,
    { byEntity }: Decomposition,
    keyChanges: KeyChanges,
    identityMap: IdentityMap,
    dialectName: string,
  ) {
    this.#deleted = new Set(deletes);
    this.#byEntity = byEntity;
    this.#keyChanges = keyChanges;
    this.#identityMap = identityMap;
    this.#dialectName = dialectName;
  }

  /** Another object that has the key and keeps it. */
  keeping(entity: Entity, { values, text, isKnown }: NewKey): Entity | undefined {
    const mapper = mapperOf(entity);
    const key = isKnown ? identityKeyFrom(mapper, values.map(origin)) : null;
    const stored = key === null ? undefined : this.#identityMap.get(mapper, key);
    if (stored === undefined || stored === entity || this.#deleted.has(stored)) return undefined;
    return this.#keyAfter(stored) === text ? stored : undefined;
  }

  /** Another object that gets the key as it follows a row. */
  following(entity: Entity, { text, isOpen }: NewKey): Entity | undefined {
    if (isOpen || this.#keyChanges === NO_CHANGES) return undefined;
    const { root } = mapperOf(entity);
    const follower = getOrAdd(this.#following, root, () => this.#followers(root)).get(text);
    return follower === undefined || this.#deleted.has(follower) ? undefined : follower;
  }

  #followers(mapper: Mapper): ReadonlyMap<TupleKey, Entity> {
    const { table } = mapper;
    const { primaryKey } = table;
    const followers = new Map<TupleKey, Entity>();
    const isFollowed = this.#keyChanges.followed.some(({ columns }) =>
      columns.some((column) => primaryKey.includes(column)),
    );
    if (!isFollowed) return followers;
    for (const entity of this.#identityMap.of(mapper).values()) {
      if (this.#byEntity.writing(entity, table)?.changes(primaryKey) === true) continue; // it is looked at by itself
      const key = this.#keyAfter(entity);
      if (key !== null) followers.set(key, entity);
    }
    return followers;
  }

  /** The key that the row has after the flush: what is written of it, else what it gets as it follows others, or has. */
  #keyAfter(entity: Entity): TupleKey | null {
    const { table } = mapperOf(entity).root;
    const written = this.#byEntity.writing(entity, table)?.after;
    const row = imageOf(entity, table);
    const image = this.#keyChanges.moved(table, row) ?? row;
    const types = comparedTypes(table.primaryKey, this.#dialectName, table.primaryKey);
    const tuple = readTuple(table.primaryKey, types, ({ index }) => written?.[index] ?? image[index]);
    return tuple.kind === "key" || tuple.kind === "generated" ? tuple.key : null;
  }
}
