import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { readEnvironment } from "../supabase/functions/_shared/environment.ts";
import { RefreshTokens } from "../supabase/functions/_shared/refresh_token.ts";
import { readEnvFile } from "./env_file.ts";
import { main } from "./keys.ts";

/** A project folder of its own, and the command run in it. */
async function withProject(
  test: (
    project: string,
    keys: (...args: string[]) => Promise<{ code: number; output: string }>,
  ) => Promise<void>,
) {
  const project = await Deno.makeTempDir();
  await Deno.mkdir(join(project, "supabase/functions"), { recursive: true });
  const { log, error } = console;
  try {
    await test(project, async (...args) => {
      let output = "";
      console.log = console.error = (text: string) => output += text;
      try {
        return { code: await main(args, project), output };
      } finally {
        Object.assign(console, { log, error });
      }
    });
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

const envFile = (project: string) => join(project, "supabase/functions/.env");
const keysFile = (project: string) =>
  join(project, "supabase/signing_keys.json");

async function environment(project: string) {
  const variables = await readEnvFile(envFile(project));
  return readEnvironment((name) =>
    variables[name] ?? {
      SUPABASE_URL: "http://127.0.0.1:54321",
      SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_x"}',
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
    }[name]
  );
}

Deno.test("keys writes what the functions read, for the owner only", async () => {
  await withProject(async (project, keys) => {
    assertEquals((await keys()).code, 0);
    const { signingKey, currentRefreshTokenKey } = await environment(project);
    assertEquals(currentRefreshTokenKey, 1);
    const [inKeysFile] = JSON.parse(await Deno.readTextFile(keysFile(project)));
    assertEquals(inKeysFile, signingKey);
    for (const path of [envFile(project), keysFile(project)]) {
      assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    }
  });
});

Deno.test("keys prints no secret", async () => {
  await withProject(async (project, keys) => {
    const { output } = await keys();
    const { signingKey } = await environment(project);
    const { LATCHKEY_REFRESH_TOKEN_KEYS } = await readEnvFile(envFile(project));
    assertEquals(output.includes(signingKey.d!), false);
    assertEquals(
      output.includes(LATCHKEY_REFRESH_TOKEN_KEYS!.slice(2)),
      false,
    );
    assertMatch(output, /secrets set --env-file supabase\/functions\/\.env/);
  });
});

Deno.test("keys changes nothing when all secrets are there", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const before = await Deno.readTextFile(envFile(project));
    const { code, output } = await keys();
    assertEquals(code, 1);
    assertMatch(output, /Nothing was changed/);
    assertEquals(await Deno.readTextFile(envFile(project)), before);
  });
});

Deno.test("keys keeps the rest of the .env file and makes what is missing", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const { signingKey } = await environment(project);
    await Deno.writeTextFile(envFile(project), "# ours\nSMTP_HOST=mail\n");
    assertEquals((await keys()).code, 0);
    const text = await Deno.readTextFile(envFile(project));
    assertMatch(text, /^# ours\nSMTP_HOST=mail\nLATCHKEY_SIGNING_KEY='/);
    assertEquals((await environment(project)).signingKey, signingKey);
  });
});

Deno.test("keys refuses two files that name different signing keys", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const foreign = await Deno.readTextFile(keysFile(project));
    await keys("--force");
    await Deno.writeTextFile(keysFile(project), foreign);
    const { code, output } = await keys();
    assertEquals(code, 1);
    assertMatch(output, /different signing keys/);
  });
});

Deno.test("keys --rotate refresh keeps tokens of the previous key good", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const before = await environment(project);
    const token = await new RefreshTokens(
      before.refreshTokenKeys,
      before.currentRefreshTokenKey,
    ).mint({
      sessionId: crypto.randomUUID(),
      generation: 3,
      seed: new Uint8Array(16),
    });
    assertEquals((await keys("--rotate", "refresh")).code, 0);
    const after = await environment(project);
    assertEquals(after.currentRefreshTokenKey, 2);
    assertEquals(after.signingKey, before.signingKey);
    const read = await new RefreshTokens(after.refreshTokenKeys, 2).read(token);
    assertEquals(read?.generation, 3);
  });
});

Deno.test("keys --rotate refresh takes the next free id after 255", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const key = "A".repeat(43);
    await Deno.writeTextFile(
      envFile(project),
      (await Deno.readTextFile(envFile(project)))
        .replace(/(KEYS=').*'/, `$1255:${key},0:${key}'`),
    );
    await keys("--rotate", "refresh");
    const { refreshTokenKeys } = await environment(project);
    assertEquals([...refreshTokenKeys.keys()], [1, 255, 0]);
  });
});

Deno.test("keys --rotate signing retires the old key, without its private part", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const before = await environment(project);
    assertEquals((await keys("--rotate", "signing")).code, 0);
    const after = await environment(project);
    assertNotEquals(after.signingKey.kid, before.signingKey.kid);
    const [current, retired, ...rest] = JSON.parse(
      await Deno.readTextFile(keysFile(project)),
    );
    assertEquals(rest, []);
    assertEquals(current, after.signingKey);
    assertEquals(retired.kid, before.signingKey.kid);
    assertEquals(retired.d, undefined);
    assertEquals(after.refreshTokenKeys, before.refreshTokenKeys);
  });
});

Deno.test("keys --force replaces everything, even what is malformed", async () => {
  await withProject(async (project, keys) => {
    await Deno.writeTextFile(keysFile(project), "not JSON");
    assertEquals((await keys()).code, 1);
    assertEquals((await keys("--force")).code, 0);
    await environment(project);
  });
});

Deno.test("keys --stdout writes no file", async () => {
  await withProject(async (project, keys) => {
    const { code, output } = await keys("--stdout");
    assertEquals(code, 0);
    assertMatch(
      output,
      /^LATCHKEY_SIGNING_KEY='{.*}'\nLATCHKEY_REFRESH_TOKEN_KEYS='1:.*'$/,
    );
    assertEquals(await readEnvFile(envFile(project)), {});
  });
});

for (
  const args of [
    ["--rotate"],
    ["--rotate", "all"],
    ["--rotate", "refresh", "--force"],
    ["--unknown"],
    ["extra"],
  ]
) {
  Deno.test(`keys ${args.join(" ")} is wrong usage`, async () => {
    await withProject(async (_project, keys) => {
      assertEquals((await keys(...args)).code, 2);
    });
  });
}

for (const mode of ["refresh", "signing"]) {
  Deno.test(`keys --rotate ${mode} refuses where nothing is there`, async () => {
    await withProject(async (_project, keys) => {
      const { code, output } = await keys("--rotate", mode);
      assertEquals(code, 1);
      assertMatch(output, /run "deno task keys" first/);
    });
  });
}

Deno.test("keys names a malformed ring and does not quote it", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const text = await Deno.readTextFile(envFile(project));
    await Deno.writeTextFile(
      envFile(project),
      text.replace(/(KEYS=').*'/, "$1notaring'"),
    );
    const { code, output } = await keys("--rotate", "refresh");
    assertEquals(code, 1);
    assertMatch(output, /LATCHKEY_REFRESH_TOKEN_KEYS/);
    assertEquals(output.includes("notaring"), false);
  });
});
