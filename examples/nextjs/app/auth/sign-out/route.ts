import { seeOther } from "@/lib/see-other";
import { getServerSession } from "@/lib/session";

export function POST(): Promise<Response> {
  return seeOther(async () => {
    const session = await getServerSession();
    await session.signOut();
    return "/sign-in";
  });
}
