import { basename, dirname, join, resolve } from "@std/path";
import { readIfExists, removeIfExists, unlessMissing } from "./files.ts";
import { generateKeys, type Keys, randomText } from "./keys.ts";

/** A folder that holds one stack's data, locked by this process. */
export interface DataFolder {
  /** Absolute path of the folder. */
  path: string;
  /** Where the database server's files live, shared by a user's stacks. */
  serverRoot: string;
  /** Removes everything in it. */
  reset(): Promise<void>;
  /** Keys and passwords of this stack, generated at the first call. */
  secrets(): Promise<Secrets>;
  /** Describes the running stack for `describeRunning`, until the release. */
  announce(stack: RunningStack): Promise<void>;
  /** Releases the folder for the next start. */
  release(): Promise<void>;
}

/** The content of `keys.json`, which is kept between starts. */
export interface Secrets {
  keys: Keys;
  /** Passwords of the database roles that only the stack itself uses. */
  passwords: {
    supabase_admin: string;
    supabase_auth_admin: string;
    authenticator: string;
  };
}

/** What other programs of the same user need to know of a running stack. */
export interface RunningStack {
  /** Base of all addresses, without a slash at its end. */
  apiUrl: string;
  /** Connection string of the role postgres. */
  dbUrl: string;
  /** Connection string of the superuser. */
  superuserUrl: string;
  keys: Keys;
}

const runningName = "running.json";
const markerName = "latchkey.json";
const lockName = "lock";

/**
 * Opens the data folder: creates it when missing, refuses one that is not ours
 * or in use. Nothing in it is changed.
 *
 * @throws {Error} naming the flag to change
 */
export async function openDataFolder(
  projectRoot: string,
  data?: string,
): Promise<DataFolder> {
  const roots = await stateRoots(projectRoot);
  const path = await dataPath(projectRoot, data);
  await createFolder(path);
  await refuseForeignFolder(path);
  const release = await takeLock(path);
  await writeMarker(path);
  const runningPath = join(path, runningName);
  // A stack that was killed has left its description in the folder.
  await removeIfExists(runningPath);
  return {
    path,
    serverRoot: roots.server,
    reset: () => empty(path),
    secrets: () => loadSecrets(join(path, "keys.json")),
    announce: (stack) => writeSecretJson(runningPath, stack),
    async release() {
      await removeIfExists(runningPath);
      await release();
    },
  };
}

/**
 * The stack that uses a data folder, or null if none does.
 *
 * @param data the folder; by default the one that belongs to the project
 */
export async function describeRunning(
  projectRoot: string,
  data?: string,
): Promise<RunningStack | null> {
  const path = await dataPath(projectRoot, data);
  const text = await readIfExists(join(path, runningName));
  return text === null ? null : JSON.parse(text);
}

async function dataPath(projectRoot: string, data?: string): Promise<string> {
  if (data) return resolve(data);
  return join((await stateRoots(projectRoot)).state, "data");
}

/**
 * Root's state lives below /var/lib, because PostgreSQL then runs as the user
 * nobody, who cannot enter /root; that of other users stays in the project.
 */
async function stateRoots(projectRoot: string) {
  if (Deno.uid() !== 0) {
    const root = join(projectRoot, ".latchkey");
    return { state: root, server: root };
  }
  const digest = new Uint8Array(
    await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(projectRoot),
    ),
  );
  const hash = Array.from(
    digest.subarray(0, 4),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  const root = "/var/lib/latchkey";
  return {
    state: join(root, `${basename(projectRoot)}-${hash}`),
    server: root,
  };
}

async function createFolder(path: string) {
  try {
    await Deno.mkdir(path, { recursive: true });
    if (basename(dirname(path)) === ".latchkey") {
      // Keep the state out of every commit.
      await Deno.writeTextFile(join(dirname(path), ".gitignore"), "*\n");
    }
    const probe = join(path, `.probe-${crypto.randomUUID()}`);
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (error) {
    throw new Error(
      `Cannot write to the data folder ${path} (${reason(error)}): ` +
        "make it writable or choose another one with --data.",
    );
  }
}

async function refuseForeignFolder(path: string) {
  const names = (await Array.fromAsync(Deno.readDir(path)))
    .map((entry) => entry.name)
    .filter((name) => name !== lockName && !name.startsWith(".probe-"));
  if (names.length > 0 && !names.includes(markerName)) {
    throw new Error(
      `The folder ${path} holds files that are not this stack's: ` +
        "choose an empty or new one with --data. Nothing was changed.",
    );
  }
}

async function writeMarker(path: string) {
  await Deno.writeTextFile(
    join(path, markerName),
    JSON.stringify({ format: 1, about: "Data of a local Latchkey stack" }) +
      "\n",
  );
}

/**
 * The kernel holds the lock on an open file. So the lock is released when its
 * process ends, however that happens. The file's text is only used in the error
 * message.
 */
async function takeLock(path: string): Promise<() => Promise<void>> {
  const lockPath = join(path, lockName);
  while (true) {
    const file = await Deno.open(lockPath, {
      read: true,
      write: true,
      create: true,
    });
    if (!await file.tryLock(true)) {
      const owner = (await Deno.readTextFile(lockPath)).trim();
      file.close();
      throw new Error(
        `A stack already runs on the data folder ${path} ` +
          `(process ${owner || "just starting"}): stop it, or choose another ` +
          "folder with --data.",
      );
    }
    // Its last owner may have removed the file between our open and our lock.
    if (
      (await file.stat()).ino ===
        (await unlessMissing(Deno.stat(lockPath)))?.ino
    ) {
      await file.truncate();
      await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
      return async () => {
        await removeIfExists(lockPath);
        file.close();
      };
    }
    file.close();
  }
}

async function empty(path: string) {
  for await (const entry of Deno.readDir(path)) {
    if (entry.name === lockName || entry.name === markerName) continue;
    await Deno.remove(join(path, entry.name), { recursive: true });
  }
}

async function loadSecrets(path: string): Promise<Secrets> {
  const stored = await readIfExists(path);
  if (stored !== null) return JSON.parse(stored);
  const secrets: Secrets = {
    keys: await generateKeys(),
    passwords: {
      supabase_admin: randomText(24),
      supabase_auth_admin: randomText(24),
      authenticator: randomText(24),
    },
  };
  await writeSecretJson(path, secrets);
  return secrets;
}

async function writeSecretJson(path: string, value: unknown) {
  // Renamed into place, so that a process that is killed here leaves no partial
  // file.
  await Deno.writeTextFile(
    `${path}.new`,
    JSON.stringify(value, null, 2) + "\n",
    { mode: 0o600 },
  );
  await Deno.rename(`${path}.new`, path);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
