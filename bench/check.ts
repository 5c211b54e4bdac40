/**
 * How much time the live check adds to a select and to a request.
 *
 * @module
 */
import type { Queries, Sql } from "../stack/sql.ts";
import { decodeJwt } from "jose";
import { setTimeout } from "node:timers/promises";
import { callsPerSecond } from "./calls.ts";
import { calibrate, load } from "./load.ts";
import {
  addSessions,
  removeUsers,
  secretHash,
  sessionId,
  userId,
} from "./population.ts";
import type { Bench, Check, Result, Section, Table } from "./section.ts";
import { openSessions, type Session } from "./sessions.ts";
import { figure, interleave } from "./statistics.ts";

const NAIVE = `exists (
  select from auth.sessions s
  where s.id = ((select auth.jwt()) ->> 'session_id')::uuid
)`;

/** What each table's policy checks in addition to the row's owner. */
const TABLES: Record<string, string> = {
  bench_plain: "true",
  bench_active: "(select latchkey.session_active())",
  bench_naive: NAIVE,
};
const TITLES: Record<string, string> = {
  bench_plain: "auth.uid() only",
  bench_active: "auth.uid() and session_active()",
  bench_naive: "auth.uid() and exists (select from auth.sessions …)",
};
const PLAIN = "bench_plain";
const CHECKED = "auth.uid() only, after check_request()";
const ROWS = 1000;
const SELECTS: Record<string, string> = {
  "One row": "where id = 1",
  "A thousand rows": "",
};
const FUNCTIONS: Record<string, string> = {
  "auth.uid()": "auth.uid()",
  "caller_session_id()": "latchkey.caller_session_id()",
  "session_active()": "latchkey.session_active()",
  "check_request()": "latchkey.check_request()",
  "exists (select from auth.sessions …)": NAIVE,
};
/** Enough rows for the planner to use the indexes. */
const SESSIONS = 5_000;

/** The live check, in policies and before requests. */
export const check: Section = {
  name: "check",
  title: "The live check",
  async run(bench) {
    const { sql } = bench;
    await removeUsers(sql);
    await addSessions(sql, 0, SESSIONS);
    const user = userId(0);
    const [active, ended] = await openSessions(bench, [user, user]);
    await sql`
      select latchkey.end_sessions(array[${
      ended!.sessionId
    }]::uuid[], 'admin')`;
    await using _tables = await createTables(sql, user);

    bench.progress("Selects under policies, and the functions alone");
    const [selects, functions] = await asUser(
      sql,
      active!,
      async (connection) =>
        [
          await timeSelects(connection, bench.quick),
          await timeFunctions(connection, bench.quick),
        ] as const,
    );
    bench.progress("Requests to the Data API");
    const requests = await timeRequests(bench, active!, ended!);
    const checks = await countWork(sql, user, active!);
    await removeUsers(sql);
    return report(selects, functions, requests, checks);
  },
};

async function createTables(
  sql: Sql,
  user: string,
): Promise<AsyncDisposable> {
  for (const [table, condition] of Object.entries(TABLES)) {
    await sql.unsafe(`
      create table public.${table}
        (id integer primary key, user_id uuid not null, body text not null);
      insert into public.${table}
        select n, '${user}', 'Note ' || n from generate_series(1, ${ROWS}) n;
      alter table public.${table} enable row level security;
      create policy "Owners read" on public.${table} for select
        to authenticated using (user_id = (select auth.uid()) and ${condition});
      grant select on public.${table} to authenticated;
      analyze public.${table};`);
  }
  // By default, only Auth may read its table.
  await sql.unsafe(`
    grant select on auth.sessions to authenticated;
    notify pgrst, 'reload schema';`);
  return {
    async [Symbol.asyncDispose]() {
      await sql.unsafe(`
        revoke select on auth.sessions from authenticated;
        drop table ${Object.keys(TABLES).join(", ")};
        notify pgrst, 'reload schema';`);
    },
  };
}

/** Microseconds in each round, by what was timed. */
type Times = Record<string, number[]>;

/** Times each select on each table. */
async function timeSelects(
  connection: Queries,
  quick: boolean,
): Promise<Record<string, Times>> {
  const times: Record<string, Times> = {};
  for (const [title, where] of Object.entries(SELECTS)) {
    const time = async (table: string) => {
      const query = `select id, body from public.${table} ${where}`;
      // Prepared, like the Data API's statements.
      const select = () => connection.unsafe(query, [], `${table} ${title}`);
      return 1e6 / await callsPerSecond(1, quick ? 0.1 : 0.3, select);
    };
    times[title] = await interleave(quick ? 3 : 7, measures(TABLES, time));
  }
  return times;
}

/** Times each call inside the server, without statement, plan or round trip. */
async function timeFunctions(
  connection: Queries,
  quick: boolean,
): Promise<Times> {
  const calls = quick ? 1_000 : 5_000;
  const loop = async (call: string) => {
    const start = performance.now();
    await connection.unsafe(`
      do $$ begin
        for n in 1..${calls} loop perform ${call}; end loop;
      end $$`);
    return (performance.now() - start) * 1000 / calls;
  };
  return await interleave(
    quick ? 3 : 9,
    measures(
      FUNCTIONS,
      async (name) => await loop(FUNCTIONS[name]!) - await loop("true"),
    ),
  );
}

/** Uses a connection with the role and claims of the session's requests. */
async function asUser<T>(
  sql: Sql,
  session: Session,
  use: (connection: Queries) => Promise<T>,
): Promise<T> {
  const connection = await sql.reserve();
  try {
    await become(connection, session);
    return await use(connection);
  } finally {
    await connection`reset role`;
    await connection`reset request.jwt.claims`;
    connection.release();
  }
}

async function become(
  connection: Queries,
  { accessToken }: Session,
) {
  const claims = decodeJwt(accessToken);
  await connection`
    select set_config('request.jwt.claims', ${JSON.stringify(claims)}, false),
      set_config('role', 'authenticated', false)`;
}

/** Times a request for one row, by what is checked. */
async function timeRequests(
  { sql, stack, quick }: Bench,
  active: Session,
  ended: Session,
): Promise<Times> {
  const request = (table: string, { accessToken }: Session) => ({
    url: `${stack.apiUrl}/rest/v1/${table}?select=id,body&id=eq.1`,
    headers: {
      apikey: stack.publishableKey,
      Authorization: `Bearer ${accessToken}`,
    },
  });
  const options = (table: string) => ({
    ...request(table, active),
    method: "GET" as const,
    connections: 1,
    expect: 200,
  });
  const waitForStatus = async (status: number) => {
    const { url, headers } = request(PLAIN, ended);
    for (;;) {
      const response = await fetch(url, { headers });
      await response.body?.cancel();
      if (response.status === status) return;
      await setTimeout(10);
    }
  };
  const configure = async (change: string, status: number) => {
    await sql.unsafe(`
      alter role authenticator ${change};
      notify pgrst, 'reload config'`);
    await waitForStatus(status);
  };

  // The Data API must reload its schema cache first.
  await waitForStatus(200);
  const { requests } = await calibrate(options(PLAIN), quick ? 0.2 : 0.8);
  const time = async (table: string) =>
    (await load({ ...options(table), requests })).p50 * 1000;
  return await interleave(quick ? 1 : 5, {
    ...measures(TABLES, time),
    async [CHECKED]() {
      const setting = "pgrst.db_pre_request";
      await configure(`set ${setting} = 'latchkey.check_request'`, 401);
      try {
        return await time(PLAIN);
      } finally {
        await configure(`reset ${setting}`, 200);
      }
    },
  });
}

function measures(
  named: Record<string, string>,
  measure: (name: string) => Promise<number>,
): Record<string, () => Promise<number>> {
  return Object.fromEntries(
    Object.keys(named).map((name) => [name, () => measure(name)]),
  );
}

/** Counts, with the server's statistics, the work that is the same on any machine. */
async function countWork(
  sql: Sql,
  user: string,
  session: Session,
): Promise<Check[]> {
  const calls: Record<string, string> = {
    "session_active()": "latchkey.session_active()",
    "check_request()": "latchkey.check_request()",
    "refresh()": `latchkey.refresh(
      '${sessionId(1)}', 0, '\\x${secretHash(1).toString("hex")}', null, null)`,
    "sessions()": `latchkey.sessions('${session.sessionId}', '${user}')`,
  };
  const checks: Check[] = [];
  for (const [name, call] of Object.entries(calls)) {
    const scans = await count(
      sql,
      session,
      `select ${call}`,
      `
      select coalesce(sum(seq_scan), 0)::integer as count
      from pg_stat_xact_user_tables
      where relid in ('latchkey.refresh_tokens'::regclass,
        'auth.sessions'::regclass, 'auth.users'::regclass)`,
    );
    checks.push({
      what: `Tables of users and sessions that ${name} reads without an index`,
      value: scans,
      limit: "0",
      holds: scans === 0,
    });
  }
  const activeCalls = await count(
    sql,
    session,
    "set local role authenticated; select * from public.bench_active",
    `select calls::integer as count from pg_stat_xact_user_functions
     where funcid = 'latchkey.session_active()'::regprocedure`,
  );
  checks.push({
    what: "Calls of session_active() by a select of a thousand rows",
    value: activeCalls,
    limit: "1",
    holds: activeCalls === 1,
  });
  return checks;
}

/** Runs statements in a transaction, counts their work, and rolls it back. */
async function count(
  sql: Sql,
  session: Session,
  statements: string,
  counter: string,
): Promise<number> {
  let count: number | undefined;
  await sql.begin(async (tx) => {
    await tx`set local track_functions = 'all'`;
    // Older plans were made before there were that many rows.
    await tx`discard plans`;
    // With few rows, the planner would prefer to read the whole table.
    await tx`set local enable_seqscan = off`;
    await become(tx, session);
    await tx`reset role`;
    // The statistics of earlier work on this connection may still be pending.
    const before = (await tx.unsafe(counter))[0]?.count ?? 0;
    await tx.unsafe(statements);
    await tx`reset role`;
    count = (await tx.unsafe(counter))[0]!.count - before;
    await tx`rollback and chain`;
  });
  return count!;
}

function report(
  selects: Record<string, Times>,
  functions: Times,
  requests: Times,
  checks: Check[],
): Result {
  return {
    tables: [
      ...Object.entries(selects).map(([title, times]) =>
        compare(`${title}, selected over a connection with a policy`, times)
      ),
      compare(
        "One row, requested from the Data API on one connection",
        requests,
      ),
      {
        title: "The functions alone, inside the server",
        columns: ["", "Microseconds", "% of a request for one row"],
        rows: Object.entries(functions).map(([name, times]) => [
          name,
          figure(times),
          100 * figure(times).median / figure(requests[PLAIN]!).median,
        ]),
      },
    ],
    charts: [{
      name: "check",
      title: "What the live check adds to a select of one row",
      unit: "microseconds over a connection, less is better",
      bars: Object.entries(selects["One row"]!).map(([name, times]) => ({
        label: TITLES[name]!,
        value: figure(times),
        ours: name === "bench_active",
      })),
    }],
    notes: [
      "A policy runs the check once per statement, for any number of rows. If " +
      "the added time is smaller than the spread of the rounds, or negative, it " +
      "is too small to measure. The functions alone are called in a loop within " +
      "one statement, where all tables are already open; in its own statement a " +
      "call takes longer, as the selects show. Half of the time of " +
      "session_active() alone is caller_session_id(), which reads the claim: " +
      "like auth.uid(), it parses all claims of the token. The rest is one " +
      "lookup by primary key in each of three tables.",
    ],
    checks,
    aims: aims(selects["One row"]!, functions, requests),
  };
}

/** The aims compare the check with a select and with a request for one row. */
function aims(selects: Times, functions: Times, requests: Times): Check[] {
  const [plain, checked] = [PLAIN, "bench_active"].map((name) =>
    figure(selects[name]!).median
  );
  const request = figure(requests[PLAIN]!).median;
  const active = figure(functions["session_active()"]!).median;
  return Object.entries({
    "% that session_active() adds to a select of one row on a connection": 100 *
      (checked! - plain!) / plain!,
    "session_active() alone, % of a request for one row to the Data API": 100 *
      active / request,
  }).map(([what, value]) => ({
    what,
    value,
    limit: "less than 5",
    holds: value < 5,
  }));
}

/** Compares each with the plain policy. */
function compare(title: string, times: Times): Table {
  const plain = figure(times[PLAIN]!).median;
  return {
    title,
    columns: ["Policy", "Microseconds", "Added", "Added, in %"],
    rows: Object.entries(times).map(([name, values]) => {
      const time = figure(values);
      const added = time.median - plain;
      return [TITLES[name] ?? name, time, added, 100 * added / plain];
    }),
  };
}
