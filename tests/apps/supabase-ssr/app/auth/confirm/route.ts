import type { EmailOtpType } from "@supabase/supabase-js";
import { redirect } from "next/navigation";
import { createClient } from "@/lib/server";

export async function GET(request: Request) {
  const { searchParams } = new URL(request.url);
  const supabase = await createClient();
  const { error } = await supabase.auth.verifyOtp({
    token_hash: searchParams.get("token_hash") ?? "",
    type: searchParams.get("type") as EmailOtpType,
  });
  redirect(error ? "/login?error=The+link+has+expired" : "/notes");
}
