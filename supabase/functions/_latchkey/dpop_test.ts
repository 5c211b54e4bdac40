import { assert, assertEquals } from "@std/assert";
import { ProofKey } from "../../../tests/proof_key.ts";
import { makeContext } from "./context.ts";
import { type Proof, readProof } from "./dpop.ts";
import { readEnvironment } from "./environment.ts";
import { Refusal } from "./outcomes.ts";
import { testVariables } from "./testing.ts";

const variables = await testVariables();
const OWN = "http://127.0.0.1:1/functions/v1";
const key = await ProofKey.create(OWN);

/** Reads a proof in an environment with more variables. */
function read(
  proof: string,
  {
    path = "/refresh",
    endpoint = "refresh",
    more = {},
    headers = {},
  }: {
    path?: string;
    endpoint?: string;
    more?: Record<string, string>;
    headers?: Record<string, string>;
  } = {},
): Promise<Proof | Refusal> {
  const all: Record<string, string> = { ...variables, ...more };
  return readProof(
    new Request(`http://internal${path}`, {
      method: "POST",
      headers: { ...headers, DPoP: proof },
    }),
    makeContext(readEnvironment((name) => all[name])),
    { endpoint },
  );
}

async function accepts(...args: Parameters<typeof read>): Promise<boolean> {
  const proof = await read(...args);
  if (proof instanceof Refusal) {
    assertEquals(proof.code, "invalid_dpop_proof");
    return false;
  }
  return true;
}

const ISSUER = { LATCHKEY_ISSUER: "https://id.example/auth/v1" };
const MORE = {
  LATCHKEY_FUNCTIONS_URLS:
    "https://api.example.com/functions/v1, https://api.example.com",
};

for (
  const [name, htu, expected, options] of [
    ["the project's URL", `${OWN}/refresh`, true, {}],
    [
      "another spelling of it",
      `HTTP://127.0.0.1:1/x/../functions/v1/refresh`,
      true,
      {},
    ],
    ["the function's internal URL", "http://internal/refresh", false, {}],
    [
      "the URL beside the issuer",
      "https://id.example/functions/v1/refresh",
      true,
      { more: ISSUER },
    ],
    ["also the project's, beside another issuer", `${OWN}/refresh`, true, {
      more: ISSUER,
    }],
    [
      "an issuer that does not say where the project is",
      "https://id.example/functions/v1/refresh",
      false,
      { more: { LATCHKEY_ISSUER: "https://id.example/" } },
    ],
    [
      "a custom domain",
      "https://api.example.com/functions/v1/refresh",
      true,
      { more: MORE },
    ],
    [
      "a custom domain with short paths",
      "https://API.example.com:443/refresh",
      true,
      {
        more: MORE,
      },
    ],
    ["a domain that is not listed", "https://other.example/refresh", false, {
      more: MORE,
    }],
    ["a prefix", `${OWN}/my-refresh`, true, { path: "/my-refresh" }],
    ["a prefix that the request does not have", `${OWN}/my-refresh`, false, {}],
    ["a request with a prefix, a proof without it", `${OWN}/refresh`, false, {
      path: "/my-refresh",
    }],
    ["a path below the function", `${OWN}/refresh/x`, false, {
      path: "/refresh/x",
    }],
    ["a query of the request", `${OWN}/refresh`, true, {
      path: "/refresh?x=1",
    }],
    ["the platform's path", `${OWN}/refresh`, true, {
      path: "/functions/v1/refresh",
    }],
    ["a request without a path", `${OWN}/`, false, { path: "/" }],
  ] as const
) {
  Deno.test(`readProof() ${expected ? "accepts" : "refuses"} htu: ${name}`, async () => {
    const proof = await key.prove("refresh", { htu });
    assertEquals(await accepts(proof, options), expected);
  });
}

Deno.test("readProof() accepts a clock that is at most a minute off", async () => {
  for (
    const [seconds, expected] of [
      [-62, false],
      [-58, true],
      [58, true],
      [62, false],
    ] as const
  ) {
    const iat = Date.now() / 1000 + seconds;
    const proof = await read(await key.prove("refresh", { iat }));
    const code = proof instanceof Refusal ? proof.code : undefined;
    assertEquals([seconds, code], [
      seconds,
      expected ? undefined : "use_dpop_nonce",
    ]);
  }
});

Deno.test("readProof() takes the server's nonce in place of the client's time", async () => {
  const first = await read(await key.prove("refresh", { iat: 0 }));
  assert(first instanceof Refusal);
  const { nonce } = first.details;
  const proof = await read(await key.prove("refresh", { iat: 0, nonce }));
  assert(!(proof instanceof Refusal));
  assertEquals(proof.nonceGeneration, null);
  // A wrong nonce is refused, also if the time is right.
  const second = await read(await key.prove("refresh", { nonce: "nonce" }));
  assert(second instanceof Refusal);
  assertEquals(second.code, "use_dpop_nonce");
  assert(second.details.nonce);
});

Deno.test("readProof() says which claim is wrong, and quotes nothing", async () => {
  const describe = async (changes: Record<string, unknown>) => {
    const proof = await read(await key.prove("refresh", changes));
    assert(proof instanceof Refusal);
    assert(!proof.description.includes("hush"), proof.description);
    return proof.description;
  };
  for (
    const [claim, value] of [
      ["jti", ""],
      ["htm", "hush"],
      ["htu", "https://hush.example"],
      ["ath", "hush"],
      ["nonce", 7],
    ] as const
  ) {
    const description = await describe({ [claim]: value });
    assert(description.includes(`claim ${claim}`), description);
  }
});

Deno.test("readProof() gives the same proof the same id, and each key its own", async () => {
  const ids = async (proofKey: ProofKey, jti: string) => {
    const proof = await read(await proofKey.prove("refresh", { jti }));
    assert(!(proof instanceof Refusal));
    assertEquals(proof.key.proof_jkt, proofKey.jkt);
    return proof.key.proof_id!;
  };
  const first = await ids(key, "a");
  assertEquals(first.length, 2 + 32);
  assertEquals(await ids(key, "a"), first);
  assert(await ids(key, "b") !== first);
  const other = await ProofKey.create(OWN);
  assert(await ids(other, "a") !== first);
});

Deno.test("readProof() believes only the app's own servers the browser's address", async () => {
  const claims = { client_ip: "2001:db8::7", client_user_agent: "Firefox" };
  const more = { LATCHKEY_SERVER_THUMBPRINTS: key.thumbprint };
  const clientOf = async (
    proofKey: ProofKey,
    changes: Record<string, unknown>,
  ) => {
    const proof = await read(await proofKey.prove("refresh", changes), {
      more,
    });
    return proof instanceof Refusal ? proof.description : proof.client;
  };
  assertEquals(await clientOf(key, claims), {
    ip: "2001:db8::7",
    userAgent: "Firefox",
  });
  assertEquals(await clientOf(key, {}), {
    ip: undefined,
    userAgent: undefined,
  });
  const other = await ProofKey.create(OWN);
  assertEquals(await clientOf(other, claims), undefined);
  assertEquals(await clientOf(other, { client_ip: "no address" }), undefined);
  for (
    const client_ip of ["", "localhost", "192.0.2.1:80", "fe80::1%1", 7, null]
  ) {
    assertEquals(
      await clientOf(key, { client_ip }),
      "The DPoP proof has no valid claim client_ip.",
    );
  }
  assertEquals(
    await clientOf(key, { client_user_agent: ["Firefox"] }),
    "The DPoP proof has no valid claim client_user_agent.",
  );
});
