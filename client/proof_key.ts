/**
 * The key of this device: where it is stored, and which one a session has.
 *
 * @module
 */
import { SessionError } from "./errors.ts";
import type { ProofKey, ProofKeyStore, SessionClientOptions } from "./types.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const DATABASE = "latchkey";
const OBJECT_STORE = "proof_keys";

/** Safari sometimes never answers a request to open a database. */
const LONGEST_READ_MILLISECONDS = 3_000;

/** A key as IndexedDB stores it. The private key cannot be exported. */
interface StoredKey {
  publicJwk: JsonWebKey;
  privateKey: CryptoKey;
}

/** Chooses the key for a request. */
export class DeviceKey {
  readonly #store: ProofKeyStore | null;
  /** The app has passed the store, so it wants no session without a key. */
  readonly #isRequired: boolean;
  /** The key that was read last. It also works while the store fails. */
  #key: ProofKey | null = null;

  constructor(option: SessionClientOptions["proofKey"], storageKey: string) {
    this.#isRequired = typeof option === "object";
    this.#store = typeof option === "object"
      ? option
      : option !== "none" && hasIndexedDb()
      ? indexedDbProofKey(storageKey)
      : null;
  }

  /**
   * The key for a new session, or null if the session cannot be bound: in a
   * browser profile in which IndexedDB does not work, users can sign in too.
   *
   * @throws {SessionError} `key_unavailable`, only with the app's own store.
   */
  async forSignIn(): Promise<ProofKey | null> {
    const store = this.#store;
    try {
      return this.#key = store && (await store.get() ?? await store.create());
    } catch (cause) {
      if (this.#isRequired) throw keyUnavailable(cause);
      return null;
    }
  }

  /**
   * The key that a session is bound to, or null if this device does not have
   * it.
   *
   * @param id As `keyId` returned it for the session's key.
   * @throws {SessionError} `key_unavailable`
   */
  async find(id: string): Promise<ProofKey | null> {
    if (keyId(this.#key) !== id) {
      try {
        this.#key = await this.#store?.get() ?? null;
      } catch (cause) {
        throw keyUnavailable(cause);
      }
    }
    return keyId(this.#key) === id ? this.#key : null;
  }
}

/**
 * Tells keys apart. It is not the thumbprint (RFC 7638), because React Native
 * cannot hash without another package.
 */
export function keyId(key: ProofKey | null): string | undefined {
  return key?.publicJwk.x;
}

/** The error for a key that cannot be read or used at the moment. */
export function keyUnavailable(cause: unknown): SessionError {
  return new SessionError(
    "key_unavailable",
    "The key of this device cannot be read at the moment. Try again.",
    { cause },
  );
}

/** The error for a session whose key is not on this device. */
export function keyLost(cause: unknown): SessionError {
  return new SessionError(
    "key_lost",
    "The key of this session is not on this device. Sign in again.",
    { cause },
  );
}

/**
 * A key from its private JWK, for a store that keeps the key in a file or in a
 * secret variable.
 *
 * @param privateJwk An EC P-256 key with its private member `d`.
 * @throws {DOMException} If it is not such a key.
 *
 * @example
 * ```ts
 * import { importProofKey } from "./proof_key.ts";
 *
 * const { privateKey } = await crypto.subtle.generateKey(
 *   { name: "ECDSA", namedCurve: "P-256" },
 *   true,
 *   ["sign", "verify"],
 * );
 * const privateJwk = await crypto.subtle.exportKey("jwk", privateKey);
 * const key = await importProofKey(privateJwk);
 * console.log("d" in key.publicJwk); // false
 * ```
 */
export async function importProofKey(
  privateJwk: JsonWebKey,
): Promise<ProofKey> {
  return toProofKey({
    publicJwk: privateJwk,
    privateKey: await crypto.subtle.importKey(
      "jwk",
      privateJwk,
      ALGORITHM,
      false,
      ["sign"],
    ),
  });
}

/**
 * A key that lasts as long as the process, as the session does in memory.
 *
 * @example
 * ```ts
 * import { createSessionClient } from "./client.ts";
 * import { memoryProofKey } from "./proof_key.ts";
 *
 * const session = createSessionClient({
 *   url: "https://example.supabase.co",
 *   key: "sb_publishable_example",
 *   proofKey: memoryProofKey(),
 * });
 * session.close();
 * ```
 */
export function memoryProofKey(): ProofKeyStore {
  let key: Promise<ProofKey> | undefined;
  return {
    get: async () => await key ?? null,
    create: () => key ??= generate().then(toProofKey),
  };
}

/**
 * A key in the browser's IndexedDB, which no script can read, only use.
 *
 * @param name One key per name; all tabs of an origin share it.
 */
export function indexedDbProofKey(name: string): ProofKeyStore {
  return {
    async get() {
      const key = await readIndexedDb(name);
      return key ? toProofKey(key) : null;
    },
    async create() {
      const generated = await generate();
      return toProofKey(await readIndexedDb(name, generated) ?? generated);
    },
  };
}

function hasIndexedDb(): boolean {
  // Outside a secure context, browsers have no `crypto.subtle`.
  return "indexedDB" in globalThis && !!globalThis.crypto?.subtle;
}

function toProofKey({ publicJwk, privateKey }: StoredKey): ProofKey {
  const { kty, crv, x, y } = publicJwk;
  return {
    publicJwk: { kty, crv, x, y },
    sign: async (data) =>
      new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, data)),
  };
}

async function generate(): Promise<StoredKey> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    ALGORITHM,
    false,
    ["sign", "verify"],
  );
  return {
    publicJwk: await crypto.subtle.exportKey("jwk", publicKey),
    privateKey,
  };
}

/**
 * Reads a key.
 *
 * @param generated A key to add if there is none. It is one transaction, because
 * another tab may create the key at the same moment.
 */
function readIndexedDb(
  name: string,
  generated?: StoredKey,
): Promise<StoredKey | undefined> {
  return new Promise((resolve, reject) => {
    setTimeout(reject, LONGEST_READ_MILLISECONDS);
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () =>
      void opening.result.createObjectStore(OBJECT_STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(
        OBJECT_STORE,
        generated ? "readwrite" : "readonly",
        // So that a power failure loses no key whose session is stored.
        { durability: "strict" },
      );
      const keys = transaction.objectStore(OBJECT_STORE);
      const request = keys.get(name);
      request.onsuccess = () => {
        if (generated && !request.result) keys.add(generated, name);
      };
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      // After the transaction. An open connection would block the deletion of
      // the database.
      database.close();
    };
  });
}

/** The part of IndexedDB that is used here. Deno's types do not have it. */
declare const indexedDB: {
  open(name: string, version: number): IndexedDbRequest<Database>;
};
interface IndexedDbRequest<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
  onupgradeneeded: (() => void) | null;
}
interface Database {
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: string, options: unknown): {
    readonly error: unknown;
    oncomplete: (() => void) | null;
    onabort: (() => void) | null;
    objectStore(name: string): ObjectStore;
  };
  close(): void;
}
interface ObjectStore {
  get(key: string): IndexedDbRequest<StoredKey | undefined>;
  add(value: StoredKey, key: string): unknown;
}
