import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
} from "@std/assert";
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { join } from "@std/path";
import { readEnvironment } from "../supabase/functions/_latchkey/environment.ts";
import { RefreshTokens } from "../supabase/functions/_latchkey/refresh_token.ts";
import { readServerKey } from "../server/server_key.ts";
import { readEnvFile } from "./env_file.ts";
import { main } from "./main.ts";

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
        return {
          code: await main(["keys", "--project", project, ...args]),
          output,
        };
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

Deno.test("keys writes what the functions read, readable by the owner only", async () => {
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
    // Only Latchkey's variables are uploaded, and the keys are rotated last.
    assertMatch(
      output,
      /standby[^]*grep '\^LATCHKEY_' supabase\/functions\/\.env \|\s+npx supabase secrets set --env-file \/dev\/stdin --yes[^]*Rotate keys/,
    );
  });
});

Deno.test("keys changes nothing if no secret is missing", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const before = await Deno.readTextFile(envFile(project));
    const { code, output } = await keys();
    assertEquals(code, 1);
    assertMatch(output, /Nothing was changed/);
    assertEquals(await Deno.readTextFile(envFile(project)), before);
  });
});

Deno.test("keys keeps the rest of the .env file and creates what is missing", async () => {
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

Deno.test("keys --rotate refresh keeps tokens of the previous key valid", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const before = await environment(project);
    const token = await new RefreshTokens(
      before.refreshTokenKeys,
      before.currentRefreshTokenKey,
    ).issue({
      sessionId: crypto.randomUUID(),
      generation: 3,
      seed: new Uint8Array(16),
    });
    assertEquals((await keys("--rotate", "refresh")).code, 0);
    const after = await environment(project);
    assertEquals(after.currentRefreshTokenKey, 2);
    assertEquals(after.signingKey, before.signingKey);
    const read = new RefreshTokens(after.refreshTokenKeys, 2).read(token);
    assertEquals(read?.generation, 3);
  });
});

Deno.test("keys --rotate refresh uses the next free id after 255", async () => {
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

Deno.test("keys --rotate signing keeps the public part of the old key", async () => {
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

Deno.test("keys --force replaces everything, also malformed keys", async () => {
  await withProject(async (project, keys) => {
    await Deno.writeTextFile(keysFile(project), "not JSON");
    assertEquals((await keys()).code, 1);
    assertEquals((await keys("--force")).code, 0);
    await environment(project);
  });
});

Deno.test("keys --server prints a key for the app's servers and writes no file", async () => {
  await withProject(async (project, keys) => {
    const { code, output } = await keys("--server");
    assertEquals(code, 0);
    const [, key] = output.match(/^LATCHKEY_SERVER_KEY='(.*)'$/m)!;
    const { d: _, ...publicJwk } = readServerKey(key);
    const [, thumbprint] = output.match(
      /^LATCHKEY_SERVER_THUMBPRINTS='([\w-]+)'/m,
    )!;
    assertEquals(thumbprint, await calculateJwkThumbprint(publicJwk));
    assertNotEquals((await keys("--server")).output, output);
    assertEquals([...Deno.readDirSync(join(project, "supabase"))].length, 1);
    assertEquals((await keys("--server", "--force")).code, 2);
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
  Deno.test(`keys ${args.join(" ")} exits with 2`, async () => {
    await withProject(async (_project, keys) => {
      assertEquals((await keys(...args)).code, 2);
    });
  });
}

for (const mode of ["refresh", "signing"]) {
  Deno.test(`keys --rotate ${mode} refuses a project without keys`, async () => {
    await withProject(async (_project, keys) => {
      const { code, output } = await keys("--rotate", mode);
      assertEquals(code, 1);
      assertMatch(output, /Run "npx supabase-latchkey keys" first/);
    });
  });
}

Deno.test("keys names a malformed variable and does not print its value", async () => {
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

/** A private key as another tool may have written it. */
async function privateKey(alg: string, changes: Partial<JWK>): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return JSON.parse(JSON.stringify({
    ...await exportJWK(privateKey),
    kid: `the ${alg} key`,
    alg,
    ...changes,
  }));
}

const FOREIGN_KEYS: Record<string, JWK> = {
  "an RS256 key": await privateKey("RS256", {}),
  "an RSA key without alg": await privateKey("RS256", { alg: undefined }),
  "a P-256 key without alg": await privateKey("ES256", { alg: undefined }),
  "an EdDSA key without alg": await privateKey("EdDSA", { alg: undefined }),
  "a shared secret": { kty: "oct", kid: "legacy", k: "a".repeat(43) },
};

for (const [name, key] of Object.entries(FOREIGN_KEYS)) {
  Deno.test(`keys uses and keeps an existing ${name}`, async () => {
    await withProject(async (project, keys) => {
      await Deno.writeTextFile(keysFile(project), JSON.stringify([key]));
      assertEquals((await keys()).code, 0);
      const { signingKey } = await environment(project);
      assertEquals({ ...signingKey, ...key }, signingKey);
      await importJWK(signingKey);
      assertEquals(
        JSON.parse(await Deno.readTextFile(keysFile(project))),
        [signingKey],
      );
    });
  });
}

const USELESS_KEYS: Record<string, unknown> = {
  "no key": null,
  "a key without kid": await privateKey("ES256", { kid: undefined }),
  "a key for ES384": await privateKey("ES384", {}),
  "a key for another algorithm": await privateKey("RS256", { alg: "PS256" }),
  "a damaged key": { ...FOREIGN_KEYS["an RS256 key"], p: undefined },
  "a short secret": { kty: "oct", kid: "legacy", k: "secret" },
};

for (const [name, key] of Object.entries(USELESS_KEYS)) {
  for (const args of [[], ["--rotate", "refresh"], ["--rotate", "signing"]]) {
    Deno.test(`keys ${args.join(" ")} refuses ${name} and writes nothing`, async () => {
      await withProject(async (project, keys) => {
        await keys();
        const [good] = JSON.parse(await Deno.readTextFile(keysFile(project)));
        const text = JSON.stringify([good, key]);
        await Deno.writeTextFile(keysFile(project), text);
        const env = await Deno.readTextFile(envFile(project));
        const { code, output } = await keys(...args);
        assertEquals(code, 1);
        assertMatch(
          output,
          /^supabase\/signing_keys\.json: Key 2 is|has no kid/,
        );
        assertMatch(output, /Nothing was changed/);
        assertEquals(await Deno.readTextFile(keysFile(project)), text);
        assertEquals(await Deno.readTextFile(envFile(project)), env);
      });
    });
  }
}

Deno.test("keys keeps every other private key", async () => {
  await withProject(async (project, keys) => {
    const [first, second] = [
      FOREIGN_KEYS["an RS256 key"]!,
      await privateKey("ES256", {}),
    ];
    await Deno.writeTextFile(
      keysFile(project),
      JSON.stringify([first, second]),
    );
    for (const args of [[], ["--rotate", "refresh"]]) {
      assertEquals((await keys(...args)).code, 0);
      assertEquals(
        JSON.parse(await Deno.readTextFile(keysFile(project))),
        [first, second],
      );
    }
    assertEquals((await keys("--rotate", "signing")).code, 0);
    const [, retired, other] = JSON.parse(
      await Deno.readTextFile(keysFile(project)),
    );
    assertEquals(
      Object.keys(retired).sort(),
      ["alg", "e", "key_ops", "kid", "kty", "n"],
    );
    assertEquals(other, second);
  });
});

Deno.test("keys refuses two keys that share a kid", async () => {
  await withProject(async (project, keys) => {
    await keys();
    const { signingKey } = await environment(project);
    const other = await privateKey("ES256", { kid: signingKey.kid });
    await Deno.writeTextFile(keysFile(project), JSON.stringify([other]));
    const { code, output } = await keys("--rotate", "refresh");
    assertEquals(code, 1);
    assertMatch(output, /different signing keys/);
  });
});

Deno.test("keys names a key in the .env file that cannot sign", async () => {
  await withProject(async (project, keys) => {
    const text = `LATCHKEY_SIGNING_KEY='{"kty":"EC","crv":"P-256"}'\n`;
    await Deno.writeTextFile(envFile(project), text);
    const { code, output } = await keys();
    assertEquals(code, 1);
    assertMatch(output, /functions\/\.env: LATCHKEY_SIGNING_KEY is not a priv/);
    assertEquals(await Deno.readTextFile(envFile(project)), text);
  });
});

Deno.test("keys warns if git does not ignore what it writes", async () => {
  await withProject(async (project, keys) => {
    const ignore = join(project, ".gitignore");
    await Deno.writeTextFile(ignore, "/supabase/functions/.env\n");
    const { code, output } = await keys();
    assertEquals(code, 0);
    assertMatch(output, /git does not ignore supabase\/signing_keys\.json/);
    assertNotMatch(output, /does not ignore supabase\/functions/);
    await Deno.writeTextFile(
      ignore,
      "supabase/functions/.env\nsupabase/signing_keys.json\n",
    );
    assertNotMatch((await keys("--rotate", "refresh")).output, /Warning/);
  });
});

Deno.test("keys --project creates a missing functions folder", async () => {
  await withProject(async (project, keys) => {
    await Deno.remove(join(project, "supabase/functions"));
    const { code, output } = await keys();
    assertEquals(code, 0);
    assertEquals(output.includes(project), true);
    await environment(project);
  });
});

Deno.test("keys --project refuses a folder without a Supabase project", async () => {
  await withProject(async (project, keys) => {
    await Deno.remove(join(project, "supabase"), { recursive: true });
    const { code, output } = await keys();
    assertEquals(code, 2);
    assertMatch(
      output,
      /is not a Supabase project.*--project takes the folder/,
    );
  });
});
