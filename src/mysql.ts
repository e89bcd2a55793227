/** What is particular to MariaDB and MySQL: `import { ... } from "alkahest/mysql"`. */

export {
  blob,
  mediumblob,
  mediumint,
  mediumtext,
  plainText,
  set,
  tinyblob,
  tinyint,
  tinytext,
  unsignedBigint,
  unsignedInteger,
  unsignedMediumint,
  unsignedSmallint,
  unsignedTinyint,
  varbinary,
  year,
} from "./dialects/mysql/column-types.ts";
export { MysqlDialect } from "./dialects/mysql/dialect.ts";
export type { MysqlDriverFactory, MysqlTarget } from "./dialects/mysql/driver-factory.ts";
export {
  type MariadbClient,
  type MariadbConnectorOptions,
  type MariadbModule,
  mariadbConnector,
} from "./dialects/mysql/mariadb-connector.ts";
export { type Mysql2Client, type Mysql2Module, type Mysql2Options, mysql2 } from "./dialects/mysql/mysql2.ts";
export { mariadb, mysql } from "./dialects/mysql/setup.ts";
