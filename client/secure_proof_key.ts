/**
 * The device's key in SecureStore, for React Native, which has neither
 * WebCrypto nor IndexedDB.
 *
 * @module
 */
import {
  secureStoreKey,
  type SecureStoreModule,
  secureStoreOptions,
} from "./secure_storage.ts";
import type { Locks, ProofKey, ProofKeyStore } from "./types.ts";

/** The part of `react-native-quick-crypto` that is used: WebCrypto. */
export interface QuickCryptoModule {
  readonly subtle: {
    generateKey(
      algorithm: typeof ALGORITHM,
      extractable: boolean,
      usages: ("sign" | "verify")[],
    ): Promise<unknown>;
    // deno-lint-ignore no-explicit-any
    exportKey(format: "jwk", key: any): Promise<unknown>;
    importKey(
      format: "jwk",
      key: PrivateJwk,
      algorithm: typeof ALGORITHM,
      extractable: boolean,
      usages: "sign"[],
    ): Promise<unknown>;
    sign(
      algorithm: typeof ALGORITHM,
      // deno-lint-ignore no-explicit-any
      key: any,
      data: Uint8Array<ArrayBuffer>,
    ): Promise<ArrayBuffer>;
  };
}

/** The members of a private key that SecureStore holds. */
interface PrivateJwk {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
  d: string;
}

const ALGORITHM = {
  name: "ECDSA",
  namedCurve: "P-256",
  hash: "SHA-256",
} as const;

/** What `secureProofKey` needs. */
export interface SecureProofKeyOptions {
  SecureStore: SecureStoreModule;
  QuickCrypto: QuickCryptoModule;
  /** Shared by all clients of the app. */
  locks: Locks;
}

/**
 * A key whose private JWK is in SecureStore. Scripts of the app can read it;
 * other apps, a backup and another device cannot.
 *
 * @param name One key per name. Default: `latchkey`, one key for the app.
 */
export function secureProofKey(
  { SecureStore, QuickCrypto: { subtle }, locks }: SecureProofKeyOptions,
  name = "latchkey",
): ProofKeyStore {
  const item = secureStoreKey(`${name}.proof_key`);
  const options = secureStoreOptions(SecureStore);

  async function get(): Promise<ProofKey | null> {
    const text = await SecureStore.getItemAsync(item, options);
    return text === null ? null : await toProofKey(JSON.parse(text));
  }

  async function generate(): Promise<PrivateJwk> {
    const { privateKey } = await subtle.generateKey(ALGORITHM, true, [
      "sign",
      "verify",
    ]) as { privateKey: unknown };
    const { x, y, d } = await subtle.exportKey("jwk", privateKey) as PrivateJwk;
    return { kty: "EC", crv: "P-256", x, y, d };
  }

  async function toProofKey(jwk: PrivateJwk): Promise<ProofKey> {
    const key = await subtle.importKey("jwk", jwk, ALGORITHM, false, ["sign"]);
    const { d: _, ...publicJwk } = jwk;
    return {
      publicJwk,
      sign: async (data) =>
        new Uint8Array(await subtle.sign(ALGORITHM, key, data)),
    };
  }

  return {
    get,
    create: () =>
      locks.request(item, {}, async () => {
        // Another client may have created it meanwhile.
        const stored = await get();
        if (stored) return stored;
        const jwk = await generate();
        await SecureStore.setItemAsync(item, JSON.stringify(jwk), options);
        return await toProofKey(jwk);
      }),
  };
}
