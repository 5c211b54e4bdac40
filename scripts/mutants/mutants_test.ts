import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  diff,
  type Edit,
  lineOf,
  type Mutant,
  mutate,
  nameOf,
  runTests,
  shuffle,
} from "./mutant.ts";
import { sqlEdits } from "./sql_operators.ts";
import { typescriptEdits } from "./typescript_operators.ts";

const BODY = `create function latchkey.f(a integer default 0) returns boolean
language plpgsql stable security definer
as $$
begin
  -- if a < 1 then
  if a < 1 and not b then
    perform g('x; y');
  end if;
  update t set a = 1 where b = 2 and c between 3 and 4;
  select * into r from t where d is null for update of t skip locked;
  return exists (select from t where coalesce(e, f) = 'word' or g is not null);
end
$$;
comment on function latchkey.f(integer) is 'Not a < b and not true';
grant execute on function latchkey.f(integer) to authenticated;
`;

Deno.test("mutants: SQL gets one for each small mistake", () => {
  const mutants = results(sqlEdits(BODY), BODY);
  for (
    const expected of [
      "f(a integer )",
      "language plpgsql volatile security definer",
      "language plpgsql stable security invoker",
      "if not (a < 1 and not b) then",
      "if a <= 1 and not b then",
      "if a < 2 and not b then",
      "if a < 1 or not b then",
      "if a < 1  then",
      "if  not b then",
      "if a < 1 and  b then",
      "    null;\n  end if;",
      "  null;\n  select",
      "update t set a = 1 ;",
      "where not (b = 2 and c between 3 and 4);",
      "where b <> 2 and c between 3 and 4;",
      "where b = 2 ;",
      "where  c between 3 and 4;",
      "where b = 2 and c between 3 and 5;",
      "where d is not null for update of t skip locked;",
      "where d is null ;",
      "return not exists (",
      "where (e) = 'word'",
      "where coalesce(e, f) = 'word' and g is not null",
      "where coalesce(e, f) = 'word' or g is  null",
      "where coalesce(e, f) = 'word' )",
      "is 'Not a < b and not true';\n\n",
    ]
  ) {
    assert(
      mutants.some((mutant) => mutant.includes(expected)),
      `no mutant has ${expected}`,
    );
  }
});

Deno.test("mutants: SQL comments, assignments and between stay as they are", () => {
  for (const mutant of results(sqlEdits(BODY), BODY)) {
    assert(mutant.includes("-- if a < 1 then"));
    assert(mutant.includes("is 'Not a < b and not true';"));
    assert(!mutant.includes("set a <> 1"));
    assert(!mutant.includes("between 3 or 4"));
  }
});

Deno.test("mutants: TypeScript gets one for each small mistake", () => {
  const source = `async function f(a: "x" | "y", b?: { c(): void }) {
  if (a === "x" && n > 1) await send(true);
  for (const d of e) { if (!d) continue; }
  const g = b?.c() ?? { ...h };
  return g ? 1 : 0;
}
`;
  const mutants = results(typescriptEdits(source), source);
  for (
    const expected of [
      'if (!(a === "x" && n > 1))',
      'if (a !== "x" && n > 1)',
      'if (a === "x" || n > 1)',
      'if (a === "x") await',
      "if (n > 1) await",
      "n >= 1",
      "n > 2",
      "1) send(true)",
      "send(false)",
      "n > 1) ;",
      "if (d) continue",
      "if (!d) ;",
      "b.c() ??",
      "= b?.c();",
      "= { ...h };",
      "{  };",
      "return !(g) ? 1 : 0",
      "return;",
    ]
  ) {
    assert(
      mutants.some((mutant) => mutant.includes(expected)),
      `no mutant has ${expected}`,
    );
  }
  const awaiting = "async () => { return await a(); }";
  assert(
    !results(typescriptEdits(awaiting), awaiting).some((mutant) =>
      mutant.includes("return a();")
    ),
  );
  // Types do not exist at run time.
  for (const mutant of mutants) assert(mutant.includes('a: "x" | "y"'));
});

Deno.test("mutants: a name does not depend on other lines", () => {
  const [mutant] = mutantsOf("if (a) b();");
  const [later] = mutantsOf("// A comment.\nif (a) b();");
  assertEquals(nameOf(mutant!), nameOf(later!));
  assertEquals([lineOf(mutant!), lineOf(later!)], [1, 2]);
  assertEquals(diff(later!), {
    before: "if (a) b();",
    after: "if (!(a)) b();",
  });
});

Deno.test("mutants: the seed alone chooses them", async () => {
  const mutants = mutantsOf("if (a && b) { c(1); d(2); e(3); }");
  const names = async (seed: number, list: Mutant[]) =>
    (await shuffle(list, seed)).map(nameOf);
  assertEquals(await names(1, mutants), await names(1, mutants.toReversed()));
  assertNotEquals(await names(1, mutants), await names(2, mutants));
});

Deno.test("mutants: a failing test kills, and is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const run = async (body: string, milliseconds = 60_000) => {
      await Deno.writeTextFile(`${folder}/a_test.ts`, body);
      const { signal } = new AbortController();
      return await runTests({
        ...{ folder, files: ["a_test.ts"], milliseconds, signal },
      });
    };
    assertEquals(await run('Deno.test("good", () => {});'), {
      outcome: "survived",
    });
    assertEquals(
      await run(
        'Deno.test("good", () => {}); Deno.test("bad", () => { throw 1 });',
      ),
      { outcome: "killed", by: "bad" },
    );
    assertEquals(
      await run('Deno.test("endless", () => { for (;;); });', 5000),
      {
        outcome: "killed",
        by: "the time limit",
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function results(edits: Edit[], text: string): string[] {
  return edits.map((edit) => mutate({ ...edit, file: "", text }));
}

function mutantsOf(text: string): Mutant[] {
  return typescriptEdits(text).map((edit) => ({ ...edit, file: "a.ts", text }));
}
