import { join, resolve } from "@std/path";
import { parse } from "@std/toml";
import { exists, unlessMissing } from "./files.ts";

/** The part of `[auth]` that the embedded Auth follows. */
export interface AuthSettings {
  site_url?: string;
  additional_redirect_urls?: string[];
  jwt_expiry?: number;
  enable_signup?: boolean;
  minimum_password_length?: number;
  email?: { enable_signup?: boolean; enable_confirmations?: boolean };
}

/** What the local stack reads from supabase/config.toml. */
export interface ProjectConfig {
  /** Schemas that the Data API exposes. */
  schemas: string[];
  /** Most rows that the Data API returns at once. */
  maxRows: number;
  functions: FunctionSettings[];
  auth: AuthSettings;
}

/** An edge function. */
export interface FunctionSettings {
  /** Its folder below supabase/functions, and its path in the API. */
  name: string;
  /** Whether the gateway requires a valid JWT. */
  verifyJwt: boolean;
  /** Absolute path of the module that handles requests. */
  entryPoint: string;
  /** Absolute path of a file with imports, where config.toml names one. */
  importMap?: string;
}

/** A table `[functions.name]` of config.toml. */
interface FunctionTable {
  enabled?: boolean;
  verify_jwt?: boolean;
  entrypoint?: string;
  import_map?: string;
}

/** Reads supabase/config.toml of the project, with the CLI's own defaults. */
export async function readConfig(projectRoot: string): Promise<ProjectConfig> {
  const path = join(projectRoot, "supabase", "config.toml");
  const { api = {}, auth = {}, functions = {} } = parse(
    await Deno.readTextFile(path),
  ) as {
    api?: { schemas?: string[]; max_rows?: number };
    auth?: AuthSettings;
    functions?: Record<string, FunctionTable>;
  };
  return {
    schemas: api.schemas ?? ["public", "graphql_public"],
    maxRows: api.max_rows ?? 1000,
    functions: await functionSettings(projectRoot, functions),
    auth: {
      site_url: auth.site_url,
      additional_redirect_urls: auth.additional_redirect_urls,
      jwt_expiry: auth.jwt_expiry,
      enable_signup: auth.enable_signup,
      minimum_password_length: auth.minimum_password_length,
      email: {
        enable_signup: auth.email?.enable_signup,
        enable_confirmations: auth.email?.enable_confirmations,
      },
    },
  };
}

/** The functions that have a folder, or a table in config.toml. */
async function functionSettings(
  projectRoot: string,
  tables: Record<string, FunctionTable>,
): Promise<FunctionSettings[]> {
  const supabase = join(projectRoot, "supabase");
  const entries = await unlessMissing(
    Array.fromAsync(Deno.readDir(join(supabase, "functions"))),
  ) ?? [];
  const folders = entries
    .filter(({ isDirectory, name }) => isDirectory && /^[a-z]/i.test(name))
    .map(({ name }) => name);
  const all = [...new Set([...folders, ...Object.keys(tables)])].sort();
  const settings = await Promise.all(all.map(async (name) => {
    const { enabled, verify_jwt, entrypoint, import_map } = tables[name] ?? {};
    const entryPoint = entrypoint
      ? resolve(supabase, entrypoint)
      : join(supabase, "functions", name, "index.ts");
    // Other folders hold files that the functions share.
    const isFunction = tables[name] !== undefined || await exists(entryPoint);
    return enabled === false || !isFunction ? null : {
      name,
      verifyJwt: verify_jwt ?? true,
      entryPoint,
      importMap: import_map ? resolve(supabase, import_map) : undefined,
    };
  }));
  return settings.filter((each) => each !== null);
}
