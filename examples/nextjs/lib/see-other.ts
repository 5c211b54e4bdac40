import { isSessionError } from "supabase-latchkey/server";

/**
 * Answers the POST of a form: does the work and goes on with a GET of the path
 * that it returns.
 */
export async function seeOther(
  work: () => Promise<string>,
): Promise<Response> {
  try {
    // Relative, because the app may be behind a proxy.
    return new Response(null, {
      status: 303,
      headers: { Location: await work() },
    });
  } catch (error) {
    if (!isSessionError(error)) throw error;
    // Another site sent the form, or Supabase cannot be reached.
    const status = error.details.status ?? 503;
    return new Response(error.message, { status });
  }
}
