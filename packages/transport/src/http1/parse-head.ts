import { HttpError } from "./http-error.ts";

/** The head of an answer. */
export interface ParsedHead {
  status: number;
  /** The reason phrase. */
  statusText: string;
  /** As they came: names as the server writes them, a repeated one as often as it is there. */
  lines(): [name: string, value: string][];
  /** Names in lower case; the values of a repeated header joined with a comma and a blank. */
  headers: ReadonlyMap<string, string>;
}

export interface FramedHead extends ParsedHead {
  /** Where the body ends, unless the request or the status says that there is none: its length in bytes, by its chunks, or with the connection. */
  framing: number | "chunks" | "close";
  /** The connection may carry another request. */
  keepAlive: boolean;
}

/** Everything but controls; a byte ≥ 0x80 is some character ≥ U+0080. A control in a value is how one header passes for two. */
const TEXT = "[\\t -~\\x80-\\uffff]*";
const STATUS_LINE = new RegExp(`^HTTP/1\\.([01]) ([1-9]\\d{2})(?: (${TEXT}))?$`);
const FIELD_LINES = new RegExp(`^(?:[!#$%&'*+\\-.^_\`|~0-9A-Za-z]+:${TEXT}(?:\\r\\n|$))*$`);

/**
 * A head without the empty line at its end (RFC 9112, 4 and 5). Nothing is accepted that llhttp, the parser of `node:http`, refuses.
 *
 * Stricter than that: only HTTP/1.0 and 1.1, no status below 100, no control in a reason phrase.
 */
export function parseHead(text: string): FramedHead | HttpError {
  const first = text.indexOf("\r\n");
  const match = STATUS_LINE.exec(first === -1 ? text : text.slice(0, first));
  if (match?.[1] === undefined || match[2] === undefined) return new HttpError("the answer is not HTTP");
  const fields = parseFields(first === -1 ? "" : text.slice(first + 2));
  if (fields instanceof HttpError) return fields;
  const framing = findFraming(fields.headers);
  if (framing instanceof HttpError) return framing;
  return {
    status: Number(match[2]),
    statusText: match[3] ?? "",
    ...fields,
    framing,
    keepAlive: mayKeepAlive(fields.headers, match[1] === "1" || KEPT_HTTP_10.test(text)),
  };
}

/** Lines of names and values: of a head, or behind the last chunk. */
export function parseFields(text: string): Pick<ParsedHead, "lines" | "headers"> | HttpError {
  // One look at all lines is faster than one at each.
  if (!FIELD_LINES.test(text)) return new HttpError("a header of the answer is malformed", "HPE_INVALID_HEADER_TOKEN");
  const headers = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const found = text.indexOf("\r\n", at);
    const end = found === -1 ? text.length : found;
    const colon = text.indexOf(":", at);
    const name = text.slice(at, colon).toLowerCase();
    const value = trimBlanks(text, colon + 1, end);
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
    at = end + 2;
  }
  // Only a message that is passed on needs them.
  return { headers, lines: () => (text === "" ? [] : text.split("\r\n").map(toLine)) };
}

function toLine(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), trimBlanks(line, colon + 1, line.length)];
}

/** `trim()` takes more away than HTTP does: a length of "\u00a05" would be 5. */
function trimBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function findFraming(headers: ParsedHead["headers"]): FramedHead["framing"] | HttpError {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding === undefined) {
    if (length === undefined) return "close";
    // A second length is a list by now, even where both say the same.
    if (/^\d{1,15}$/.test(length)) return Number(length);
    return length.includes(",")
      ? new HttpError("the answer has two content lengths", "HPE_UNEXPECTED_CONTENT_LENGTH")
      : new HttpError("the answer has a content length that is not a number", "HPE_INVALID_CONTENT_LENGTH");
  }
  // What answers are smuggled with: two readers, two ends.
  if (length !== undefined)
    return new HttpError("the answer has a content length and a transfer encoding", "HPE_UNEXPECTED_CONTENT_LENGTH");
  if (coding === "chunked") return "chunks";
  if (/(?:^|,)[\t ]*(?:,|$)/.test(coding))
    return new HttpError("the answer has an empty transfer encoding", "HPE_INVALID_TRANSFER_ENCODING");
  return /(?:^|,)[\t ]*chunked$/i.test(coding) ? "chunks" : "close";
}

/** The one spelling that llhttp knows: a blank more, and it is another option. */
const KEPT_HTTP_10 = /\r\n(?:proxy-)?connection: ?keep-alive(?:\r|$)/i;

function mayKeepAlive(headers: ParsedHead["headers"], isKept: boolean): boolean {
  const connection = headers.get("connection") ?? headers.get("proxy-connection");
  if (connection === undefined) return isKept;
  const options = connection.toLowerCase().split(",");
  return isKept && !options.some((option) => option.trim() === "close");
}

const SHORTEST_STATUS_LINE = "HTTP/1.1 200";

/** Whether an answer could begin like this. */
export function isStartOfHead(text: string): boolean {
  return !(parseHead(completeHead(text)) instanceof HttpError);
}

/** The shortest head that begins so, without its last line end. */
function completeHead(text: string): string {
  if (text.endsWith("\r")) return text.slice(0, -1);
  const lastLineEnd = text.lastIndexOf("\r\n");
  if (lastLineEnd === -1) return text + SHORTEST_STATUS_LINE.slice(text.length);
  const line = text.slice(lastLineEnd + 2);
  if (line === "") return text.slice(0, lastLineEnd);
  const colon = line.indexOf(":");
  // A length is never empty.
  return colon === -1 ? `${text}:0` : line.slice(colon + 1).trim() === "" ? `${text}0` : text;
}
