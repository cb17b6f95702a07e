import { VllmError } from "@vllm/schema/core";
import { isLines } from "../exchange/header-lines.ts";
import type { TransportRequest } from "../exchange/transport.ts";
import { USER_AGENT } from "../exchange/user-agent.ts";

/** Where a request goes, as its head says it. */
export interface HeadTarget {
  /** The request line without its method. */
  path: string;
  /** What goes before a request's own target: the origin, for a proxy. */
  origin: string;
  host: string;
  /** Set when the request goes to a proxy as it is, not through a tunnel. */
  proxyAuthorization: string | undefined;
}

const USER_AGENT_LINE = `user-agent: ${USER_AGENT}\r\n`;
/** Methods whose requests announce no body unless they have one (RFC 9110, 8.6). */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);
const OWN_HEADERS = new Set(["host", "content-length", "transfer-encoding", "connection"]);
const ASCII = /^[\t\u0020-\u007e]*$/;
const PASSED_ON = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/**
 * The request line and the headers, ready to be written.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a header that HTTP cannot hold, `INVALID_REQUEST` for such a target
 */
export function toRequestHead({ method, headers, body, target }: TransportRequest, to: HeadTarget): string {
  let head = `${method} ${target === undefined ? to.path : to.origin + checkTarget(target)} HTTP/1.1\r\nhost: ${to.host}\r\n`;
  if (isLines(headers)) {
    for (const [name, value] of headers) head += `${checkHeader(name, value, PASSED_ON)}\r\n`;
  } else {
    if (headers["user-agent"] === undefined) head += USER_AGENT_LINE;
    for (const name in headers) head += `${checkHeader(name, headers[name] ?? "", ASCII)}\r\n`;
  }
  if (to.proxyAuthorization !== undefined) head += `proxy-authorization: ${to.proxyAuthorization}\r\n`;
  if (body !== undefined)
    head += `content-length: ${typeof body === "string" ? Buffer.byteLength(body) : body.length}\r\n`;
  else if (!BODILESS.has(method)) head += "content-length: 0\r\n";
  return `${head}\r\n`;
}

function checkHeader(name: string, value: string, allowed: RegExp): string {
  if (OWN_HEADERS.has(name.toLowerCase())) throw badHeader(`The header ${name}`, "is set by the client itself");
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw badHeader("A header", "has a name that HTTP does not allow");
  if (!allowed.test(value)) throw badHeader(`The header ${name}`, "has a character that HTTP headers cannot hold");
  return `${name}: ${value}`;
}

function checkTarget(target: string): string {
  if (/^\/[\u0021-\u007e\u0080-\u00ff]*$/.test(target)) return target;
  throw new VllmError({
    code: "INVALID_REQUEST",
    message: "The request's target is not a path that HTTP can hold.",
    hint: "Write it as a path, with blanks and control characters percent-encoded.",
  });
}

function badHeader(what: string, problem: string): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `${what} ${problem}.`,
    hint: "Change it in headers. Values are ASCII, without line breaks.",
  });
}
