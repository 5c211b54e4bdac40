/**
 * The part of node-postgres that this project uses. Its published types bring
 * those of Node, which contradict Deno's.
 */

/** A statement, with values for $1, $2, … and a name that keeps it prepared. */
interface QueryConfig {
  text: string;
  values?: unknown[];
  name?: string;
}

interface QueryResult {
  // deno-lint-ignore no-explicit-any -- whatever the query selects
  rows: Record<string, any>[];
}

interface Queryable {
  /** Several statements in one text give an array. */
  query(query: string | QueryConfig): Promise<QueryResult | QueryResult[]>;
}

interface PoolClient extends Queryable {
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "notice", listener: (notice: { message?: string }) => void): void;
  release(): void;
}

interface ConnectionOptions {
  connectionString: string;
  /** Longest wait for a connection, in ms. */
  connectionTimeoutMillis?: number;
  /** Command-line options for the server process: `-c name=value`. */
  options?: string;
  types?: { getTypeParser: (oid: number) => (text: string) => unknown };
}

interface PoolOptions extends ConnectionOptions {
  max?: number;
  /** How long an unused connection is kept, in ms; 0 for ever. */
  idleTimeoutMillis?: number;
}

declare class Pool implements Queryable {
  constructor(options: PoolOptions);
  connect(): Promise<PoolClient>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "connect", listener: (client: PoolClient) => void): void;
  query(query: string | QueryConfig): Promise<QueryResult | QueryResult[]>;
}

/** A query whose rows are taken one by one. */
declare class Query {
  constructor(text: string);
  on(
    event: "row",
    listener: (row: Record<string, unknown>) => void,
  ): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "end", listener: () => void): void;
}

interface Notification {
  channel: string;
  payload?: string;
}

declare class Client implements Queryable {
  constructor(options: ConnectionOptions);
  connect(): Promise<void>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "end", listener: () => void): void;
  on(
    event: "notification",
    listener: (notification: Notification) => void,
  ): void;
  query(query: string | QueryConfig): Promise<QueryResult | QueryResult[]>;
  query(query: Query): Query;
}

/** An error that the server answered. */
declare class DatabaseError extends Error {
  /** SQLSTATE. */
  code: string;
  detail?: string;
  hint?: string;
  /** Where in the statement, counted from 1. */
  position?: string;
  table?: string;
}

declare const types: {
  getTypeParser(oid: number, format: "text"): (text: string) => unknown;
};

declare const pg: {
  Client: typeof Client;
  DatabaseError: typeof DatabaseError;
  Pool: typeof Pool;
  Query: typeof Query;
  types: typeof types;
};
export type {
  Client,
  DatabaseError,
  Notification,
  Pool,
  PoolClient,
  Query,
  QueryConfig,
  QueryResult,
};
export default pg;
