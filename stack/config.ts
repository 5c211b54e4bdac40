import { join } from "@std/path";
import { parse } from "@std/toml";

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
  /** Edge functions by name, and whether the gateway wants a valid JWT. */
  functions: { name: string; verifyJwt: boolean }[];
  auth: AuthSettings;
}

/** Reads supabase/config.toml of the project, with the CLI's own defaults. */
export async function readConfig(projectRoot: string): Promise<ProjectConfig> {
  const path = join(projectRoot, "supabase", "config.toml");
  const { api = {}, auth = {}, functions = {} } = parse(
    await Deno.readTextFile(path),
  ) as {
    api?: { schemas?: string[]; max_rows?: number };
    auth?: AuthSettings;
    functions?: Record<string, { enabled?: boolean; verify_jwt?: boolean }>;
  };
  return {
    schemas: api.schemas ?? ["public", "graphql_public"],
    maxRows: api.max_rows ?? 1000,
    functions: Object.entries(functions)
      .filter(([, settings]) => settings.enabled !== false)
      .map(([name, settings]) => ({
        name,
        verifyJwt: settings.verify_jwt ?? true,
      })),
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
