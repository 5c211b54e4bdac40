import type { Sql } from "./sql.ts";
import { authError } from "./auth_errors.ts";
import { missingInAdmin } from "./auth_missing.ts";
import { json } from "./http.ts";

/** The attributes of a user that an administrator may set. */
interface UserAttributes {
  id?: string;
  email?: string;
  phone?: string;
  password?: string;
  email_confirm?: boolean;
  ban_duration?: string;
  role?: string;
  app_metadata?: Record<string, unknown>;
  user_metadata?: Record<string, unknown>;
}

/**
 * The part of Supabase Auth's administrative API that @supabase/lite lacks:
 * `auth.admin.createUser`, `getUserById`, `updateUserById`, `deleteUser` and
 * `listUsers` of supabase-js. The caller has checked that the request comes
 * from an administrator.
 *
 * @param path The path after `/auth/v1/admin`.
 */
export async function answerAdmin(
  sql: Sql,
  request: Request,
  path: string,
): Promise<Response> {
  const [collection, id, part] = path.split("/").slice(1);
  if (collection !== "users" || part) return missingInAdmin(path);
  try {
    if (id === undefined) {
      if (request.method === "GET") return await listUsers(sql, request);
      if (request.method === "POST") return await createUser(sql, request);
    } else {
      if (!isUuid(id)) {
        return authError(404, "validation_failed", "user_id must be a UUID");
      }
      if (request.method === "GET") return await showUser(sql, id);
      if (request.method === "PUT") return await updateUser(sql, id, request);
      if (request.method === "DELETE") {
        return await deleteUser(sql, id, request);
      }
    }
    return notFound();
  } catch (error) {
    if (error instanceof InvalidAttribute) {
      return authError(400, "validation_failed", error.message);
    }
    throw error;
  }
}

async function listUsers(sql: Sql, request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const limit = positive(query.get("per_page"), 50);
  const offset = (positive(query.get("page"), 1) - 1) * limit;
  const rows = await sql<{ id: string }[]>`
    select id from auth.users
    order by created_at desc, id limit ${limit} offset ${offset}`;
  const users = await Promise.all(rows.map(({ id }) => findUser(sql, id)));
  return json({ users, aud: "authenticated" });
}

async function createUser(sql: Sql, request: Request): Promise<Response> {
  const attributes = await readAttributes(request);
  const { email, phone } = attributes;
  if (!email && !phone) {
    throw new InvalidAttribute(
      "Cannot create a user without an email or phone",
    );
  }
  const id = attributes.id ?? crypto.randomUUID();
  if (!isUuid(id)) throw new InvalidAttribute("id must be a UUID");
  const provider = email ? "email" : "phone";
  const changes = await columns(sql, {
    password: "",
    ...attributes,
    app_metadata: {
      provider,
      providers: [provider],
      ...attributes.app_metadata,
    },
    user_metadata: attributes.user_metadata ?? {},
  });
  const identity = { sub: id, email: email?.toLowerCase(), phone };
  const created = await sql.begin(async (tx) => {
    const row = {
      id,
      aud: "authenticated",
      role: "authenticated",
      ...changes,
    };
    const names = Object.keys(row).join();
    const rows = await tx.unsafe(
      `insert into auth.users (${names})
       select ${names} from jsonb_populate_record(null::auth.users, $1)
       on conflict do nothing
       returning id`,
      [row],
    );
    if (rows.length === 0) return false;
    await tx`
      insert into auth.identities
        (id, provider, provider_id, user_id, identity_data)
      values (${crypto.randomUUID()}, ${provider}, ${id}, ${id}, ${identity})`;
    return true;
  });
  if (!created) {
    const code = email ? "email_exists" : "phone_exists";
    return authError(
      422,
      code,
      `A user with this ${provider} ${
        email ? "address " : ""
      }has already been registered`,
    );
  }
  return showUser(sql, id);
}

async function updateUser(
  sql: Sql,
  id: string,
  request: Request,
): Promise<Response> {
  const current = await findUser(sql, id);
  if (!current) return userNotFound();
  const attributes = await readAttributes(request);
  const changes = await columns(sql, {
    ...attributes,
    // Metadata is merged key by key. null removes a key.
    app_metadata: merged(current.app_metadata, attributes.app_metadata),
    user_metadata: merged(current.user_metadata, attributes.user_metadata),
  });
  await sql.begin(async (tx) => {
    const names = Object.keys(changes).join();
    if (names !== "") {
      await tx.unsafe(
        `update auth.users set (${names}) = (
           select ${names} from jsonb_populate_record(null::auth.users, $1))
         where id = $2`,
        [changes, id],
      );
    }
    if (attributes.password !== undefined) {
      await tx`delete from auth.sessions where user_id = ${id}`;
    }
  });
  return showUser(sql, id);
}

async function deleteUser(
  sql: Sql,
  id: string,
  request: Request,
): Promise<Response> {
  const text = await request.text();
  const soft = text !== "" && JSON.parse(text).should_soft_delete === true;
  const deleted = await sql.begin(async (tx) => {
    if (!soft) {
      return await tx`delete from auth.users where id = ${id} returning id`;
    }
    await tx`delete from auth.sessions where user_id = ${id}`;
    await tx`delete from auth.identities where user_id = ${id}`;
    return await tx`
      update auth.users
      set deleted_at = now(),
        email = encode(extensions.digest(id || email, 'sha256'), 'hex'),
        phone = null,
        encrypted_password = '',
        raw_user_meta_data = '{}',
        raw_app_meta_data = '{}'
      where id = ${id} returning id`;
  });
  return deleted.length > 0 ? json({}) : userNotFound();
}

async function showUser(sql: Sql, id: string): Promise<Response> {
  const user = await findUser(sql, id);
  return user ? json(user) : userNotFound();
}

interface User {
  id: string;
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
}

async function findUser(sql: Sql, id: string): Promise<User | null> {
  const [row] = await sql<[{ user: User }?]>`
    select jsonb_strip_nulls(jsonb_build_object(
      'id', users.id,
      'aud', users.aud,
      'role', users.role,
      'email', coalesce(users.email, ''),
      'phone', coalesce(users.phone, ''),
      'email_confirmed_at', users.email_confirmed_at,
      'phone_confirmed_at', users.phone_confirmed_at,
      'confirmed_at', users.confirmed_at,
      'last_sign_in_at', users.last_sign_in_at,
      'banned_until', users.banned_until,
      'deleted_at', users.deleted_at,
      'created_at', users.created_at,
      'updated_at', users.updated_at,
      'is_anonymous', users.is_anonymous
    )) || jsonb_build_object(
      'app_metadata', users.raw_app_meta_data,
      'user_metadata', users.raw_user_meta_data,
      'identities', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'identity_id', identities.id,
          'id', identities.provider_id,
          'user_id', identities.user_id,
          'identity_data', identities.identity_data,
          'provider', identities.provider,
          'created_at', identities.created_at,
          'updated_at', identities.updated_at
        )), '[]')
        from auth.identities where identities.user_id = users.id
      )
    ) as user
    from auth.users where users.id = ${id}`;
  return row?.user ?? null;
}

/**
 * Only the columns that change, because triggers react to columns in an update.
 */
async function columns(sql: Sql, attributes: UserAttributes) {
  const { email, phone, password, role, ban_duration } = attributes;
  const now = new Date();
  const changes: Record<string, unknown> = {};
  if (email) changes.email = email.toLowerCase();
  if (phone) changes.phone = phone;
  if (role) changes.role = role;
  if (attributes.email_confirm) changes.email_confirmed_at = now;
  if (attributes.app_metadata) {
    changes.raw_app_meta_data = attributes.app_metadata;
  }
  if (attributes.user_metadata) {
    changes.raw_user_meta_data = attributes.user_metadata;
  }
  if (password !== undefined) {
    changes.encrypted_password = await hash(sql, password);
  }
  if (ban_duration) changes.banned_until = bannedUntil(ban_duration, now);
  return changes;
}

/** A bcrypt hash, as in Supabase Auth; none for a user without a password. */
async function hash(sql: Sql, password: string): Promise<string> {
  if (password === "") return "";
  const [row] = await sql<[{ hash: string }]>`
    select extensions.crypt(
      ${password}::text, extensions.gen_salt('bf', 10)
    ) as hash`;
  return row.hash;
}

/**
 * The units of a Go duration in milliseconds. Auth accepts durations in this
 * format.
 */
const units: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

function bannedUntil(duration: string, now: Date): Date | null {
  if (duration === "none") return null;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== duration) {
    throw new InvalidAttribute(
      `invalid format for ban duration: "${duration}"; write it like "24h"`,
    );
  }
  const milliseconds = parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!,
    0,
  );
  return new Date(now.getTime() + milliseconds);
}

class InvalidAttribute extends Error {}

async function readAttributes(request: Request): Promise<UserAttributes> {
  try {
    return await request.json();
  } catch {
    throw new InvalidAttribute("Could not parse request body as JSON");
  }
}

function merged(
  current: Record<string, unknown>,
  changes: Record<string, unknown> | undefined,
) {
  if (!changes) return undefined;
  return Object.fromEntries(
    Object.entries({ ...current, ...changes })
      .filter(([, value]) => value !== null),
  );
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}

function notFound(): Response {
  return json({ message: "Not found" }, { status: 404 });
}

function userNotFound(): Response {
  return authError(404, "user_not_found", "User not found");
}
