import { misconfiguration } from "../../supabase/functions/_latchkey/misconfiguration.ts";
import { type Diagnosis, type Finding, ok, skipped, wrong } from "./finding.ts";

const DEADLINE_MILLISECONDS = 5_000;

/**
 * Checks that a project's Data API serves Latchkey. It reads no rows.
 *
 * @param url The project's URL.
 * @param publishableKey Its publishable key, or its legacy anon key.
 */
export async function examineInstallation(
  url: string,
  publishableKey: string,
): Promise<Diagnosis> {
  return {
    subject: `The Data API of ${url}`,
    findings: [await examineDataApi(url, publishableKey)],
  };
}

async function examineDataApi(url: string, apikey: string): Promise<Finding> {
  let status: number;
  let body: { code?: string; message?: string } | unknown[];
  try {
    const response = await fetch(
      `${url}/rest/v1/sessions?select=session_id&limit=0`,
      {
        headers: { apikey, "Accept-Profile": "latchkey" },
        signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
      },
    );
    status = response.status;
    body = await response.json();
  } catch {
    return skipped(`${url}/rest/v1 does not answer. Check --url.`);
  }
  const { code, message = "" } = Array.isArray(body) ? {} : body;
  switch (code) {
    case "PGRST106":
      return wrong(misconfiguration("sessions", { code, message, status })!);
    case "PGRST205":
      return wrong(
        "The Data API finds no view latchkey.sessions. Apply Latchkey's " +
          "migration with supabase db push. If it is applied, run " +
          "notify pgrst, 'reload schema'.",
      );
    // The view exists, but only signed-in callers may read it.
    case "42501":
      return ok("It exposes schema latchkey, and the migration is applied.");
  }
  if (status === 200) {
    return ok("It exposes schema latchkey, and the migration is applied.");
  }
  return skipped(
    status === 401
      ? "The project refuses the key. Set --key to its publishable key."
      : `The Data API answered ${status}${code ? ` ${code}` : ""}. Try again.`,
  );
}
