/**
 * The client for React Native and Expo. An app passes it the native modules
 * that replace what a browser has: AppState and NetInfo instead of events of
 * the page, SecureStore and AsyncStorage instead of `localStorage`.
 *
 * The modules are parameters, not imports, so that an app decides about their
 * versions, and an app without Expo can pass its own.
 *
 * @module
 */
import { createSessionClient as createClient } from "./client.ts";
import { defaultEnvironment } from "./environment.ts";
import { SessionError } from "./errors.ts";
import { type QuickCryptoModule, secureProofKey } from "./secure_proof_key.ts";
import {
  type AsyncStorageModule,
  secureStorage,
  type SecureStoreModule,
} from "./secure_storage.ts";
import type {
  Environment,
  Locks,
  SessionClient,
  SessionClientOptions,
} from "./types.ts";

export * from "./mod.ts";
export { secureProofKey } from "./secure_proof_key.ts";
export type {
  QuickCryptoModule,
  SecureProofKeyOptions,
} from "./secure_proof_key.ts";
export { secureStorage } from "./secure_storage.ts";
export type {
  AsyncStorageModule,
  SecureStorageOptions,
  SecureStoreModule,
} from "./secure_storage.ts";

/** The part of React Native's `AppState` that is used. */
export interface AppStateModule {
  /** `active` while the user sees the app. */
  readonly currentState: string | null | undefined;
  addEventListener(
    type: "change",
    listener: () => void,
  ): { remove(): void };
}

/** The part of `@react-native-community/netinfo` that is used. */
export interface NetInfoModule {
  addEventListener(
    listener: (state: { isConnected: boolean | null }) => void,
  ): () => void;
}

/** The native modules that `createSessionClient` needs. */
export interface NativeModules {
  /** `import { AppState } from "react-native"` */
  AppState: AppStateModule;
  /** `import AsyncStorage from "@react-native-async-storage/async-storage"` */
  AsyncStorage: AsyncStorageModule;
  /** `import NetInfo from "@react-native-community/netinfo"` */
  NetInfo: NetInfoModule;
  /** `import * as SecureStore from "expo-secure-store"` */
  SecureStore: SecureStoreModule;
}

/** Options of `createSessionClient` for React Native. */
export type ReactNativeOptions =
  & Omit<SessionClientOptions, "mode">
  & NativeModules
  & {
    /**
     * `import QuickCrypto from "react-native-quick-crypto"`. With it, new
     * sessions are bound to a key of the device, whose private part is in
     * SecureStore. Without it, sessions are not bound, because React Native has
     * no WebCrypto. `proofKey` takes precedence.
     */
    QuickCrypto?: QuickCryptoModule;
  };

/**
 * Creates the client of an app for React Native. The refresh token is in
 * SecureStore, and the rest of the session in AsyncStorage.
 *
 * @throws {SessionError} `invalid_options`
 *
 * @example
 * ```ts ignore
 * import "react-native-url-polyfill/auto";
 * import AsyncStorage from "@react-native-async-storage/async-storage";
 * import NetInfo from "@react-native-community/netinfo";
 * import { createClient } from "@supabase/supabase-js";
 * import * as SecureStore from "expo-secure-store";
 * import { AppState } from "react-native";
 * import { createSessionClient } from "supabase-latchkey/react-native";
 *
 * export const session = createSessionClient({
 *   url,
 *   key,
 *   AppState,
 *   AsyncStorage,
 *   NetInfo,
 *   SecureStore,
 * });
 * export const supabase = createClient(url, key, {
 *   auth: { ...session.authOptions(), detectSessionInUrl: false },
 * });
 * session.watch(supabase);
 * ```
 */
export function createSessionClient(
  { AppState, AsyncStorage, NetInfo, QuickCrypto, SecureStore, ...options }:
    ReactNativeOptions,
): SessionClient {
  checkModules({ AppState, AsyncStorage, NetInfo, SecureStore });
  const environment = {
    ...reactNativeEnvironment({ AppState, NetInfo }),
    ...options.environment,
  };
  const locks = sharedLocks(AsyncStorage);
  return createClient({
    locks,
    storage: secureStorage({ SecureStore, AsyncStorage, environment }),
    ...options,
    proofKey: options.proofKey ??
      (QuickCrypto && secureProofKey({ SecureStore, QuickCrypto, locks })),
    environment,
  });
}

/**
 * Tells the client when the user sees the app, and when the device comes
 * online.
 */
export function reactNativeEnvironment(
  { AppState, NetInfo }: Pick<NativeModules, "AppState" | "NetInfo">,
): Environment {
  /** Null until NetInfo knows. */
  let isConnected: boolean | null = null;
  return {
    ...defaultEnvironment,
    mayBeSuspended: true,
    online: () => isConnected !== false,
    visible: () => AppState.currentState === "active",
    on(what, listener) {
      if (what === "visible") {
        const subscription = AppState.addEventListener(
          "change",
          () => listener(),
        );
        return () => subscription.remove();
      }
      if (what === "online") {
        let before: boolean | null = null;
        return NetInfo.addEventListener((state) => {
          isConnected = state.isConnected;
          if (before === false && isConnected !== false) listener();
          before = isConnected;
        });
      }
      // The app is one process: only this client changes the storage.
      return () => {};
    },
  };
}

/** Where each module comes from, and a function that it has. */
const MODULES = {
  AppState: [
    "addEventListener",
    'import { AppState } from "react-native"',
  ],
  AsyncStorage: [
    "setItem",
    'import AsyncStorage from "@react-native-async-storage/async-storage"',
  ],
  NetInfo: [
    "addEventListener",
    'import NetInfo from "@react-native-community/netinfo"',
  ],
  SecureStore: [
    "setItemAsync",
    'import * as SecureStore from "expo-secure-store"',
  ],
} as const;

function checkModules(modules: NativeModules): void {
  for (const [name, [method, line]] of Object.entries(MODULES)) {
    const module: object | undefined = modules[name as keyof NativeModules];
    if (module && method in module) continue;
    throw new SessionError(
      "invalid_options",
      `Pass ${name} to createSessionClient: ${line}.`,
    );
  }
}

/** The locks of the clients that share an AsyncStorage. */
const locksOf = new WeakMap<AsyncStorageModule, Locks>();

function sharedLocks(AsyncStorage: AsyncStorageModule): Locks {
  const shared = locksOf.get(AsyncStorage) ?? appLocks();
  locksOf.set(AsyncStorage, shared);
  return shared;
}

/** Web Locks within the app, because React Native has none. */
function appLocks(): Locks {
  /** The last work of each name. */
  const last = new Map<string, Promise<unknown>>();
  return {
    request(name, { signal }, work) {
      const waited = new Promise<never>((_, reject) =>
        signal?.addEventListener(
          "abort",
          () => reject(new Error(`The wait for ${name} was too long.`)),
        )
      );
      const run = Promise.race([last.get(name), waited]).then(work);
      last.set(name, run.catch(() => {}));
      return run;
    },
  };
}
