import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { parseEnv } from "node:util";
import { cliVersion, fetchCli } from "../stack/migrate.ts";
import { readTemplate } from "./template.ts";
import {
  assertSameFiles,
  emptyProject,
  latchkey,
  snapshot,
} from "./testing.ts";

const REF = "abcdefghijklmnopqrst";
const TOKEN = "sbp_0123456789";
const JWKS = { kty: "EC", crv: "P-256" };

/** A hosted project, as far as `deploy` sees it. */
interface Hosted {
  keys: { id: string; status: string; public_jwk: unknown }[];
  db_schema: string;
  /** Answers of the API, by `METHOD /path`, in place of its own. */
  refuse: Record<string, number>;
  /** What was asked of it, and of the Supabase CLI. */
  calls: string[];
  /** The variables that were uploaded. */
  secrets: string;
}

/** Serves the Management API as its OpenAPI description has it. */
async function respond(hosted: Hosted, request: Request): Promise<Response> {
  assertEquals(request.headers.get("authorization"), `Bearer ${TOKEN}`);
  const path = new URL(request.url).pathname.replace(`/v1/projects/${REF}`, "");
  const call = `${request.method} ${path}`;
  hosted.calls.push(call);
  const text = await request.text();
  const body = text === "" ? undefined : JSON.parse(text);
  const refused = hosted.refuse[call];
  if (refused) return Response.json({ message: "No." }, { status: refused });
  const [, id] = path.match(/^\/config\/auth\/signing-keys\/([^/]+)$/) ?? [];
  switch (id ? call.replace(id, "{id}") : call) {
    case "GET /config/auth/signing-keys":
      return Response.json({ keys: hosted.keys });
    case "POST /config/auth/signing-keys/{id}":
      assertEquals(id, "legacy");
      hosted.keys.push({ id: "legacy", status: "in_use", public_jwk: null });
      return Response.json(hosted.keys.at(-1), { status: 201 });
    case "POST /config/auth/signing-keys": {
      const { algorithm, status, private_jwk, ...others } = body;
      assertEquals([algorithm, status, others], ["ES256", "standby", {}]);
      const { x, y, d, kid, ...rest } = private_jwk;
      assert([x, y, d, kid].every((value) => typeof value === "string"));
      assertEquals(rest, {
        ...JWKS,
        alg: "ES256",
        use: "sig",
        key_ops: ["sign", "verify"],
      });
      hosted.keys.push({
        id: crypto.randomUUID(),
        status,
        public_jwk: { ...JWKS, x, y },
      });
      return Response.json(hosted.keys.at(-1), { status: 201 });
    }
    case "PATCH /config/auth/signing-keys/{id}": {
      assertEquals(body, { status: "in_use" });
      for (const key of hosted.keys) {
        if (key.status === "in_use") key.status = "previously_used";
        if (key.id === id) key.status = "in_use";
      }
      return Response.json(hosted.keys.find((key) => key.id === id));
    }
    case "GET /secrets":
      return Response.json(
        Object.entries(parseEnv(hosted.secrets)).map(([name, value]) => ({
          name,
          value: createHash("sha256").update(value!).digest("hex"),
        })),
      );
    case "GET /postgrest":
      return Response.json({ db_schema: hosted.db_schema, max_rows: 1000 });
    case "PATCH /postgrest":
      assertEquals(Object.keys(body), ["db_schema"]);
      hosted.db_schema = body.db_schema;
      return Response.json({ db_schema: hosted.db_schema, max_rows: 1000 });
    default:
      return Response.json({ message: "Not Found" }, { status: 404 });
  }
}

/** An installed project, the API on this machine, and a CLI that notes its calls. */
async function deployable(
  use: (
    project: string,
    hosted: Hosted,
    deploy: (...args: string[]) => ReturnType<typeof latchkey>,
  ) => Promise<void>,
) {
  await emptyProject(async (project) => {
    await latchkey(project, "init");
    const hosted: Hosted = {
      keys: [],
      db_schema: "public, graphql_public",
      refuse: {},
      calls: [],
      secrets: "",
    };
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => respond(hosted, request),
    );
    const bin = await Deno.makeTempDir({ prefix: "latchkey_cli_" });
    const log = join(bin, "log");
    await Deno.writeTextFile(
      join(bin, "npx"),
      `#!/bin/sh
echo "$*" >> "${log}"
[ "$3" = secrets ] && cp "$6" "${bin}/secrets"
[ ! -e "${bin}/fail-$3" ]
`,
      { mode: 0o755 },
    );
    const before = { ...process.env };
    Object.assign(process.env, {
      SUPABASE_ACCESS_TOKEN: TOKEN,
      SUPABASE_API_BASE_URL: `http://127.0.0.1:${server.addr.port}`,
      PATH: `${bin}:${process.env.PATH}`,
    });
    try {
      await use(project, hosted, async (...args) => {
        hosted.calls = [];
        await Deno.writeTextFile(log, "");
        const run = await latchkey(project, "deploy", ...args);
        const cli = (await Deno.readTextFile(log)).trim().split("\n");
        hosted.calls.push(
          ...cli.map((line) => line.replace(/\S+secrets\.env/, "FILE")),
        );
        hosted.secrets = await Deno.readTextFile(join(bin, "secrets"))
          .catch(() => "");
        return run;
      });
    } finally {
      for (const name of Object.keys(process.env)) {
        if (!(name in before)) delete process.env[name];
      }
      Object.assign(process.env, before);
      await server.shutdown();
      await Deno.remove(bin, { recursive: true });
    }
  });
}

const CLI = `--yes supabase@${cliVersion}`;
const CLI_CALLS = [
  `${CLI} db push --remote=${REF} --yes`,
  `${CLI} secrets set --env-file FILE --remote=${REF} --yes`,
  `${CLI} functions deploy ${
    readTemplate().functions.join(" ")
  } --remote=${REF} --use-api --yes`,
];

Deno.test("deploy: sets up a hosted project, and a second time changes nothing", async () => {
  await deployable(async (project, hosted, deploy) => {
    const before = await snapshot(project);
    const { code, stdout, stderr } = await deploy(
      ...["--project-ref", REF, "--yes"],
    );
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /1\/6 Import the signing key.*\nImported\./);
    assertMatch(stdout, /6\/6 Sign with the imported key\nSupabase Auth signs/);
    assertEquals(hosted.calls, [
      "GET /secrets",
      "GET /config/auth/signing-keys",
      "POST /config/auth/signing-keys/legacy",
      "POST /config/auth/signing-keys",
      "GET /postgrest",
      "PATCH /postgrest",
      "GET /config/auth/signing-keys",
      `PATCH /config/auth/signing-keys/${hosted.keys[1]!.id}`,
      ...CLI_CALLS,
    ]);
    assertEquals(hosted.keys.map(({ status }) => status), [
      "previously_used",
      "in_use",
    ]);
    assertEquals(hosted.db_schema, "public,graphql_public,latchkey");
    const names = hosted.secrets.trim().split("\n")
      .map((line) => line.split("=")[0]);
    assertEquals(names, [
      "LATCHKEY_SIGNING_KEY",
      "LATCHKEY_REFRESH_TOKEN_KEYS",
    ]);
    assert(!stdout.includes(TOKEN), "prints the token");
    assertSameFiles(await snapshot(project), before);

    const again = await deploy("--project-ref", REF, "--yes");
    assertEquals(again.code, 0);
    assertMatch(again.stdout, /It is already there/);
    assertEquals(hosted.calls, [
      "GET /secrets",
      "GET /config/auth/signing-keys",
      "GET /postgrest",
      "GET /config/auth/signing-keys",
      ...CLI_CALLS,
    ]);
  });
});

Deno.test("deploy: a clone with other keys does not replace those of the project", async () => {
  await deployable(async (project, hosted, deploy) => {
    await deploy("--project-ref", REF, "--yes");
    const deployed = hosted.secrets;
    for (
      const [flag, names] of [
        ["--rotate=refresh", /has another LATCHKEY_REFRESH_TOKEN_KEYS than/],
        ["--force", /LATCHKEY_SIGNING_KEY and another LATCHKEY_REFRESH/],
      ] as const
    ) {
      await latchkey(project, "keys", flag);
      const { code, stderr } = await deploy("--project-ref", REF, "--yes");
      assertEquals(code, 1);
      assertMatch(stderr, names);
      assertMatch(stderr, /Copy .* pass --replace-keys\. Nothing was changed/);
      assertEquals(hosted.calls, ["GET /secrets", ""]);
      assertEquals(hosted.secrets, deployed);
    }
    const replaced = await deploy(
      ...["--project-ref", REF, "--yes", "--replace-keys"],
    );
    assertEquals([replaced.code, replaced.stderr], [0, ""]);
    assert(hosted.secrets !== deployed);
  });
});

Deno.test("deploy: asks first, and --dry-run lists the steps", async () => {
  await deployable(async (_project, hosted, deploy) => {
    const unsure = await deploy("--project-ref", REF);
    assertEquals(unsure.code, 1);
    assertMatch(unsure.stderr, /Pass --yes.*Nothing was changed/);
    const dry = await deploy("--project-ref", REF, "--dry-run");
    assertEquals(dry.code, 0);
    assertMatch(dry.stdout, /2\. npx supabase@\S+ db push --remote/);
    assertEquals(hosted.calls, [""]);
  });
});

Deno.test("deploy: says what to do when a step fails, and what comes after is not run", async () => {
  await deployable(async (project, hosted, deploy) => {
    const cases: [Record<string, number>, RegExp][] = [
      [
        { "GET /config/auth/signing-keys": 401 },
        /refused SUPABASE_ACCESS_TOKEN/,
      ],
      [{ "GET /config/auth/signing-keys": 404 }, /Check --project-ref/],
      [{ "POST /config/auth/signing-keys": 500 }, /answered 500: No\. Run/],
    ];
    for (const [refuse, says] of cases) {
      hosted.refuse = refuse;
      const { code, stderr } = await deploy("--project-ref", REF, "--yes");
      assertEquals(code, 1);
      assertMatch(stderr, says);
      assertEquals(hosted.calls.at(-1), "");
    }
    const bin = process.env.PATH!.split(":")[0]!;
    hosted.refuse = {};
    await Deno.writeTextFile(join(bin, "fail-db"), "");
    const push = await deploy("--project-ref", REF, "--yes");
    assertEquals(push.code, 1);
    assertMatch(push.stderr, /"npx supabase db push" failed.*deploy" again/);
    assertEquals(hosted.db_schema, "public, graphql_public");
    delete process.env.SUPABASE_ACCESS_TOKEN;
    const missing = await deploy("--project-ref", REF, "--yes");
    assertMatch(missing.stderr, /SUPABASE_ACCESS_TOKEN is not set\. Create/);
    const unnamed = await deploy("--yes");
    assertEquals(unnamed.code, 2);
    assertMatch(unnamed.stderr, /--project-ref, or run "npx supabase link"/);
    await latchkey(project, "remove", "--yes");
    const removed = await deploy("--project-ref", REF, "--yes");
    assertMatch(removed.stderr, /Run "npx supabase-latchkey init" first/);
  });
});

Deno.test("deploy: the Supabase CLI knows the flags of each step", async () => {
  await emptyProject(async (project) => {
    const secrets = join(project, "secrets.env");
    await Deno.writeTextFile(secrets, "A=b\n");
    await Promise.all(CLI_CALLS.map(async (call) => {
      const args = call.slice(CLI.length + 1).split(" ")
        .map((arg) => arg === "FILE" ? secrets : arg);
      const process = new Deno.Command(await fetchCli(), {
        args,
        cwd: project,
        env: {
          // A token of the right form, so that it gets to its request.
          SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
          SUPABASE_TELEMETRY_DISABLED: "1",
          // It reaches nothing.
          HTTPS_PROXY: "http://127.0.0.1:1",
        },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      let text = "";
      let isAccepted = false;
      const read = async (stream: ReadableStream<Uint8Array>) => {
        for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          if (isAccepted || !text.includes(`Target: project ${REF}\n`)) {
            continue;
          }
          isAccepted = true;
          // It would try its request many times.
          process.kill();
        }
      };
      await Promise.all([read(process.stdout), read(process.stderr)]);
      await process.status;
      assert(isAccepted, text);
      assertNotMatch(
        text,
        /deprecated|[Uu]nexpected|[Uu]nrecogni[sz]ed|[Uu]nknown (flag|option)/,
      );
    }));
  });
});
