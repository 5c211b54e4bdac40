import { dirname, join } from "@std/path";
import { freePort } from "./free_port.ts";
import { exists, readIfExists, removeIfExists } from "./files.ts";
import { majorVersion, type ServerFiles } from "./postgres_files.ts";
import { ended, processes, signal } from "./processes.ts";

/** A running PostgreSQL server, reachable on the loopback address only. */
export interface Database {
  /** TCP port on 127.0.0.1. */
  port: number;
  /** Connection string of the superuser, `supabase_admin`. */
  superuserUrl: string;
  /** Connection string of a role that has a password. */
  urlFor(role: string, password: string): string;
  /** Stops it cleanly; open connections are closed. */
  stop(): Promise<void>;
  /** Kills all of its processes, like a power failure. For fault tests. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`, on the same port. */
  start(): Promise<void>;
}

/** Where a database's files are and how to reach it. */
export interface DatabaseOptions {
  files: ServerFiles;
  /** The stack's data folder; the database lives in `postgres` below it. */
  folder: string;
  /** TCP port, see `choosePort`. */
  port: number;
  /** Password of the superuser, set when the database is created. */
  superuserPassword: string;
}

/** The settings of a hosted project that matter here. */
const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  max_wal_senders: "10",
  max_replication_slots: "10",
  max_connections: "200",
  shared_preload_libraries: "pg_stat_statements",
  timezone: "UTC",
  log_timezone: "UTC",
};

/**
 * Chooses the database's port before the server runs.
 *
 * @param port TCP port; 0 takes a free one
 * @throws {Error} The port is in use. The message names --db-port.
 */
export function choosePort(port: number): number {
  if (port === 0) return freePort();
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return port;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `Port ${port} is in use: stop what runs there, or choose another one ` +
        "for the database with --db-port.",
    );
  }
}

/** The connection string of a role of the database on a port. */
export function connectionUrl(
  port: number,
  role: string,
  password: string,
): string {
  return `postgresql://${role}:${encodeURIComponent(password)}` +
    `@127.0.0.1:${port}/postgres`;
}

/**
 * Creates the database on the first start, then starts the server.
 *
 * @throws {Error} The server cannot start. The message names --data or --reset,
 * or contains the end of the server's log.
 */
export async function startPostgres(
  options: DatabaseOptions,
): Promise<Database> {
  const user = await databaseUser();
  const data = join(options.folder, "postgres");
  const log = join(options.folder, "postgres.log");
  await requireReachable(options.folder, user);
  await requireSameMajorVersion(data);
  const { port } = options;
  if (!await exists(data)) await create(options, data, user);
  await handOver(log, user);

  const pgCtl = (...args: string[]) =>
    runAs(user, options.folder, options.files.pgCtl, ["-D", data, ...args]);
  const urlFor = (role: string, password: string) =>
    connectionUrl(port, role, password);
  let guard: Deno.ChildProcess | null = null;
  const dismissGuard = async () => {
    guard?.kill("SIGKILL");
    await guard?.status;
    guard = null;
  };
  const database: Database = {
    port,
    superuserUrl: urlFor("supabase_admin", options.superuserPassword),
    urlFor,
    async start() {
      await forgetEndedServer(data);
      // pg_ctl starts the server in its own session, so that a Ctrl-C in the
      // terminal reaches this process only, which then stops the server.
      const result = await pgCtl(
        ...["start", "--wait", "--silent", "--log", log],
        ...["--options", `-p ${port}`],
      );
      if (!result.success) {
        throw new Error(
          `PostgreSQL did not start. The end of ${log}:\n${await tail(log)}`,
        );
      }
      guard = startGuard((await runningPid(data))!);
    },
    async stop() {
      await dismissGuard();
      if (await runningPid(data) === null) return;
      const result = await pgCtl("stop", "--wait", "--mode", "fast");
      if (!result.success && await runningPid(data) !== null) {
        throw new Error(`PostgreSQL did not stop: ${result.output}`);
      }
    },
    async kill() {
      await dismissGuard();
      const pid = await runningPid(data);
      if (pid === null) return;
      const children = (await processes())
        .filter((process) => process.parent === pid)
        .map((process) => process.pid);
      for (const each of [pid, ...children]) signal(each, "SIGKILL");
      await ended([pid, ...children]);
    },
  };
  await database.start();
  return database;
}

/**
 * Stops a server that is still running although the process that started it has
 * ended. The caller holds the folder's lock, so no stack owns a server that
 * still runs there.
 */
export async function stopOrphan(folder: string): Promise<void> {
  const data = join(folder, "postgres");
  const pid = await runningPid(data);
  if (pid === null) return;
  signal(pid, "SIGINT");
  await ended([pid]);
}

interface User {
  uid?: number;
  gid?: number;
  name: string;
}

/**
 * PostgreSQL refuses to run as root. If this process is root, it runs as the
 * user `nobody`.
 */
async function databaseUser(): Promise<User> {
  if (Deno.uid() !== 0) return { name: "you" };
  const id = async (flag: string) => {
    const { stdout } = await new Deno.Command("id", { args: [flag, "nobody"] })
      .output();
    return Number(new TextDecoder().decode(stdout).trim());
  };
  return { uid: await id("-u"), gid: await id("-g"), name: "nobody" };
}

async function requireReachable(folder: string, user: User) {
  if (user.uid === undefined) return;
  for (let path = folder; path !== "/"; path = dirname(path)) {
    const { mode, uid } = await Deno.stat(path);
    if (uid !== user.uid && !((mode ?? 0) & 0o001)) {
      throw new Error(
        `PostgreSQL runs as the user ${user.name}, who cannot enter ${path}: ` +
          "choose a folder that every user may enter with --data, such as one " +
          "below /var/lib.",
      );
    }
  }
}

async function requireSameMajorVersion(data: string) {
  const version = (await readIfExists(join(data, "PG_VERSION")))?.trim();
  if (version !== undefined && version !== majorVersion) {
    throw new Error(
      `The database in ${data} is of PostgreSQL ${version}, this stack runs ` +
        `${majorVersion}: choose another folder with --data, or start over ` +
        "with --reset.",
    );
  }
}

/**
 * Creates it in another folder and renames it, so that a start that is killed
 * here leaves no incomplete database.
 */
async function create(options: DatabaseOptions, data: string, user: User) {
  const draft = `${data}.new`;
  const passwordFile = join(options.folder, "initdb-password");
  await removeIfExists(draft);
  await Deno.mkdir(draft, { mode: 0o700 });
  await handOver(draft, user);
  await Deno.writeTextFile(passwordFile, options.superuserPassword, {
    mode: 0o600,
  });
  await handOver(passwordFile, user);
  const result = await runAs(user, options.folder, options.files.initdb, [
    ...["--pgdata", draft, "--no-sync", "--no-instructions"],
    ...["--username", "supabase_admin", "--pwfile", passwordFile],
    ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale"],
    ...["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
    ...Object.entries(settings).flatMap(([name, value]) => [
      "--set",
      `${name}=${value}`,
    ]),
  ]);
  await removeIfExists(passwordFile);
  if (!result.success) {
    throw new Error(`PostgreSQL could not create a database: ${result.output}`);
  }
  await Deno.rename(draft, data);
}

async function handOver(path: string, user: User) {
  if (!await exists(path)) await Deno.writeTextFile(path, "");
  if (user.uid !== undefined) await Deno.chown(path, user.uid, user.gid!);
}

async function runAs(user: User, cwd: string, program: string, args: string[]) {
  const { uid, gid } = user;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    uid,
    gid,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** The server's process id, or null if no server runs on these files. */
async function runningPid(data: string): Promise<number | null> {
  const file = await readIfExists(join(data, "postmaster.pid"));
  if (file === null) return null;
  const [process] = await processes([Number(file.split("\n")[0])]);
  return process?.command.includes(data) ? process.pid : null;
}

/**
 * Stops the server when this process is killed. The guard waits for the end of
 * its input, and only this process holds the other end. It ignores signals from
 * the terminal, which this process handles. It requests an immediate shutdown,
 * because the data folder may have been deleted too. The next start recovers,
 * and no committed data is lost.
 */
function startGuard(pid: number): Deno.ChildProcess {
  const script = 'trap "" INT TERM HUP; read -r _; kill -QUIT "$1"';
  return new Deno.Command("sh", {
    args: ["-c", script, "sh", String(pid)],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/**
 * PostgreSQL refuses to start while any process has the process id that it
 * recorded. After a kill it may be, by a process that its parent has not
 * collected yet, and after a reboot by anything.
 */
async function forgetEndedServer(data: string) {
  if (await runningPid(data) === null) {
    await removeIfExists(join(data, "postmaster.pid"));
  }
}

async function tail(log: string): Promise<string> {
  return (await Deno.readTextFile(log)).trimEnd().split("\n").slice(-15)
    .join("\n");
}
