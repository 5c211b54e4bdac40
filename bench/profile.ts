/**
 * Reads from Deno's CPU profile where a process spends its time.
 *
 * @module
 */

/** The part of a profile that is used here: the top of each sampled stack. */
interface CpuProfile {
  nodes: Node[];
  /** Ids of nodes. */
  samples: number[];
  /** Duration of each sample in microseconds. */
  timeDeltas: number[];
}

interface Node {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

const IDLE = "(idle)";
const OTHER = "The rest of Deno";

/** Code belongs to the first part that matches its URL. */
const PARTS: [name: string, matches: RegExp][] = [
  ["Latchkey's own code", /supabase\/functions\//],
  ["Signing, verifying and hashing", /ext:deno_crypto|\/jose\//],
  ["PostgREST's client", /\/postgrest-js\//],
  ["node-postgres and its sockets", /\/pg[-/]|ext:deno_node|^node:|deno_net/],
  ["HTTP and bodies", /ext:deno_(http|fetch|web|webidl|url)/],
];

/**
 * Reads the only profile in a folder.
 *
 * @returns each part's share of the time that was not idle, from 0 to 1
 */
export async function readProfile(
  folder: string,
): Promise<Record<string, number>> {
  const [file] = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const profile: CpuProfile = JSON.parse(
    await Deno.readTextFile(`${folder}/${file}`),
  );
  const partOf = new Map<number, string>();
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const visit = (node: Node, caller: string) => {
    const part = attribute(node, caller);
    partOf.set(node.id, part);
    for (const child of node.children ?? []) visit(byId.get(child)!, part);
  };
  visit(profile.nodes[0]!, OTHER);

  const times: Record<string, number> = {};
  profile.samples.forEach((id, i) => {
    const part = partOf.get(id) ?? OTHER;
    if (part === IDLE) return;
    times[part] = (times[part] ?? 0) + profile.timeDeltas[i]!;
  });
  const total = Object.values(times).reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(
    Object.entries(times).map(([part, time]) => [part, time / total]),
  );
}

/** Native code and Deno's shared code count for their caller. */
function attribute({ callFrame }: Node, caller: string): string {
  const { functionName, url } = callFrame;
  if (functionName === IDLE) return IDLE;
  if (functionName === "(garbage collector)") return "Garbage collection";
  return PARTS.find(([, matches]) => matches.test(url))?.[0] ?? caller;
}
