/**
 * Reads and checks request bodies. An endpoint describes its parameters as a
 * schema. A body that does not match is refused, with the parameter's name.
 *
 * @see https://valibot.dev for the schemas.
 * @module
 */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { list, malformed, Refusal } from "./outcomes.ts";
import { parseUuid } from "./uuid.ts";

/** More than any valid request needs. */
const MAX_BODY_BYTES = 16 * 1024;
const MAX_MILLISECONDS = 5_000;

/**
 * Control characters, line separators, and marks that change the text
 * direction.
 */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A body before it is checked. In a form every value is a string. */
export type Body =
  | { type: "json"; values: Record<string, unknown> }
  | { type: "form"; values: Record<string, string> };

/**
 * A required parameter: text that PostgreSQL can store and a person can read.
 *
 * @param limit The maximum length in characters.
 */
export function text(limit: number) {
  return v.pipe(
    v.string("must be a string"),
    v.maxLength(limit, `is longer than ${limit} characters`),
    v.check(
      (value) => value.isWellFormed() && !UNPRINTABLE.test(value),
      "contains control characters",
    ),
  );
}

/** A required parameter: the id of a row, in lower case. */
export function uuid() {
  return v.pipe(
    text(36),
    v.transform(parseUuid),
    v.string("is not a UUID"),
  );
}

/** A parameter that may be absent. In JSON, null counts as absent. */
export function optional<Schema extends v.GenericSchema<string, string>>(
  schema: Schema,
) {
  return v.pipe(v.nullish(schema), v.transform((value) => value ?? undefined));
}

/**
 * The parameters of a JSON body. Unknown ones are refused, because they are
 * probably misspelled.
 */
export const json: typeof v.strictObject = v.strictObject;

/** The parameters of a form. Unknown ones are ignored (RFC 6749 section 3.2). */
export const form: typeof v.object = v.object;

/**
 * A rule for several parameters together. The description says how to follow
 * it.
 */
export function rule<Input>(
  holds: (input: Input) => boolean,
  description: string,
) {
  return v.check<Input, string>(holds, description);
}

/**
 * Reads a body of at most 16 KiB, as JSON or, where `forms` allows it, a form.
 *
 * @see RFC 6749 section 3.2: a parameter without a value counts as absent, and
 * a repeated one is refused.
 */
export async function readBody(
  request: Request,
  { forms = false }: { forms?: boolean } = {},
): Promise<Body | Refusal> {
  const type = request.headers.get("Content-Type")?.split(";")[0]?.trim()
    .toLowerCase();
  const isForm = forms && type === "application/x-www-form-urlencoded";
  if (type !== "application/json" && !isForm) {
    return malformed(
      `Send the body as Content-Type application/json${
        forms ? " or application/x-www-form-urlencoded" : ""
      }.`,
    );
  }
  const body = await readText(request);
  if (body instanceof Refusal) return body;
  if (isForm) {
    const parameters = new URLSearchParams(body);
    if (new Set(parameters.keys()).size < parameters.size) {
      return malformed("Send each parameter once.");
    }
    const values = [...parameters].filter(([, value]) => value !== "");
    return { type: "form", values: Object.fromEntries(values) };
  }
  let values: unknown;
  try {
    values = JSON.parse(body);
  } catch {
    return malformed("The body is not JSON.");
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return malformed("Send a JSON object.");
  }
  return { type: "json", values: values as Record<string, unknown> };
}

/**
 * Checks the values of a body.
 *
 * @returns The parsed values, or an `invalid_request` that names the first
 * invalid parameter and never quotes its value.
 */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  values: unknown,
): v.InferOutput<Schema> | Refusal {
  const { success, output, issues } = v.safeParse(schema, values, {
    abortEarly: true,
  });
  if (success) return output;
  const [issue] = issues;
  const name = v.getDotPath(issue);
  if (name === null) return malformed(issue.message);
  if (issue.type === "strict_object" || issue.type === "object") {
    return issue.expected === "never"
      ? malformed(
        `The body has an unknown parameter. Send only ${
          list(Object.keys((schema as unknown as { entries: object }).entries))
        }.`,
      )
      : malformed(`Send the parameter ${name}.`);
  }
  return malformed(`The parameter ${name} ${issue.message}.`);
}

/** Reads a JSON body and checks it. */
export async function readJson<Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<v.InferOutput<Schema> | Refusal> {
  const body = await readBody(request);
  return body instanceof Refusal ? body : check(schema, body.values);
}

async function readText(request: Request): Promise<string | Refusal> {
  const tooLarge = malformed(
    `The body is larger than ${MAX_BODY_BYTES} bytes.`,
  );
  if (Number(request.headers.get("Content-Length")) > MAX_BODY_BYTES) {
    return tooLarge;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = request.body?.getReader();
  let isIncomplete = false;
  const deadline = setTimeout(() => {
    isIncomplete = true;
    reader?.cancel();
  }, MAX_MILLISECONDS);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let part = await reader?.read(); part && !part.done;) {
      size += part.value.byteLength;
      if (size > MAX_BODY_BYTES) return tooLarge;
      chunks.push(part.value);
      part = await reader!.read();
    }
  } catch {
    isIncomplete = true;
  } finally {
    clearTimeout(deadline);
  }
  if (isIncomplete) {
    return malformed("The request body ended early. Send it again.");
  }
  try {
    return decoder.decode(Buffer.concat(chunks));
  } catch {
    return malformed("The body is not UTF-8.");
  }
}
