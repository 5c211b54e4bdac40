/**
 * `supabase-latchkey deploy`: brings Latchkey to a hosted project, step by
 * step. Each step skips what is already done, so that the command can run
 * again.
 *
 * @module
 */
import type { JWK } from "jose";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ENV_FILE, readEnvFile, setInEnvFile } from "./env_file.ts";
import { CommandError, UsageError } from "./errors.ts";
import { readIfExists } from "./files.ts";
import { parse } from "./flags.ts";
import { SCHEMA } from "./install.ts";
import {
  envVariables,
  readSecrets,
  type Secrets,
  signingKeysFile,
} from "./keys.ts";
import { functionsOf, readLock } from "./lock_file.ts";
import { HostedProject } from "./management_api.ts";
import { cliVersion } from "../stack/migrate.ts";
import { Output, reader } from "./output.ts";
import { findProject } from "./project.ts";

const USAGE = `Brings Latchkey to a hosted project.

Usage: supabase-latchkey deploy [flags]

It needs the variable SUPABASE_ACCESS_TOKEN, a token from
https://supabase.com/dashboard/account/tokens, and runs these steps:

  1. import the signing key as standby key (Management API)
  2. supabase db push
  3. expose the schema latchkey in the Data API (Management API)
  4. supabase secrets set, with the variables LATCHKEY_*
  5. supabase functions deploy, with Latchkey's functions
  6. sign with the imported key (Management API)

Each step skips what is already done, so that you can run the command again. It
changes nothing if the hosted project has other keys than this folder.

  --project-ref REF   the hosted project (default: the linked one)
  --replace-keys      replace the hosted project's keys with this folder's, after
                      you rotated them
  --yes               do not ask
  --dry-run           list the steps and change nothing
  --project DIR       the project's folder (default: the nearest one)
  --help              show this text`;

/** The Supabase CLI. */
const PACKAGE = `supabase@${cliVersion}`;

/** One step, which returns a sentence about what it did. */
interface Step {
  title: string;
  run: () => Promise<string>;
}

/** @throws {CommandError} A step failed. The message says what to do. */
export async function deploy(args: string[]): Promise<void> {
  const { values: flags } = parse({
    args,
    options: {
      "project-ref": { type: "string" },
      "replace-keys": { type: "boolean", default: false },
      yes: { type: "boolean", short: "y", default: false },
      "dry-run": { type: "boolean", default: false },
      project: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) return console.log(USAGE);
  const project = findProject(flags.project);
  const lock = readLock(project);
  const { complete, ...secrets } = await readSecrets(project);
  if (!lock || lock.pending || !complete) {
    throw new CommandError(
      "Latchkey is not completely installed in this project. Run " +
        '"npx supabase-latchkey init" first.',
    );
  }
  const ref = flags["project-ref"] ?? linkedProject(project);
  if (!/^[a-z]{20}$/.test(ref)) {
    throw new UsageError(
      "--project-ref takes the 20 letters of the project's URL: " +
        "https://<project-ref>.supabase.co.",
    );
  }
  const steps = planSteps({
    project,
    ref,
    functions: functionsOf(lock),
    signingKey: secrets.signingKey!,
  });

  const output = new Output(reader(false));
  output.title("Deploy Latchkey");
  output.step(`Project: ${project}\nHosted project: ${ref}`);
  if (flags["dry-run"]) {
    output.next("Steps", steps.map(({ title }) => title));
    return output.end("This was a dry run. Nothing was changed.");
  }
  const sure = flags.yes || await output.confirm(
    `Change the hosted project ${ref}?`,
    'Pass --yes to change the hosted project. "--dry-run" lists the steps. ' +
      "Nothing was changed.",
  );
  if (!sure) throw new CommandError("Cancelled. Nothing was changed.");
  if (!flags["replace-keys"]) {
    await refuseOtherKeys(project, ref, secrets as Secrets);
  }
  for (const [i, { title, run }] of steps.entries()) {
    output.step(`${i + 1}/${steps.length} ${title}`);
    output.step(await run());
  }
  output.end("Done.");
}

/**
 * Keeps a new clone, in which `init` created new keys, from replacing the keys
 * of a project that is in use.
 *
 * @throws {CommandError} The hosted project has other keys.
 */
async function refuseOtherKeys(project: string, ref: string, secrets: Secrets) {
  const names = await new HostedProject(ref, accessToken())
    .otherSecrets(envVariables(secrets));
  if (names.length === 0) return;
  throw new CommandError(
    `The hosted project ${ref} has another ${
      names.join(" and another ")
    } than ` +
      `this folder. Copy ${ENV_FILE} and ${
        signingKeysFile(project)
      } from the ` +
      "folder that it was deployed from, because other keys would end its " +
      "sessions. If you rotated the keys in this folder, pass --replace-keys. " +
      "Nothing was changed.",
  );
}

function planSteps({ project, ref, functions, signingKey }: {
  project: string;
  ref: string;
  functions: string[];
  signingKey: JWK;
}): Step[] {
  const hosted = () => new HostedProject(ref, accessToken());
  const cli = (...args: string[]): Step => ({
    title: `npx ${PACKAGE} ${args.join(" ")}`,
    run: () => supabase(project, args),
  });
  return [
    {
      title: "Import the signing key as standby key",
      run: async () =>
        await hosted().importSigningKey(signingKey)
          ? "Imported."
          : "It is already there.",
    },
    cli("db", "push", `--remote=${ref}`, "--yes"),
    {
      title: `Expose the schema ${SCHEMA} in the Data API`,
      run: async () =>
        await hosted().exposeSchema(SCHEMA)
          ? "Exposed."
          : "It is already exposed.",
    },
    {
      title: `npx ${PACKAGE} secrets set, with the variables LATCHKEY_*`,
      run: () => setSecrets(project, ref),
    },
    cli(
      ...["functions", "deploy", ...functions],
      ...[`--remote=${ref}`, "--use-api", "--yes"],
    ),
    {
      title: "Sign with the imported key",
      run: async () =>
        await hosted().useSigningKey(signingKey)
          ? "Supabase Auth signs with it now. Tokens of the previous key stay " +
            "valid until you revoke that key."
          : "Supabase Auth already signs with it.",
    },
  ];
}

/** Only Latchkey's variables, because the others may be for this machine. */
async function setSecrets(project: string, ref: string): Promise<string> {
  const variables = Object.fromEntries(
    Object.entries(readEnvFile(join(project, ENV_FILE)))
      .filter(([name]) => name.startsWith("LATCHKEY_")),
  );
  // A file, because arguments are visible in the list of processes.
  const folder = mkdtempSync(join(tmpdir(), "supabase-latchkey-"));
  const file = join(folder, "secrets.env");
  try {
    writeFileSync(file, setInEnvFile("", variables), { mode: 0o600 });
    return await supabase(project, [
      ...["secrets", "set", "--env-file", file, `--remote=${ref}`, "--yes"],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs the Supabase CLI, which prints its own output and asks its own
 * questions.
 */
function supabase(project: string, args: string[]): Promise<string> {
  const { status } = spawnSync("npx", ["--yes", PACKAGE, ...args], {
    cwd: project,
    stdio: "inherit",
  });
  if (status !== 0) {
    throw new CommandError(
      `"npx supabase ${args[0]} ${
        args[1]
      }" failed. Correct what it says, and ` +
        'run "npx supabase-latchkey deploy" again: it skips what is already done.',
    );
  }
  return Promise.resolve("Done.");
}

function accessToken(): string {
  const token = process.env.SUPABASE_ACCESS_TOKEN;
  if (token) return token;
  throw new CommandError(
    "SUPABASE_ACCESS_TOKEN is not set. Create a token at " +
      "https://supabase.com/dashboard/account/tokens and set the variable.",
  );
}

/** The project of `supabase link`. */
function linkedProject(project: string): string {
  const ref = readIfExists(join(project, "supabase/.temp/project-ref"));
  if (ref) return ref.trim();
  throw new UsageError(
    'Name the hosted project with --project-ref, or run "npx supabase link".',
  );
}
