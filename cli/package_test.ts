/**
 * The command as the npm package has it: packed, installed, and run by Node.js.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import process from "node:process";
import { installNode } from "../tests/node.ts";
import { builtPackage } from "../tests/package.ts";
import { checksum } from "./lock_file.ts";
import { readTemplate } from "./template.ts";
import { emptyProject, latchkey, type Run, run, snapshot } from "./testing.ts";

/** A version of Node.js that is too old for the command. */
const OLD_NODE = "18.19.1";

let installed: Promise<string> | undefined;

/** A folder that has installed the package. */
function install(): Promise<string> {
  return installed ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "latchkey_cli_" });
    await Deno.chmod(folder, 0o755);
    const { archive } = await builtPackage();
    // Only the command: what apps import is tested with the client.
    await npm(folder, "init", "--yes");
    await npm(folder, "install", "--no-audit", "--no-fund", archive);
    return folder;
  })();
}

Deno.test.afterAll(async () => {
  if (installed) await Deno.remove(await installed, { recursive: true });
});

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("npm", { args, cwd });
  assertEquals(code, 0, stdout + stderr);
  return stdout;
}

/** Runs the installed command by Node.js. */
async function command(
  cwd: string,
  args: string[],
  options: Deno.CommandOptions & { node?: string } = {},
): Promise<Run> {
  const { node = "node", ...rest } = options;
  const script = join(await install(), "node_modules/.bin/supabase-latchkey");
  return await run(node, { args: [script, ...args], cwd, ...rest });
}

Deno.test("package: init installs the same files as the repository's", async () => {
  await emptyProject(async (project) => {
    const { code, stdout, stderr } = await command(project, ["init"]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /\+ supabase\/functions\/login\//);
    const files = await snapshot(project);
    for (const { path, text } of readTemplate().files) {
      assertEquals(checksum(files[path] ?? ""), checksum(text), path);
    }
    // The repository's command finds nothing to do either.
    const again = await latchkey(project, "init");
    assertMatch(again.stdout, /Nothing was changed/);
    const removed = await command(project, ["remove", "--yes"]);
    assertEquals([removed.code, removed.stderr], [0, ""]);
  });
});

Deno.test("package: --version, --help and the exit codes", async () => {
  const folder = await install();
  const version = await command(folder, ["--version"]);
  assertEquals(version.stdout.trim(), readTemplate().version);
  const help = await command(folder, ["--help"]);
  assertEquals(help.code, 0);
  for (const name of ["init", "update", "remove", "keys", "doctor", "start"]) {
    assertMatch(help.stdout, new RegExp(`^ {2}${name} `, "m"));
    const { code, stdout } = await command(folder, [name, "--help"]);
    assertEquals(code, 0, name);
    assertMatch(stdout, new RegExp(`Usage: supabase-latchkey ${name}`));
  }
  const unknown = await command(folder, ["instal"]);
  assertEquals(unknown.code, 2);
  assertMatch(unknown.stderr, /There is no command "instal"/);
});

Deno.test("package: an old Node.js is told which version it needs", async () => {
  const folder = await Deno.makeTempDir({ prefix: "latchkey_cli_" });
  try {
    const { code, stderr } = await command(folder, ["init"], {
      node: await installNode(folder, OLD_NODE),
    });
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /needs Node\.js 20\.12 or newer, and this is 18\.19\.1\./,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("package: without write permission init names the folder and changes nothing", async () => {
  await emptyProject(async (project) => {
    const before = await snapshot(project);
    // Root may write anywhere, so it becomes another user.
    const isRoot = Deno.uid() === 0;
    if (!isRoot) await Deno.chmod(`${project}/supabase`, 0o555);
    try {
      const { code, stderr } = await command(project, ["init"], {
        ...isRoot ? { uid: 65534, gid: 65534 } : {},
      });
      assertEquals(code, 1, stderr);
      assertMatch(
        stderr,
        /You have no permission to write to .*my app\/supabase\. .*Nothing was changed/,
      );
      assertEquals(await snapshot(project), before);
    } finally {
      await Deno.chmod(`${project}/supabase`, 0o755);
    }
  });
});

/** Runs a command line in a terminal, with some keys. */
async function inTerminal(cwd: string, line: string, keys: string) {
  const terminal = new Deno.Command("script", {
    args: Deno.build.os === "darwin"
      ? ["-q", "/dev/null", "sh", "-c", line]
      : ["-qec", line, "/dev/null"],
    cwd,
    env: { TERM: "xterm", CI: "" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = terminal.stdin.getWriter();
  const chunks: string[] = [];
  for await (
    const chunk of terminal.stdout.pipeThrough(new TextDecoderStream())
  ) {
    chunks.push(chunk);
    // It reads keys once it asks.
    if (chunk.includes("Yes") && keys !== "") {
      await writer.write(new TextEncoder().encode(keys));
      keys = "";
    }
  }
  await writer.close().catch(() => {});
  return { ...await terminal.status, text: chunks.join("") };
}

Deno.test("package: on a terminal init asks whether to use a prefix, and has colours", async () => {
  const script = join(await install(), "node_modules/.bin/supabase-latchkey");
  const line = `stty cols 100; node "${script}" init`;
  for (const [key, code] of [["n", 1], ["y", 0]] as const) {
    await emptyProject(async (project) => {
      await Deno.mkdir(join(project, "supabase/functions/login"), {
        recursive: true,
      });
      const own = join(project, "supabase/functions/login/index.ts");
      await Deno.writeTextFile(own, "// Mine.\n");
      const before = await snapshot(project);
      const run = await inTerminal(project, line, key);
      assertMatch(run.text, /with the prefix latchkey-\?/);
      assertEquals(run.code, code);
      const after = await snapshot(project);
      if (key === "n") assertEquals(after, before);
      else {
        // deno-lint-ignore no-control-regex
        assertMatch(run.text, /\x1b\[32m\+ supabase/);
        assert("supabase/functions/latchkey-login/index.ts" in after);
        assertEquals(await Deno.readTextFile(own), "// Mine.\n");
      }
    });
  }
});

Deno.test("package: start runs the project, and ends with the npx that started it", async () => {
  await emptyProject(async (project) => {
    assertEquals((await command(project, ["init"])).code, 0);
    const data = await Deno.makeTempDir({ prefix: "latchkey_cli_" });
    await Deno.chmod(data, 0o755);
    const launcher = new Deno.Command("npx", {
      args: [
        ...["--prefix", await install(), "supabase-latchkey", "start"],
        ...["--project", project, "--port", "0", "--db-port", "0"],
        ...["--data", join(data, "stack"), "--output", "json"],
      ],
      cwd: project,
      env: process.env as Record<string, string>,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    try {
      const { API_URL, PUBLISHABLE_KEY } = JSON.parse(
        await firstLine(launcher.stdout),
      );
      const call = async (path: string) => {
        const response = await fetch(API_URL + path, {
          method: "POST",
          headers: {
            apikey: PUBLISHABLE_KEY,
            "content-type": "application/json",
          },
          body: JSON.stringify({
            email: "ada@example.com",
            password: "correct horse battery",
          }),
        });
        return { status: response.status, body: await response.json() };
      };
      assertEquals((await call("/auth/v1/signup")).status, 200);
      const login = await call("/functions/v1/login");
      assertEquals(login.status, 200);
      assertMatch(login.body.refresh_token, /^lkr_/);
      launcher.kill("SIGKILL");
      await launcher.status;
      const end = performance.now() + 30_000;
      const isUp = () =>
        fetch(API_URL).then((page) => page.text()).then(
          () => true,
          () => false,
        );
      while (await isUp()) {
        assert(performance.now() < end, "The stack still runs.");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    } finally {
      await Deno.remove(data, { recursive: true }).catch(() => {});
    }
  });
});

/** The first line of a stream, which stays open. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    assert(!done, `It ended after: ${text}`);
    text += value;
  }
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return text;
}
