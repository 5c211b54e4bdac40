import type { EmailOtpType } from "@supabase/supabase-js";
import { seeOther } from "@/lib/see-other";
import { getServerSession } from "@/lib/session";
import { supabaseAuth } from "@/lib/supabase";

/**
 * Exchanges the token of an e-mail's link for a session of Supabase Auth, and
 * adopts that session. The route of an OAuth redirect does the same after
 * `exchangeCodeForSession`.
 */
export function POST(request: Request): Promise<Response> {
  return seeOther(async () => {
    const form = await request.formData();
    const { data, error } = await supabaseAuth().verifyOtp({
      token_hash: String(form.get("token_hash")),
      type: String(form.get("type")) as EmailOtpType,
    });
    if (error || !data.session) return "/sign-in/link?error=link";
    const session = await getServerSession();
    await session.adopt(data.session.access_token);
    return "/notes";
  });
}
