import { dirname, fromFileUrl } from "@std/path";
import { connect } from "./sql.ts";
import { startAuth } from "./auth.ts";
import { connectAuth } from "./auth_proxy.ts";
import { readConfig } from "./config.ts";
import { startDataApi } from "./data_api.ts";
import { openDataFolder, type RunningStack } from "./data_folder.ts";
import {
  authPasswordSource,
  chooseKeys,
  choosePasswords,
  latchkeyVariables,
  readFunctionsEnv,
} from "./environment.ts";
import { withJwtCheck } from "./functions_gate.ts";
import {
  type Functions,
  functionsEnvironment,
  startFunctions,
} from "./functions.ts";
import { startGateway } from "./gateway.ts";
import { fetchCli, migrate } from "./migrate.ts";
import { servePage, serveWelcome } from "./page.ts";
import { preparePlatform, readSql } from "./platform.ts";
import {
  choosePort,
  connectionUrl,
  type Database,
  startPostgres,
  stopOrphan,
} from "./postgres.ts";
import { installServer } from "./postgres_files.ts";
import { type RealtimeSettings, startRealtime } from "./realtime.ts";
import { requireSystem } from "./requirements.ts";
import { createTokens } from "./tokens.ts";
import { watchFunctions } from "./watch.ts";

/** How to start a stack. */
export interface StackOptions {
  /** TCP port of the API, by default that of config.toml; 0 takes a free one. */
  port?: number;
  /** TCP port of the database, likewise. */
  dbPort?: number;
  /** Data folder; by default one that belongs to this project. */
  data?: string;
  /** Removes the data first. */
  reset?: boolean;
  /** Address of a running Supabase Auth to use in place of the embedded one. */
  authUrl?: string;
  /** Project folder, the one with `supabase/`; by default this repository. */
  projectRoot?: string;
  /**
   * Called with a sentence about each setting of the project that has no effect
   * locally.
   */
  onNote?: (message: string) => void;
  /** Called with what the start is waiting for. */
  onProgress?: (message: string) => void;
  /**
   * Called with each line of the functions' log. Without it, the lines go to
   * stderr.
   */
  onLog?: (line: string) => void;
  /** Cancels the start and stops what has been started. */
  signal?: AbortSignal;
  /** Times and limits of the Realtime relay, by default a hosted project's. */
  realtime?: Partial<RealtimeSettings>;
  /** Loads the functions again when one of their files changes. */
  watch?: boolean;
  /**
   * Additional variables for the functions. They replace the usual ones of the
   * same name.
   */
  functionsEnv?: Record<string, string>;
}

/** A running stack. */
export interface Stack extends RunningStack {
  /** Absolute path of the folder that keeps users, sessions and keys. */
  dataFolder: string;
  publishableKey: string;
  secretKey: string;
  /** The database server, for tests that stop or kill it. */
  database: Database;
  /** The functions, and where they listen without the gateway. */
  functions: Functions;
  /** Stops everything. */
  stop(): Promise<void>;
}

/**
 * Starts database, Auth, Data API, Realtime and functions behind one gateway.
 * A failure on the way stops what was started.
 *
 * @throws {Error} in words for people, naming the flag or variable to change
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using cleanup = new AsyncDisposableStack();
  const {
    onProgress = () => {},
    projectRoot = repositoryRoot,
    signal = new AbortController().signal,
  } = options;
  requireSystem();
  const config = await readConfig(projectRoot);
  const { onNote = () => {} } = options;
  config.notes.forEach(onNote);
  const ownEnv = {
    ...config.secrets,
    ...await readFunctionsEnv(projectRoot, onNote),
    ...latchkeyVariables(),
    ...options.functionsEnv,
  };
  const folder = await openDataFolder(projectRoot, options.data);
  cleanup.defer(folder.release);
  await stopOrphan(folder.path);
  const gateway = startGateway(options.port ?? config.port);
  cleanup.defer(gateway.close);
  const apiUrl = gateway.url;
  const dbPort = choosePort(options.dbPort ?? config.dbPort);
  const dbUrl = connectionUrl(dbPort, "postgres", "postgres");

  // Only now: a start that fails above must not remove data.
  if (options.reset) await folder.reset();
  const secrets = await folder.secrets();
  const passwords = choosePasswords(secrets.passwords);
  const keys = chooseKeys(secrets.keys, ownEnv);
  const tokens = await createTokens(keys.signingKey);

  // Downloads come first: a cancelled start then leaves no process behind.
  const [files, cli] = await allOrFirstFailure([
    unlessAborted(signal, installServer(folder.serverRoot, onProgress)),
    unlessAborted(signal, fetchCli()),
  ]);

  const functionsEnv = {
    ...functionsEnvironment({ apiUrl, databaseUrl: dbUrl, keys }),
    ...ownEnv,
  };
  const bringUpFunctions = async () => {
    const functions = await startFunctions({
      projectRoot,
      functions: config.functions,
      env: functionsEnv,
      onLog: options.onLog,
      tolerant: options.watch,
      signal,
    });
    cleanup.defer(functions.close);
    if (options.watch) {
      const watcher = watchFunctions(projectRoot, async () => {
        Object.assign(config, await readConfig(projectRoot));
        await functions.reload(config.functions);
      }, options.onLog);
      cleanup.defer(watcher.close);
    }
    return functions;
  };

  const bringUpDatabase = async () => {
    const database = await startPostgres({
      files,
      folder: folder.path,
      port: dbPort,
      superuserPassword: passwords.supabase_admin,
    });
    cleanup.defer(database.stop);
    const { superuserUrl } = database;
    const sql = connect(superuserUrl, { max: 1 });
    cleanup.defer(() => sql.end());
    await preparePlatform(sql, passwords);
    const auth = options.authUrl
      ? await connectAuth({
        authUrl: options.authUrl,
        databaseAddress: `127.0.0.1:${dbPort}/postgres`,
        passwordSource: authPasswordSource(folder.path),
        ...{ sql, keys, tokens, onProgress, signal },
      })
      : await startAuth({
        databaseUrl: database.urlFor(
          "supabase_auth_admin",
          passwords.supabase_auth_admin,
        ),
        settings: config.auth,
        ...{ apiUrl, keys, tokens },
      });
    cleanup.defer(auth.close);
    await sql.unsafe(await readSql("auth_grants.sql"));
    await migrate({
      databaseUrl: dbUrl,
      seed: config.seed,
      ...{ cli, projectRoot, sql, onProgress, signal },
    });
    const rest = await startDataApi({
      databaseUrl: database.urlFor("authenticator", passwords.authenticator),
      catalogUrl: superuserUrl,
      schemas: config.schemas,
      maxRows: config.maxRows,
      ...{ keys, tokens },
    });
    cleanup.defer(rest.close);
    const realtime = await startRealtime({
      databaseUrl: superuserUrl,
      verify: tokens.verify,
      settings: options.realtime,
      keys,
    });
    cleanup.defer(realtime.close);
    return { database, services: { auth, rest, realtime } };
  };

  const [functions, { database, services }] = await allOrFirstFailure([
    bringUpFunctions(),
    bringUpDatabase(),
  ]);
  const isGuarded = (name: string) =>
    config.functions.some((each) => each.name === name && each.verifyJwt);
  signal.throwIfAborted();
  gateway.open({
    ...services,
    functions: withJwtCheck(functions, isGuarded, tokens),
    page: {
      fetch: projectRoot === repositoryRoot
        ? servePage(projectRoot, keys.publishableKey)
        : serveWelcome,
    },
  });
  // Registered again, so that it closes before the services behind it.
  cleanup.defer(gateway.close);

  const running = { apiUrl, dbUrl, superuserUrl: database.superuserUrl, keys };
  await folder.announce(running);
  const stopping = cleanup.move();
  return {
    ...running,
    ...{ database, functions },
    dataFolder: folder.path,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    stop: () => stopping.disposeAsync(),
  };
}

const repositoryRoot = dirname(dirname(fromFileUrl(import.meta.url)));

/**
 * Waits for all even if one fails, so that everything that was started can be
 * stopped.
 */
async function allOrFirstFailure<A, B>(
  work: [Promise<A>, Promise<B>],
): Promise<[A, B]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

/** Waits for work that has no way to be cancelled, or until the signal aborts. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason));
    work.then(resolve, reject);
  });
}
