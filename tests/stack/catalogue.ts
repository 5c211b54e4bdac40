import type { Queries, Sql } from "../../stack/sql.ts";

/**
 * Everything that schema `latchkey` contains, and what it adds to other schemas,
 * one line per fact. Two databases with the same lines have the same schema.
 */
export async function catalogue(sql: Queries): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with relation as (
      select c.* from pg_class c where c.relnamespace = 'latchkey'::regnamespace
    ), described as (
      select format('schema latchkey owner=%s acl=%s comment=%s',
        n.nspowner::regrole, n.nspacl, obj_description(n.oid)) as line
      from pg_namespace n where n.nspname = 'latchkey'
      union all
      select format('relation %s kind=%s options=%s rls=%s %s partition=%s owner=%s acl=%s comment=%s view=%s',
        c.relname, c.relkind, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
        pg_get_expr(c.relpartbound, c.oid), c.relowner::regrole, c.relacl,
        obj_description(c.oid, 'pg_class'),
        case c.relkind when 'v' then pg_get_viewdef(c.oid) when 'i' then pg_get_indexdef(c.oid)
          when 'I' then pg_get_indexdef(c.oid) when 'p' then pg_get_partkeydef(c.oid) end)
      from relation c
      union all
      select format('column %s.%s %s position=%s not_null=%s default=%s acl=%s comment=%s',
        c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        row_number() over (partition by c.oid order by a.attnum), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attacl, col_description(c.oid, a.attnum))
      from relation c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      union all
      select format('constraint %s on %s %s comment=%s', k.conname, k.conrelid::regclass,
        pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint'))
      from pg_constraint k
      where k.connamespace = 'latchkey'::regnamespace
      union all
      select format('type %s kind=%s labels=%s owner=%s acl=%s comment=%s', t.typname, t.typtype,
        (select array_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
        t.typowner::regrole, t.typacl, obj_description(t.oid, 'pg_type'))
      from pg_type t where t.typnamespace = 'latchkey'::regnamespace
      union all
      select format('function %s owner=%s acl=%s comment=%s', pg_get_functiondef(p.oid),
        p.proowner::regrole, p.proacl, obj_description(p.oid, 'pg_proc'))
      from pg_proc p where p.pronamespace = 'latchkey'::regnamespace
      union all
      select format('trigger %s enabled=%s comment=%s', pg_get_triggerdef(t.oid), t.tgenabled,
        obj_description(t.oid, 'pg_trigger'))
      from pg_trigger t
      where not t.tgisinternal and (
        t.tgrelid in (select c.oid from relation c)
        or t.tgfoid in (select p.oid from pg_proc p where p.pronamespace = 'latchkey'::regnamespace)
      )
      union all
      select format('policy %s on %s %s permissive=%s roles=%s using=%s check=%s comment=%s',
        p.polname, p.polrelid::regclass, p.polcmd, p.polpermissive, p.polroles::regrole[],
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
        obj_description(p.oid, 'pg_policy'))
      from pg_policy p
      where p.polrelid in (select c.oid from relation c)
        or p.polrelid = 'realtime.messages'::regclass and p.polname like 'Latchkey%'
      union all
      select format('role %s %s %s comment=%s', r.rolname,
        array[r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls],
        s.setconfig, shobj_description(r.oid, 'pg_authid'))
      from pg_roles r
      left join pg_db_role_setting s on s.setrole = r.oid
      where r.rolname like 'latchkey%'
      union all
      select 'rows of settings: ' || count(*) from latchkey.settings
    )
    select line from described order by line collate "C"`;
  return rows.map(({ line }) => line);
}

/** Declares the schema in place of the migrated one, reads it, and rolls back. */
export async function declaredCatalogue(
  sql: Sql,
  files: string[],
): Promise<string[]> {
  let declared: string[] = [];
  const rollBack = new Error("rolled back");
  await sql.begin(async (sql) => {
    await sql`drop schema latchkey cascade`;
    for (const file of files) {
      await sql.unsafe(await Deno.readTextFile(file));
    }
    declared = await catalogue(sql);
    throw rollBack;
  }).catch((error) => {
    if (error !== rollBack) throw error;
  });
  return declared;
}
