/** The project's URL and publishable key, which pages may know. */
export const url = process.env.NEXT_PUBLIC_SUPABASE_URL ?? "";
export const key = process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY ?? "";
/** What you gave to `npx supabase-latchkey init --prefix`, if anything. */
export const functionPrefix = process.env.NEXT_PUBLIC_LATCHKEY_PREFIX ?? "";
