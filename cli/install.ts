/**
 * Plans what `init` and `update` change in a project. This module writes
 * nothing: it returns a plan, which `--dry-run` prints and `plan.ts` carries
 * out.
 *
 * @module
 */
import { join } from "node:path";
import { addFunctions, exposeSchema, readConfig } from "./config_toml.ts";
import { ENV_FILE } from "./env_file.ts";
import { CommandError } from "./errors.ts";
import { type Change, listFiles, listFolder, readIfExists } from "./files.ts";
import { ignoreFiles, isTracked } from "./git.ts";
import {
  nextSecrets,
  readSecrets,
  secretsChanges,
  signingKeysFile,
} from "./keys.ts";
import { checksum, isAsShipped, type Lock } from "./lock_file.ts";
import { newNumbers } from "./migrations.ts";
import type { Plan } from "./plan.ts";
import { FUNCTIONS, MIGRATIONS, SHARED, type Template } from "./template.ts";

/** The schema that the Data API has to serve. */
export const SCHEMA = "latchkey";

/** A file of Latchkey's that its owner has changed. */
export interface ChangedFile {
  path: string;
  /** The owner's text. */
  own: string;
  /** This version's text; null if this version has no such file. */
  shipped: string | null;
  /** Whether the file differs between the installed version and this one. */
  isNew: boolean;
}

/** A plan to install a version, and what it does not change. */
export interface InstallPlan extends Plan {
  /** Files that the owner has changed. They stay as they are. */
  changed: ChangedFile[];
  /** Functions that the owner has removed. `update` does not restore them. */
  removed: string[];
  /** Messages about what the owner should look at. */
  warnings: string[];
}

/**
 * Functions of the project that have the name of one of Latchkey's.
 *
 * A function counts as Latchkey's if the lock file names it or each of its files
 * is this version's.
 */
export function conflicts(
  project: string,
  template: Template,
  lock: Lock | null,
): string[] {
  const config = readConfig(configText(project));
  const known = new Set(
    Object.keys({ ...lock?.files, ...lock?.pending?.files })
      .map((path) => path.split("/")[2]),
  );
  return [SHARED, ...template.blocks.keys()].filter((name) => {
    if (known.has(name)) return false;
    const folder = `${FUNCTIONS}/${name}`;
    const files = listFiles(join(project, folder));
    if (files.length === 0) return name in (config.functions ?? {});
    return !files.every((file) => {
      const path = `${folder}/${file}`;
      return template.files.find((other) => other.path === path)?.text ===
        readIfExists(join(project, path));
    });
  });
}

/**
 * Plans to install a version of Latchkey in a project, or to bring an installed
 * one up to it.
 *
 * @param options.restore Also write files of Latchkey's that are missing, as
 * `init` does. A function that an owner has removed stays removed without it.
 * @throws {CommandError} The project is in a state that cannot be installed to.
 */
export async function planInstall(options: {
  project: string;
  template: Template;
  prefix: string;
  lock: Lock | null;
  restore: boolean;
}): Promise<InstallPlan> {
  const { project, template, lock, restore } = options;
  const config = configText(project);
  refuseCommittedSecrets(project);
  const { changes, changed } = planFiles(project, template, lock, restore);
  const removed = restore ? [] : removedFunctions(project, template, lock);
  const blocks = new Map(
    [...template.blocks].filter(([name]) => !removed.includes(name)),
  );
  const migrations = planMigrations(project, template, lock);
  const current = await readSecrets(project);
  const next: Lock = {
    version: template.version,
    prefix: options.prefix,
    files: Object.fromEntries(
      template.files.map(({ path, text }) => [path, checksum(text)]),
    ),
    migrations: migrations.names,
  };
  return {
    changes: [
      // Make git ignore the secrets before they are written.
      ...ignoreFiles(project, [ENV_FILE, signingKeysFile(project)]),
      ...current.complete
        ? []
        : secretsChanges(project, await nextSecrets(current, "create")),
      ...changes,
      ...migrations.changes,
      ...change(
        "supabase/config.toml",
        config,
        addFunctions(exposeSchema(config, SCHEMA), blocks),
      ),
    ],
    lock: next,
    changed,
    removed,
    warnings: warnings(config, template),
  };
}

/** @throws {CommandError} There is no config.toml. */
export function configText(project: string): string {
  const text = readIfExists(join(project, "supabase/config.toml"));
  if (text !== null) return text;
  throw new CommandError(
    `There is no supabase/config.toml in ${project}. Run "npx supabase init" ` +
      "first. Nothing was changed.",
  );
}

/** A change of a text, or none if the text stays the same. */
export function change(
  path: string,
  before: string | null,
  after: string | null,
): Change[] {
  return before === after ? [] : [{ path, before, after }];
}

function planFiles(
  project: string,
  template: Template,
  lock: Lock | null,
  restore: boolean,
) {
  const changes: Change[] = [];
  const changed: ChangedFile[] = [];
  const shipped = new Map(template.files.map(({ path, text }) => [path, text]));
  for (const path of new Set([...shipped.keys(), ...known(lock)])) {
    const own = readIfExists(join(project, path));
    const text = shipped.get(path) ?? null;
    if (own === text) continue;
    if (own === null) {
      // The owner has removed the file, unless it is new in this version.
      if (restore || lock?.files[path] === undefined) {
        changes.push({ path, before: null, after: text });
      }
    } else if (isAsShipped(lock, path, own)) {
      changes.push({ path, before: own, after: text });
    } else {
      const isNew = text === null || lock?.files[path] !== checksum(text);
      changed.push({ path, own, shipped: text, isNew });
    }
  }
  return { changes, changed };
}

function known(lock: Lock | null): string[] {
  return Object.keys({ ...lock?.files, ...lock?.pending?.files });
}

/** Functions of the lock file that have no file left in the project. */
function removedFunctions(
  project: string,
  template: Template,
  lock: Lock | null,
): string[] {
  return [...template.blocks.keys()].filter((name) => {
    const folder = `${FUNCTIONS}/${name}/`;
    return known(lock).some((path) => path.startsWith(folder)) &&
      listFiles(join(project, folder)).length === 0;
  });
}

/** New migrations, with numbers after the project's last one. */
function planMigrations(
  project: string,
  template: Template,
  lock: Lock | null,
) {
  const folder = join(project, MIGRATIONS);
  const present = listFolder(folder);
  const texts = new Map(
    present.map((name) => [name, readIfExists(join(folder, name))]),
  );
  const numbers = newNumbers([
    ...present,
    ...Object.values(lock?.migrations ?? {}),
  ]);
  const names: Record<string, string> = {};
  const changes: Change[] = [];
  for (const { name, text } of template.migrations) {
    const own = lock?.migrations[name] ??
      present.find((other) => texts.get(other) === text) ??
      name.replace(/^\d+/, () => numbers.next().value);
    names[name] = own;
    // The database may have this migration already, so an owner's change of it
    // stays.
    if (!present.includes(own)) {
      changes.push({ path: `${MIGRATIONS}/${own}`, before: null, after: text });
    }
  }
  return { names, changes };
}

/** @throws {CommandError} git would publish the secrets. */
function refuseCommittedSecrets(project: string) {
  for (const file of [ENV_FILE, signingKeysFile(project)]) {
    if (!isTracked(project, file)) continue;
    throw new CommandError(
      `${file} is under version control, and Latchkey's secrets go into it. ` +
        `Run "git rm --cached ${file}" and run the command again. Nothing was ` +
        "changed.",
    );
  }
}

function warnings(config: string, template: Template): string[] {
  const { api, db, functions = {}, remotes = {} } = readConfig(config);
  const result: string[] = [];
  if (api?.enabled === false) {
    result.push(
      "[api] is disabled in config.toml. Latchkey's functions reach the " +
        "database through the Data API unless LATCHKEY_DB_URL is set.",
    );
  }
  if (db?.migrations?.schema_paths?.length) {
    result.push(
      "Your project declares its schemas in files (schema_paths). Latchkey's is " +
        'not among them: limit "supabase db diff" to yours with --schema, or it ' +
        "proposes to drop Latchkey's.",
    );
  }
  for (const [name, remote] of Object.entries(remotes)) {
    if (remote.api?.schemas && !remote.api.schemas.includes(SCHEMA)) {
      result.push(
        `[remotes.${name}.api] has schemas of its own. Add "${SCHEMA}" there.`,
      );
    }
  }
  for (const name of template.blocks.keys()) {
    if (functions[name] && functions[name].verify_jwt !== false) {
      result.push(
        `[functions.${name}] has no verify_jwt = false. The platform would ` +
          "refuse its requests: set it.",
      );
    }
  }
  return result;
}
