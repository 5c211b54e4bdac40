/**
 * Services that receive notices, for the length of a test.
 *
 * @module
 */
import type { Sql } from "../../stack/sql.ts";
import { Api, expectOk, stack, WAYS } from "../harness.ts";

/** A request that a receiver got. */
export interface Post {
  headers: Headers;
  body: string;
}

/** A receiver's answer to a request. */
export type Answering = (post: Post) => Response | Promise<Response>;

export type Receiver = Awaited<ReturnType<typeof receiver>>;

/** Calls the endpoint that sends the notices that are due. */
export const deliver = (api: Api) =>
  api.post("deliver", {}, { apikey: stack.secretKey });

/**
 * Starts an HTTP server and adds it to `latchkey.receivers`.
 *
 * @param columns The row's columns besides the URL.
 */
export async function receiver(
  sql: Sql,
  columns: Record<string, unknown>,
  answer: Answering = () => new Response(null, { status: 202 }),
) {
  const posts: Post[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const post = { headers: request.headers, body: await request.text() };
      posts.push(post);
      return await answer(post);
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/events`;
  const names = Object.keys(columns);
  const [row] = await sql.unsafe(
    `insert into latchkey.receivers (url, ${names.join(", ")})
     values ($1, ${names.map((_, index) => `$${index + 2}`).join(", ")})
     returning id`,
    [url, ...Object.values(columns)],
  ).catch(async (error) => {
    await server.shutdown();
    throw error;
  });
  const id: string = row!.id;
  // The functions may still remember that there was no receiver.
  for (const url of Object.values(WAYS)) expectOk(await deliver(new Api(url)));
  return {
    id,
    url,
    posts,
    /** Its notices, oldest first. */
    outbox: () =>
      sql`select * from latchkey.outbox where receiver_id = ${id} order by created_at`,
    async [Symbol.asyncDispose]() {
      await sql`delete from latchkey.receivers where id = ${id}`;
      await server.shutdown();
    },
  };
}
