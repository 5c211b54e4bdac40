/**
 * The requests of `deploy` to Supabase's Management API. They have the types of
 * its published OpenAPI description.
 *
 * @module
 */
import type { JWK } from "jose";
import { createHash } from "node:crypto";
import {
  type CreateSigningKeyBody,
  v1CreateLegacySigningKey,
  v1CreateProjectSigningKey,
  v1GetPostgrestServiceConfig,
  v1GetProjectSigningKeys,
  v1ListAllSecrets,
  v1UpdatePostgrestServiceConfig,
  v1UpdateProjectSigningKey,
} from "supabase-management-js";
import { CommandError } from "./errors.ts";

/** An answer of the API. The description does not define a type for errors. */
interface Answer {
  status: number;
  data: unknown;
}

/** A project on supabase.com. */
export class HostedProject {
  readonly #options: RequestInit;

  /**
   * @param ref The 20 letters of the project's URL.
   * @param accessToken A personal access token.
   */
  constructor(readonly ref: string, accessToken: string) {
    this.#options = { headers: { Authorization: `Bearer ${accessToken}` } };
  }

  /**
   * Imports a signing key as standby key, so that its tokens verify.
   *
   * @returns False if the project already has the key.
   * @throws {CommandError} The API refuses it.
   */
  async importSigningKey(key: JWK): Promise<boolean> {
    const keys = await this.#signingKeys();
    if (keys.some((other) => isSame(other, key))) return false;
    if (keys.length === 0) {
      // The project still signs with the legacy JWT secret, which has to become
      // its first signing key.
      await ok(v1CreateLegacySigningKey(this.ref, this.#options));
    }
    const body = {
      algorithm: key.alg,
      status: "standby",
      private_jwk: key,
    } as CreateSigningKeyBody;
    await ok(v1CreateProjectSigningKey(this.ref, body, this.#options));
    return true;
  }

  /**
   * Makes an imported key the one that Supabase Auth signs with.
   *
   * @returns False if Supabase Auth already signs with it.
   * @throws {CommandError} The project does not have the key.
   */
  async useSigningKey(key: JWK): Promise<boolean> {
    const imported = (await this.#signingKeys())
      .find((other) => isSame(other, key));
    if (!imported || imported.status === "revoked") {
      throw new CommandError(
        `The hosted project ${this.ref} does not have the signing key, or has ` +
          "revoked it. Run the command again; for a revoked key run " +
          '"npx supabase-latchkey keys --rotate signing" first.',
      );
    }
    if (imported.status === "in_use") return false;
    const body = { status: "in_use" } as const;
    await ok(
      v1UpdateProjectSigningKey(this.ref, imported.id, body, this.#options),
    );
    return true;
  }

  /**
   * Lets the Data API serve a schema.
   *
   * @returns False if the Data API already serves it.
   * @throws {CommandError} The API refuses it.
   */
  async exposeSchema(schema: string): Promise<boolean> {
    const config = await ok(
      v1GetPostgrestServiceConfig(this.ref, this.#options),
    );
    const { db_schema } = config as { db_schema: string };
    const schemas = db_schema.split(",").map((name) => name.trim())
      .filter((name) => name !== "");
    if (schemas.includes(schema)) return false;
    const body = { db_schema: [...schemas, schema].join(",") };
    await ok(v1UpdatePostgrestServiceConfig(this.ref, body, this.#options));
    return true;
  }

  /**
   * The names of the secrets that the project has with another value.
   *
   * @param values The values here, by name.
   * @throws {CommandError} The API refuses it.
   */
  async otherSecrets(values: Record<string, string>): Promise<string[]> {
    const list = await ok(v1ListAllSecrets(this.ref, this.#options));
    // In place of each value, the API returns its SHA-256 hash.
    return (list as { name: string; value: string }[])
      .filter(({ name, value }) =>
        values[name] !== undefined && value !== sha256(values[name])
      )
      .map(({ name }) => name);
  }

  async #signingKeys() {
    const list = await ok(v1GetProjectSigningKeys(this.ref, this.#options));
    return (list as { keys: SigningKey[] }).keys;
  }
}

/** The part of a signing key in the API's list that is used here. */
interface SigningKey {
  id: string;
  status: string;
  public_jwk?: unknown;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Whether a key in the list is the public part of a private key. */
function isSame({ id, public_jwk }: SigningKey, key: JWK): boolean {
  const { x, n } = (public_jwk ?? {}) as JWK;
  return id === key.kid || (x !== undefined && x === key.x) ||
    (n !== undefined && n === key.n);
}

/** The body of a successful answer. */
async function ok(request: Promise<Answer>): Promise<unknown> {
  const { status, data } = await request.catch(() => {
    throw new CommandError(
      "Cannot reach the Management API. Check the network, and run the command " +
        "again: it skips what is already done.",
    );
  });
  if (status >= 200 && status < 300) return data;
  const { message } = (typeof data === "object" ? data ?? {} : {}) as {
    message?: unknown;
  };
  throw new CommandError(
    status === 401 || status === 403
      ? `The Management API refused SUPABASE_ACCESS_TOKEN (${status}). Check ` +
        "that it has not expired, and that its account may change this project."
      : status === 404
      ? "The Management API does not know this project (404). Check " +
        "--project-ref."
      : `The Management API answered ${status}${
        typeof message === "string" ? `: ${message.replace(/\.$/, "")}` : ""
      }. Run the command again later.`,
  );
}
