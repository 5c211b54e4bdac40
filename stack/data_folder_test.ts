import { assertEquals, assertRejects } from "@std/assert";
import { exists } from "./files.ts";
import { openDataFolder } from "./data_folder.ts";

Deno.test("openDataFolder() keeps the keys until a reset", async () => {
  await withFolder(async (path) => {
    const secrets = async (reset: boolean) => {
      const folder = await openDataFolder(path, `${path}/data`);
      try {
        if (reset) await folder.reset();
        return await folder.secrets();
      } finally {
        await folder.release();
      }
    };
    const first = await secrets(false);
    assertEquals(await secrets(false), first);
    assertEquals((await secrets(true)).keys === first.keys, false);
    assertEquals(
      (await Deno.stat(`${path}/data/keys.json`)).mode! & 0o777,
      0o600,
    );
  });
});

Deno.test("openDataFolder() refuses a folder in use, and names the process", async () => {
  await withFolder(async (path) => {
    const folder = await openDataFolder(path, path);
    await assertRejects(
      () => openDataFolder(path, path),
      Error,
      `process ${Deno.pid}`,
    );
    await folder.release();
    assertEquals(await exists(`${path}/lock`), false);
    await (await openDataFolder(path, path)).release();
  });
});

Deno.test("openDataFolder() takes over what a killed process has locked", async () => {
  await withFolder(async (path) => {
    await (await openDataFolder(path, path)).release();
    await Deno.writeTextFile(`${path}/lock`, "1\n");
    await (await openDataFolder(path, path)).release();
  });
});

Deno.test("openDataFolder() leaves a folder alone that is not ours", async () => {
  await withFolder(async (path) => {
    await Deno.writeTextFile(`${path}/thesis.txt`, "precious");
    await assertRejects(() => openDataFolder(path, path), Error, "--data");
    assertEquals(
      (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name),
      ["thesis.txt"],
    );
  });
});

Deno.test("openDataFolder() says that it cannot write", async () => {
  await withFolder(async (path) => {
    await Deno.writeTextFile(`${path}/file`, "");
    await assertRejects(
      () => openDataFolder(path, `${path}/file`),
      Error,
      "Cannot write to the data folder",
    );
  });
});

async function withFolder(use: (path: string) => Promise<void>) {
  const path = await Deno.makeTempDir();
  try {
    await use(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}
