/**
 * Devices for the tests of the client on the stack.
 *
 * @module
 */
import { decodeJwt } from "jose";
import {
  createSessionClient,
  type SessionClient,
  type SessionClientOptions,
  type SessionEvent,
} from "../../client/mod.ts";
import { newUser, stack, until } from "../harness.ts";

/** A device with a client of its own. Its clock can be moved. */
export class Device implements Disposable {
  readonly client: SessionClient;
  readonly events: SessionEvent[] = [];
  /** `<status> <path>` of each request that was answered. */
  readonly answered: string[] = [];
  readonly items = new Map<string, string>();
  ahead = 0;
  /** Whether responses are lost on their way to the device. */
  losesAnswers = false;

  constructor(options: Partial<SessionClientOptions> = {}) {
    this.client = createSessionClient({
      url: stack.apiUrl,
      key: stack.publishableKey,
      storage: {
        getItem: (key) => this.items.get(key) ?? null,
        setItem: (key, value) => this.items.set(key, value),
        removeItem: (key) => this.items.delete(key),
      },
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        const { pathname } = new URL(response.url);
        this.answered.push(`${response.status} ${pathname}`);
        if (!this.losesAnswers) return response;
        await response.body?.cancel();
        throw new TypeError("The connection broke.");
      },
      environment: { now: () => Date.now() + this.ahead },
      ...options,
    });
    this.client.onChange((event) => void this.events.push(event));
  }

  /** Moves the clock to just before the access token's expiry. */
  async nearExpiry() {
    const { iat } = decodeJwt((await this.client.getAccessToken())!);
    // In the same second the same claims may make the same token.
    await until(() => Date.now() >= (iat! + 1) * 1000, "the next second");
    this.ahead += 850_000;
  }

  /** Puts another access token in place of the stored one. */
  replaceAccessToken(access_token: string) {
    const key = `latchkey.${new URL(stack.apiUrl).host}`;
    const session = JSON.parse(this.items.get(key)!);
    this.items.set(key, JSON.stringify({ ...session, access_token }));
  }

  [Symbol.dispose]() {
    this.client.close();
  }
}

/** The e-mail address and password of a new user. */
export async function newCredentials() {
  const { email, password } = await newUser();
  return { email, password };
}
