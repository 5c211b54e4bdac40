import { json } from "./http.ts";

/** An error as Supabase Auth words it. */
export function authError(
  status: number,
  code: string,
  message: string,
): Response {
  return json({ code: status, error_code: code, msg: message }, {
    status,
    headers: { "x-sb-error-code": code },
  });
}
