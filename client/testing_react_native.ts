/**
 * A phone with an app for React Native: its process can be killed, sent to the
 * background and started again, and its two storages can fail.
 *
 * @module
 */
import {
  createSessionClient,
  type NativeModules,
  type ReactNativeOptions,
} from "./react_native.ts";
import { Browser, Machine, type Tab, URL_ } from "./testing.ts";
import type { SessionEvent } from "./types.ts";

/** The operations of both storages. */
export type StorageOperation =
  | "SecureStore.getItemAsync"
  | "SecureStore.setItemAsync"
  | "SecureStore.deleteItemAsync"
  | "AsyncStorage.getItem"
  | "AsyncStorage.setItem"
  | "AsyncStorage.removeItem";

/** One process of the app. */
export type App = Tab & { modules: NativeModules };

/** The device, which runs at most one process of the app. */
export class Device extends Browser {
  /** What SecureStore holds; it survives an uninstall on iOS. */
  keystore = new Map<string, string>();
  /** The options of the last write to SecureStore. */
  keystoreOptions: unknown;
  /** Whether an operation fails. */
  fails: (operation: StorageOperation) => boolean = () => false;
  /** Called after an operation has changed a storage. */
  changed: (operation: StorageOperation) => void = () => {};
  /** All operations, in order. */
  operations: StorageOperation[] = [];
  override locks = null;

  /** What AsyncStorage holds. */
  get files(): Map<string, string> {
    return this.items;
  }

  /** The process that runs now. */
  get app(): App {
    return [...this.tabs][0] as App;
  }

  /** What AsyncStorage holds of the session. */
  // deno-lint-ignore no-explicit-any
  get record(): any {
    return JSON.parse(this.files.get("latchkey.project.example") ?? "null");
  }

  /** What SecureStore holds of the session. */
  // deno-lint-ignore no-explicit-any
  get tokens(): any {
    return JSON.parse(this.keystore.get("latchkey.project.example") ?? "null");
  }

  override get atRest(): string {
    return [...this.files.values(), ...this.keystore.values()].join();
  }

  /** The record, if its token is there. */
  override get stored() {
    const { record, tokens } = this;
    // deno-lint-ignore no-explicit-any
    const has = tokens?.some((token: any) =>
      token.session_id === record?.session_id &&
      token.revision >= record.revision
    );
    return has || record?.ended ? record : null;
  }

  /** Makes or breaks the network connection. */
  connect(isConnected: boolean): void {
    this.online = isConnected;
    this.fire("online");
  }

  /** Brings the app to the foreground, or sends it to the background. */
  show(isVisible: boolean): void {
    this.visible = isVisible;
    this.fire("visible");
  }

  /** Starts the app; the process that runs is killed. */
  override tab(options: Partial<ReactNativeOptions> = {}): App {
    for (const tab of this.tabs) tab.kill();
    const machine = new Machine(this);
    const { online: _, visible: __, on: ___, mayBeSuspended: ____, ...clock } =
      machine.environment;
    const modules = this.modules(machine);
    const client = createSessionClient({
      url: URL_,
      key: "sb_publishable_test",
      fetch: (input, init) =>
        machine.whileAlive(this.server.fetch(input, init)),
      environment: clock,
      proofKey: this.proofKeys ?? "none",
      ...modules,
      ...options,
    });
    const events: SessionEvent[] = [];
    client.onChange((event) => void events.push(event));
    const tab: App = Object.assign(client, {
      events,
      modules,
      storage: modules.AsyncStorage,
      machine,
      kill: () => {
        this.tabs.delete(tab);
        machine.kill();
      },
    });
    this.tabs.add(tab);
    return tab;
  }

  /** The native modules of one process. */
  modules(machine: Machine): NativeModules {
    const { on, setTimeout } = machine.environment;
    const operate = <T>(operation: StorageOperation, work: () => T) =>
      machine.whileAlive(
        new Promise<T>((resolve, reject) => {
          const start = () => {
            this.operations.push(operation);
            if (this.fails(operation)) {
              return reject(new Error(`${operation} failed.`));
            }
            const result = work();
            this.changed(operation);
            resolve(result);
          };
          if (this.storageDelay === null) start();
          else setTimeout(start, this.storageDelay);
        }),
      );
    const isVisible = () => this.visible;
    return {
      AppState: {
        get currentState() {
          return isVisible() ? "active" : "background";
        },
        addEventListener: (_type, listener) => ({
          remove: on("visible", listener),
        }),
      },
      NetInfo: {
        addEventListener: (listener) => {
          const tell = () => listener({ isConnected: this.online });
          tell();
          return on("online", tell);
        },
      },
      AsyncStorage: {
        getItem: (key) =>
          operate("AsyncStorage.getItem", () => this.files.get(key) ?? null),
        setItem: (key, value) =>
          operate(
            "AsyncStorage.setItem",
            () => void this.files.set(key, value),
          ),
        removeItem: (key) =>
          operate("AsyncStorage.removeItem", () => void this.files.delete(key)),
      },
      SecureStore: {
        AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY: 4,
        getItemAsync: (key) =>
          operate(
            "SecureStore.getItemAsync",
            () => this.keystore.get(key) ?? null,
          ),
        setItemAsync: (key, value, options) =>
          operate("SecureStore.setItemAsync", () => {
            this.keystoreOptions = options;
            this.keystore.set(key, value);
          }),
        deleteItemAsync: (key) =>
          operate(
            "SecureStore.deleteItemAsync",
            () => void this.keystore.delete(key),
          ),
      },
    };
  }
}
