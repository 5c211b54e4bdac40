import { json } from "./http.ts";

/** An error in the format of Supabase Auth. */
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
