/** Deepkit reads types at run time: its compiler, which `generate.mjs` calls, leaves them in the code. */
// biome-ignore lint/style/useImportType: of what is imported as a type alone, its compiler leaves nothing to read
import {
  AutoIncrement,
  BackReference,
  DatabaseField,
  entity,
  integer,
  PrimaryKey,
  Reference,
  Unique,
} from "@deepkit/type";

@entity.name("author")
export class Author {
  id: integer & PrimaryKey & AutoIncrement = 0;
  books: Book[] & BackReference = [];
  name: string;
  email: string & Unique;
  constructor(name: string, email: string) {
    this.name = name;
    this.email = email;
  }
}

@entity.name("book")
export class Book {
  id: integer & PrimaryKey & AutoIncrement = 0;
  title: string;
  price: number;
  author: Author & Reference & DatabaseField<{ name: "author_id" }>;
  constructor(title: string, price: number, author: Author) {
    this.title = title;
    this.price = price;
    this.author = author;
  }
}
