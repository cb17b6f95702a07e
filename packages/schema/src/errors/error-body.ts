import { jsonObjectAt, parseErrorJson } from "./json-in-text.ts";
import { hasSchemaEcho, readSchemaError } from "./schema-error.ts";

/** What an error body says, whatever its shape. */
export interface ErrorBody {
  /**
   * The server's own words, or undefined for an empty body or a web page. Of an error in the request's schema only the first place and
   * its reason are kept, since the rest repeats the request.
   */
  message: string | undefined;
  /** vLLM's `type`, such as `BadRequestError`. */
  type: string | undefined;
  /** vLLM's `param`, such as `input_tokens`; the path of the field for an error in the request's schema. */
  param: string | undefined;
  /** `param` as the server sent it. */
  sentParam: string | undefined;
  /** Numeric `code` of the body; may contradict the HTTP status. */
  code: number | undefined;
  /** True when the body is a web page. */
  isHtml: boolean;
  /** A router's own words in front of the server's, when it put the server's answer into its own. */
  wrapper: string | undefined;
}

const NOTHING: ErrorBody = {
  message: undefined,
  type: undefined,
  param: undefined,
  sentParam: undefined,
  code: undefined,
  isHtml: false,
  wrapper: undefined,
};

/** Longer messages are cut: nothing that is looked for stands further back, and every rule reads the whole text. */
const MAX_MESSAGE_LENGTH = 10_000;

/**
 * Reads every error body that vLLM and the routers in front of it send: `{error: {…}}`, `{error: "text"}`, `{object: "error", …}`,
 * `{detail: …}`, `{type: "error", error}`, plain text, HTML, nothing, JSON that was cut off, and vLLM's JSON wrapped in a router's message.
 */
export function readErrorBody(bodyText: string): ErrorBody {
  const text = bodyText.replace(/^\uFEFF/, "").trim();
  if (text === "") return NOTHING;
  if (/^(<\?xml[^>]*>\s*)?<(!doctype|html|head|body|h1|center)\b/i.test(text)) return { ...NOTHING, isHtml: true };
  const json = parseErrorJson(text);
  if (json !== undefined) return readErrorValue(json);
  return reduce({ ...NOTHING, message: /^\{\s*"/.test(text) ? messageOfCutJson(text) : text });
}

/** The same for a body that is parsed already, such as an event in a stream. */
export function readErrorValue(value: unknown): ErrorBody {
  return reduce(unwrap(readJson(value)));
}

function readJson(value: unknown): ErrorBody {
  if (typeof value === "string") return { ...NOTHING, message: value };
  if (typeof value !== "object" || value === null) return NOTHING;
  const body = value as Record<string, unknown>;
  const inner = body["error"];
  if (typeof inner === "string") return { ...NOTHING, message: inner, code: numberOf(body["code"]) };
  if (typeof inner === "object" && inner !== null) return readObject(inner as Record<string, unknown>);
  if (body["detail"] !== undefined) return readDetail(body["detail"]);
  return readObject(body);
}

function readObject(body: Record<string, unknown>): ErrorBody {
  return {
    message: textOf(body["message"]),
    type: textOf(body["type"]),
    param: textOf(body["param"]),
    sentParam: textOf(body["param"]),
    code: numberOf(body["code"]),
    isHtml: false,
    wrapper: undefined,
  };
}

/** FastAPI's own errors: a text, or a list of places in the request. */
function readDetail(detail: unknown): ErrorBody {
  if (typeof detail === "string") return { ...NOTHING, message: detail };
  const first: unknown = Array.isArray(detail) ? detail[0] : detail;
  if (typeof first !== "object" || first === null) return NOTHING;
  const { loc, msg, message } = first as { loc?: unknown; msg?: unknown; message?: unknown };
  const text = textOf(msg) ?? textOf(message);
  if (!Array.isArray(loc) || text === undefined) return { ...NOTHING, message: text };
  const place = loc.filter((part) => part !== "body" && ["string", "number"].includes(typeof part)).join(".");
  return { ...NOTHING, message: `${place}: ${text}`, param: place };
}

/** LiteLLM, Ray and others put the server's JSON inside their own message. */
function unwrap(outer: ErrorBody): ErrorBody {
  const { message } = outer;
  if (message === undefined || hasSchemaEcho(message)) return outer;
  const start = message.search(/\{\s*"(error|detail|object)"/);
  const inner = start < 0 ? undefined : jsonObjectAt(message, start);
  if (inner === undefined) return outer;
  const read = readJson(inner);
  if (read.message === undefined) return outer;
  const wrapper = message.slice(0, Math.min(start, MAX_MESSAGE_LENGTH));
  return { ...read, type: read.type ?? outer.type, code: read.code ?? outer.code, wrapper };
}

function reduce(read: ErrorBody): ErrorBody {
  if (read.message === undefined) return read;
  const body = { ...read, message: withoutFrame(read.message) };
  const schemaError = readSchemaError(body.message);
  if (schemaError !== undefined) return { ...body, message: schemaError.text, param: schemaError.param };
  const message = body.message.slice(0, MAX_MESSAGE_LENGTH).trim();
  return { ...body, message: message === "" ? undefined : message };
}

/** Ray puts words of its own around the server's. */
function withoutFrame(message: string): string {
  return message.startsWith("Message: ") ? message.slice(9).replace(/ \(Request ID: .*$/s, "") : message;
}

const CUT_MESSAGE =
  /^\{\s*(?:"error"\s*:\s*\{\s*)?(?:"object"\s*:\s*"error"\s*,\s*)?"(?:message|error|detail)"\s*:\s*"((?:[^"\\]|\\.)*)/;

/** A connection that broke in the middle of the body leaves half a JSON text. */
function messageOfCutJson(text: string): string | undefined {
  const found = CUT_MESSAGE.exec(text.slice(0, MAX_MESSAGE_LENGTH))?.[1];
  return found === undefined ? undefined : (parseErrorJson(`"${found}"`) as string | undefined);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value !== "None" ? value : undefined;
}

/** LiteLLM sends the number as a string. */
function numberOf(value: unknown): number | undefined {
  if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) return undefined;
  const number = Number(value);
  return Number.isInteger(number) ? number : undefined;
}
