/**
 * A storage for React Native that keeps the refresh token in the device's
 * keystore (SecureStore), and the rest of the record, which is too large for
 * it, in AsyncStorage.
 *
 * No transaction covers both, so the order of the writes does:
 *
 * - The token is written first, with the id and the revision of its session.
 *   The record follows. A session is stored once its record is.
 * - A record counts only together with a token of the same session that is not
 *   older. So a token that was already replaced is never sent, which the server
 *   would take for theft, and a token without a record is never used.
 *
 * | The app was killed, or a write failed          | The next start           |
 * | ---------------------------------------------- | ------------------------ |
 * | after the token of a refresh was written       | has the new token        |
 * | after the token of a first sign-in was written | is signed out            |
 * | after the token of another sign-in was written | has the earlier session  |
 * | after one of both was removed                  | is signed out            |
 *
 * | A backup restored, or an uninstall left        | The next start           |
 * | ---------------------------------------------- | ------------------------ |
 * | the record only                                | is signed out            |
 * | the token only (iOS keeps it on uninstall)     | is signed out            |
 * | an older record of the token's session         | has the token            |
 * | an older token                                 | is signed out            |
 * | an older record of another session             | is signed out            |
 *
 * @module
 */
import type { Environment, SessionStorage } from "./types.ts";

/** The part of `expo-secure-store` that is used. */
export interface SecureStoreModule {
  /** The constant for `keychainAccessible`, see `secureStoreOptions`. */
  readonly AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY: number;
  getItemAsync(
    key: string,
    options?: SecureStoreOptions,
  ): Promise<string | null>;
  setItemAsync(
    key: string,
    value: string,
    options?: SecureStoreOptions,
  ): Promise<void>;
  deleteItemAsync(key: string, options?: SecureStoreOptions): Promise<void>;
}

/** The options of `expo-secure-store` that are used. */
interface SecureStoreOptions {
  keychainAccessible?: number;
}

/** The part of `@react-native-async-storage/async-storage` that is used. */
export interface AsyncStorageModule {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** What `secureStorage` needs. */
export interface SecureStorageOptions {
  SecureStore: SecureStoreModule;
  AsyncStorage: AsyncStorageModule;
  environment: Pick<Environment, "setTimeout" | "visible">;
}

/** A refresh token as SecureStore has it. */
interface Token {
  session_id: string;
  revision: number;
  refresh_token: string;
}

/** What the app knows of one key, beside AsyncStorage. */
interface Item {
  /** The tokens in SecureStore; undefined if it cannot be read. */
  tokens?: Token[];
  /** The record that AsyncStorage could not take. */
  unsaved?: string;
}

/** Waits before a read or write is tried again, in milliseconds. */
const WAITS = [100, 400, 1_000];

/**
 * The items that were read, by the AsyncStorage that holds their records:
 * reading SecureStore takes long on Android. All clients of an app share them.
 */
const caches = new WeakMap<AsyncStorageModule, Map<string, Promise<Item>>>();

/**
 * Reads and writes of SecureStore must also work while the device is locked:
 * the app may refresh in the background. No backup may bring the token to
 * another device, where it would be a copy.
 *
 * @see https://docs.expo.dev/versions/latest/sdk/securestore/
 */
export function secureStoreOptions(
  SecureStore: Pick<SecureStoreModule, "AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY">,
): SecureStoreOptions {
  return {
    keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY,
  };
}

/** SecureStore takes letters, digits, `.`, `-` and `_`. */
export function secureStoreKey(key: string): string {
  return key.replace(
    /[^A-Za-z0-9.-]/g,
    (character) => `_${character.charCodeAt(0).toString(16)}_`,
  );
}

/** Creates the storage. */
export function secureStorage(
  { SecureStore, AsyncStorage, environment }: SecureStorageOptions,
): SessionStorage {
  const options = secureStoreOptions(SecureStore);
  const items = caches.get(AsyncStorage) ?? new Map<string, Promise<Item>>();
  caches.set(AsyncStorage, items);
  /** Whether the first read waits for a storage that fails. */
  let isPatient = true;

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) =>
      environment.setTimeout(resolve, milliseconds)
    );

  /** Repeats work that fails. */
  async function repeat<T>(
    work: () => Promise<T>,
    mayGiveUp = () => true,
  ): Promise<T> {
    for (let failures = 0;;) {
      try {
        return await work();
      } catch (error) {
        if (mayGiveUp() && ++failures > WAITS.length) throw error;
        await sleep(WAITS[failures - 1] ?? WAITS.at(-1)!);
      }
    }
  }

  /**
   * Reads the tokens once. A device that was not unlocked since it started
   * cannot read them. The app may run in the background then, and must not take
   * the user for signed out: it waits. When the user sees the app, the device
   * is unlocked, so a storage that still fails is broken.
   */
  function load(key: string): Promise<Item> {
    const known = items.get(key);
    if (known) return known;
    const read = async (): Promise<Item> => {
      const tokens = await SecureStore.getItemAsync(
        secureStoreKey(key),
        options,
      );
      await AsyncStorage.getItem(key);
      return { tokens: parse(tokens) as Token[] | undefined ?? [] };
    };
    const item = isPatient ? repeat(read, environment.visible) : read();
    items.set(key, item);
    item.catch(() => {
      isPatient = false;
      items.delete(key);
    });
    return item;
  }

  async function writeTokens(key: string, item: Item, tokens: Token[]) {
    const name = secureStoreKey(key);
    // If it fails, the old or the new tokens are stored: the next access reads
    // them.
    items.delete(key);
    await repeat(() =>
      tokens.length > 0
        ? SecureStore.setItemAsync(name, JSON.stringify(tokens), options)
        : SecureStore.deleteItemAsync(name, options)
    );
    item.tokens = tokens;
    items.set(key, Promise.resolve(item));
  }

  /** Stores an entry without a token: not a session, or an ended one. */
  async function setPlain(key: string, item: Item, value: string) {
    await repeat(() => AsyncStorage.setItem(key, value));
    item.unsaved = undefined;
    // A token without its record is not used, so it may stay if this fails.
    if (item.tokens?.length !== 0) {
      await writeTokens(key, item, []).catch(() => {});
    }
  }

  return {
    async getItem(key) {
      const { tokens = [], unsaved } = await load(key);
      return join(unsaved ?? await AsyncStorage.getItem(key), tokens);
    },

    async setItem(key, value) {
      const item: Item = await load(key).catch(() => ({}));
      const { refresh_token, ...record } = parse(value) ?? {};
      if (!refresh_token) return await setPlain(key, item, value);
      const { session_id, revision } = record;
      const token = { session_id, revision, refresh_token };
      const { tokens = [] } = item;
      const others = tokens.filter((stored) => !isOf(stored, record));
      const isStored = tokens.some((stored) =>
        isOf(stored, record) && stored.revision === revision
      );
      // Until the record is written, the other session is the stored one.
      if (!isStored) await writeTokens(key, item, [token, ...others]);
      item.unsaved = JSON.stringify(record);
      try {
        await repeat(() => AsyncStorage.setItem(key, item.unsaved!));
        item.unsaved = undefined;
      } catch {
        // After a refresh, the new token also fits the record that is stored.
        // After a sign-in, the session lasts until the app ends. The next
        // change writes the record again.
      }
      if (others.length > 0) {
        await writeTokens(key, item, [token]).catch(() => {});
      }
    },

    async removeItem(key) {
      const item: Item = await load(key).catch(() => ({}));
      // Without its token, the record is no session either.
      if (item.tokens?.length !== 0) await writeTokens(key, item, []);
      await repeat(() => AsyncStorage.removeItem(key));
    },
  };
}

/** The record with its token; null for a session without one. */
function join(text: string | null, tokens: Token[]): string | null {
  const record = parse(text);
  // Other entries, such as a PKCE verifier, and the end of a session.
  if (!record?.session_id || record.refresh_token) return text;
  const token = tokens.find((token) =>
    isOf(token, record) && token.revision >= record.revision
  );
  if (!token) return null;
  return JSON.stringify({ ...record, ...token });
}

function isOf(token: Token, record: { session_id: string }): boolean {
  return token.session_id === record.session_id;
}

// deno-lint-ignore no-explicit-any
function parse(text: string | null): any {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}
