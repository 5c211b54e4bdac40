/**
 * Holds every answer of the endpoints against docs/openapi.yaml.
 *
 * @module
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

interface Referable {
  $ref?: string;
}

interface Header extends Referable {
  required?: boolean;
}

interface OpenApiResponse extends Referable {
  headers?: Record<string, Header>;
  content?: Record<string, unknown>;
}

type Operation = { responses: Record<string, OpenApiResponse> };

/** The parsed description. */
export const openapi: {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
} = parse(
  await Deno.readTextFile(new URL("../docs/openapi.yaml", import.meta.url)),
);

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats.default(ajv);
ajv.addVocabulary(Object.keys(openapi));
// Keywords of OpenAPI beside those of JSON Schema.
ajv.addVocabulary(
  ["required", "content", "headers"].filter((word) => !ajv.getKeyword(word)),
);
ajv.addSchema(openapi, "openapi");

/**
 * Validates an answer of an endpoint.
 *
 * @param name The endpoint, without a query.
 * @param body The parsed body; a string if it is not JSON.
 * @throws {Error} The description does not allow the answer; the message says
 * where.
 */
export function checkAnswer(
  name: string,
  method: string,
  { status, headers, body }: {
    status: number;
    headers: Headers;
    body: unknown;
  },
): void {
  const problems = problemsOf(name, method, status, headers, body);
  if (problems.length === 0) return;
  throw new Error(
    [
      `docs/openapi.yaml does not allow this answer to ${method} /${name}:`,
      ...problems.map((problem) => `- ${problem}`),
      `${status} ${JSON.stringify(body)}`,
    ].join("\n"),
  );
}

function problemsOf(
  name: string,
  method: string,
  status: number,
  headers: Headers,
  body: unknown,
): string[] {
  const path = openapi.paths[`/${name}`];
  if (!path) return [`There is no path /${name}.`];
  if (method === "OPTIONS") {
    return status === 204 ? [] : ["A preflight is answered with 204."];
  }
  // For other methods there is nothing to look up but the one answer.
  const [key, operation] =
    Object.entries(path).find(([key]) => key === method.toLowerCase()) ??
      Object.entries(path)[0]!;
  if (key !== method.toLowerCase() && status !== 405) {
    return [`There is no ${method}, so the status is 405.`];
  }
  const pointer = `/paths/~1${name}/${key}/responses`;
  const code = [`${status}`, `${status}`[0] + "XX"]
    .find((code) => code in operation.responses);
  if (!code) return [`There is no status ${status}.`];
  const problems: string[] = [];
  const [responsePointer, response] = resolve<OpenApiResponse>(
    `${pointer}/${code}`,
  );
  for (const header of Object.keys(response.headers ?? {})) {
    const [headerPointer, { required }] = resolve<Header>(
      `${responsePointer}/headers/${header}`,
    );
    const value = headers.get(header);
    if (value === null) {
      if (required) problems.push(`The header ${header} is missing.`);
    } else {
      problems.push(...validate(`${headerPointer}/schema`, value, header));
    }
  }
  // OpenAPI cannot say that a header depends on the body.
  const { error } = (body ?? {}) as { error?: string };
  if (
    ["temporarily_unavailable", "too_many_requests"].includes(error ?? "") &&
    !headers.has("Retry-After")
  ) problems.push("The header Retry-After is missing.");
  if (headers.get("Cache-Control") !== "no-store") {
    problems.push("Cache-Control is not no-store.");
  }
  const type = headers.get("Content-Type")?.split(";")[0];
  // OpenAPI cannot say that a body may be absent: RFC 7009's answer has none.
  if (body === "" && name === "revoke" && status === 200) return problems;
  if (!type || !(type in (response.content ?? {}))) {
    return [...problems, `There is no body of type ${type}.`];
  }
  const schema = `${responsePointer}/content/${type.replace("/", "~1")}/schema`;
  return [...problems, ...validate(schema, body, "body")];
}

/** Follows a reference to the place where the object is written. */
function resolve<T extends Referable>(pointer: string): [string, T] {
  const found = pointer.split("/").slice(1).reduce(
    (node, key) =>
      (node as Record<string, unknown>)[
        key.replaceAll("~1", "/").replaceAll("~0", "~")
      ],
    openapi as unknown,
  ) as T;
  return found.$ref ? resolve(found.$ref.slice(1)) : [pointer, found];
}

function validate(pointer: string, value: unknown, name: string): string[] {
  const check = compiled(pointer);
  if (check(value)) return [];
  return check.errors!.map(({ instancePath, message, params }) =>
    `${name}${instancePath} ${message} ${JSON.stringify(params)}`
  );
}

const validators = new Map<string, ValidateFunction>();

function compiled(pointer: string): ValidateFunction {
  let check = validators.get(pointer);
  if (!check) {
    check = ajv.compile({ $ref: `openapi#${pointer}` });
    validators.set(pointer, check);
  }
  return check;
}
