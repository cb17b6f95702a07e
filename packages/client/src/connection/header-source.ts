import { VllmError } from "@vllm/schema/core";
import { isRecord } from "@vllm/schema/internal";

type HeaderRecord = Readonly<Record<string, string>>;

/**
 * Headers, or a function that is called before each attempt of each request: for keys that expire, and for trace headers
 * (`() => { const carrier = {}; propagation.inject(context.active(), carrier); return carrier; }`).
 */
export type HeaderSource = HeaderRecord | (() => HeaderRecord | Promise<HeaderRecord>);

/** Those that are known without a call. */
export function fixedHeaders(source: HeaderSource | undefined): HeaderRecord {
  return typeof source === "function" ? {} : (source ?? {});
}

/**
 * Those that only a call gives; undefined where there is none to make, so that nobody has to wait.
 *
 * @throws {VllmError} `INVALID_REQUEST` when the function throws, or returns anything but headers
 */
export function calledHeaders(source: HeaderSource | undefined): Promise<HeaderRecord> | undefined {
  return typeof source === "function" ? call(source) : undefined;
}

async function call(source: Extract<HeaderSource, () => unknown>): Promise<HeaderRecord> {
  let headers: unknown;
  try {
    headers = await source();
  } catch (cause) {
    throw refuse("The function that was given as headers threw an error.", "Look at error.cause.", cause);
  }
  if (isHeaderRecord(headers)) return headers;
  throw refuse(
    "The function that was given as headers did not return an object of strings.",
    "Leave out what has no value; write a Headers object as Object.fromEntries(headers).",
  );
}

/** An object whose values are all strings; a `Headers` object has no fields of its own, so it would be empty. */
export function isHeaderRecord(value: unknown): value is HeaderRecord {
  if (!isRecord(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && Object.values(value).every((each) => typeof each === "string");
}

function refuse(message: string, hint: string, cause?: unknown): VllmError {
  return new VllmError({ code: "INVALID_REQUEST", message, hint, cause });
}
