import { DEFAULT_LIMITS } from "@vllm/schema/core";
import type { ByteBlock } from "../byte-block.ts";
import { LimitExceeded } from "../limit-exceeded.ts";

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

export interface ResponseSink {
  onHead(head: ParsedHead): void;
  /** A piece of the body: a range of the block, which is good only during the call. Never empty. */
  onBody(block: ByteBlock, start: number, end: number): void;
  /** @param mayReuse true when the connection can carry another request */
  onEnd(mayReuse: boolean): void;
  /** The bytes break the protocol, end too early, or have a head that is too large. Nothing comes after it. */
  onError(error: HttpError | LimitExceeded): void;
}

/** An answer that is no HTTP/1.1, or is cut. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  /** Read by `errorFromNetwork`: what Node's own client calls these failures. */
  readonly code: "HPE_INVALID_CONSTANT" | "ECONNRESET";

  constructor(message: string, code: HttpError["code"] = "HPE_INVALID_CONSTANT") {
    super(message);
    this.code = code;
  }
}

const CR = 13;
const LF = 10;
const MOST_SIZE_LINE = 1024;
/** 2^48 bytes: what stands above it is no size. */
const MOST_SIZE_DIGITS = 12;

type State = "head" | "counted" | "until-close" | "chunk-size" | "chunk-data" | "chunk-end" | "trailer" | "over";

/**
 * HTTP/1.1 answers (RFC 9112) from bytes that are cut anywhere. Hands the body on as ranges of the blocks it came in: vLLM sends
 * every event as an HTTP chunk of its own, and Node's client makes a buffer and several calls of each.
 *
 * Stricter than it has to be: line ends are CRLF, header lines are not folded, and a body has one length.
 */
export class ResponseParser {
  private readonly sink: ResponseSink;
  private readonly method: string;
  private readonly mostHeadBytes: number;
  /** Bytes of the heads so far: a server may announce its answer for ever. */
  private headBytes = 0;
  private state: State = "head";
  /** A head, a size line or a trailer line whose end has not come. */
  private carry = "";
  /** Bytes that are missing of a counted body or of a chunk. */
  private missing = 0;
  private keepAlive = false;

  constructor(method: string, sink: ResponseSink, mostHeadBytes: number = DEFAULT_LIMITS.headBytes) {
    this.method = method;
    this.sink = sink;
    this.mostHeadBytes = mostHeadBytes;
  }

  /** True until the first byte of an answer. */
  get isUntouched(): boolean {
    return this.state === "head" && this.carry === "";
  }

  push(block: ByteBlock): void {
    const text = block.latin1;
    const end = text.length;
    let at = 0;
    while (at < end) {
      switch (this.state) {
        case "head":
          at = this.readHead(text, at);
          break;
        case "chunk-size":
          at = this.readChunkSize(text, at);
          break;
        case "chunk-data":
        case "counted": {
          const pieceEnd = Math.min(end, at + this.missing);
          this.missing -= pieceEnd - at;
          this.sink.onBody(block, at, pieceEnd);
          at = pieceEnd;
          if (this.missing > 0) break;
          if (this.state === "chunk-data") this.state = "chunk-end";
          else if (this.state === "counted") this.end(this.keepAlive && at === end);
          break;
        }
        case "chunk-end":
          at = this.readChunkEnd(text, at);
          break;
        case "trailer":
          at = this.readTrailer(text, at);
          break;
        case "until-close":
          this.sink.onBody(block, at, end);
          at = end;
          break;
        case "over":
          return;
      }
    }
  }

  /** The server has closed the connection. */
  close(): void {
    if (this.state === "until-close") this.end(false);
    else if (this.state !== "over")
      this.fail(new HttpError("the connection was closed before the answer was whole", "ECONNRESET"));
  }

  private readHead(text: string, start: number): number {
    const searchFrom = this.carry.length;
    const all = searchFrom === 0 && start === 0 ? text : this.carry + text.slice(start);
    if (!couldBeHttp(all)) {
      this.fail(new HttpError("the answer is not HTTP"));
      return text.length;
    }
    const headEnd = all.indexOf("\r\n\r\n", Math.max(0, searchFrom - 3));
    if (headEnd === -1) {
      this.carry = all;
      if (this.headBytes + all.length > this.mostHeadBytes) this.failWithHead();
      return text.length;
    }
    this.carry = "";
    this.headBytes += headEnd + 4;
    if (this.headBytes > this.mostHeadBytes) {
      this.failWithHead();
      return text.length;
    }
    const next = start + headEnd + 4 - searchFrom;
    const head = parseHead(all.slice(0, headEnd));
    if (head instanceof HttpError) this.fail(head);
    // 100 and 103 announce the real answer.
    else if (head.status >= 200) this.openBody(head, next === text.length);
    else if (head.status === 101) this.fail(new HttpError("the server changed the protocol"));
    return next;
  }

  private openBody(head: ParsedHead & { version: string }, isBlockEnd: boolean): void {
    const { status, headers } = head;
    const coding = headers.get("transfer-encoding")?.toLowerCase();
    const length = headers.get("content-length");
    const connection = headers.get("connection")?.toLowerCase() ?? "";
    this.keepAlive = head.version === "1" ? !connection.includes("close") : connection.includes("keep-alive");
    if (coding !== undefined && coding !== "chunked") {
      this.fail(new HttpError("the answer has a transfer encoding that is not known"));
      return;
    }
    if (coding === undefined && length !== undefined && !/^\d{1,15}$/.test(length)) {
      this.fail(new HttpError("the answer has a content length that is no number"));
      return;
    }
    // Both together are what request smuggling is made of: the chunks count, and the connection is used up.
    if (coding !== undefined && length !== undefined) this.keepAlive = false;
    const hasNoBody = this.method === "HEAD" || status === 204 || status === 304;
    if (hasNoBody) this.state = "counted";
    else if (coding !== undefined) this.state = "chunk-size";
    else if (length !== undefined) {
      this.state = "counted";
      this.missing = Number(length);
    } else this.state = "until-close";
    this.sink.onHead(head);
    if (this.state === "counted" && this.missing === 0) this.end(this.keepAlive && isBlockEnd);
  }

  private readChunkSize(text: string, start: number): number {
    let at = start;
    let size = 0;
    if (this.carry === "") {
      // Nearly always the whole line is here, and has nothing but digits.
      for (; at < text.length; at += 1) {
        const digit = hexDigit(text.charCodeAt(at));
        if (digit === -1) break;
        size = size * 16 + digit;
      }
      const digits = at - start;
      if (digits > 0 && digits <= MOST_SIZE_DIGITS && text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF) {
        this.openChunk(size);
        return at + 2;
      }
    }
    const lineEnd = text.indexOf("\n", start);
    const line = this.carry + (lineEnd === -1 ? text.slice(start) : text.slice(start, lineEnd + 1));
    if (lineEnd === -1) {
      this.carry = line;
      if (line.length > MOST_SIZE_LINE) this.fail(new HttpError("the size of a chunk is too long"));
      return text.length;
    }
    this.carry = "";
    const match = /^([0-9a-f]{1,12})[ \t]*(?:;[^\r\n]*)?\r\n$/i.exec(line);
    if (match?.[1] === undefined) this.fail(new HttpError("the size of a chunk is no number"));
    else this.openChunk(Number.parseInt(match[1], 16));
    return lineEnd + 1;
  }

  private openChunk(size: number): void {
    this.missing = size;
    this.state = size === 0 ? "trailer" : "chunk-data";
  }

  private readChunkEnd(text: string, start: number): number {
    if (this.carry === "" && text.charCodeAt(start) === CR && text.charCodeAt(start + 1) === LF) {
      this.state = "chunk-size";
      return start + 2;
    }
    this.carry += text.charAt(start);
    if (this.carry === "\r\n") {
      this.carry = "";
      this.state = "chunk-size";
    } else if (this.carry !== "\r") this.fail(new HttpError("a chunk is longer than its size"));
    return start + 1;
  }

  private readTrailer(text: string, start: number): number {
    const lineEnd = text.indexOf("\n", start);
    this.carry += lineEnd === -1 ? text.slice(start) : text.slice(start, lineEnd + 1);
    const next = lineEnd === -1 ? text.length : lineEnd + 1;
    this.headBytes += next - start;
    if (this.headBytes > this.mostHeadBytes) this.failWithHead();
    else if (lineEnd !== -1) {
      const isLast = this.carry === "\r\n";
      this.carry = "";
      if (isLast) this.end(this.keepAlive && next === text.length);
    }
    return next;
  }

  private end(mayReuse: boolean): void {
    this.state = "over";
    this.sink.onEnd(mayReuse);
  }

  private failWithHead(): void {
    this.fail(new LimitExceeded("headBytes", this.mostHeadBytes));
  }

  private fail(error: HttpError | LimitExceeded): void {
    this.state = "over";
    this.sink.onError(error);
  }
}

function couldBeHttp(text: string): boolean {
  const start = "HTTP/1.";
  return text.startsWith(start.slice(0, text.length));
}

function parseHead(text: string): (ParsedHead & { version: string }) | HttpError {
  const [statusLine = "", ...rest] = text.split("\r\n");
  const match = /^HTTP\/1\.([01]) (\d{3})(?: ([^\r\n]*))?$/.exec(statusLine);
  if (match?.[1] === undefined || match[2] === undefined) return new HttpError("the answer is not HTTP");
  const headers = new Map<string, string>();
  for (const line of rest) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
      return new HttpError("a header of the answer is malformed");
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    if (before === undefined) headers.set(name, value);
    // The same length twice is one length.
    else if (name !== "content-length" || before !== value) headers.set(name, `${before}, ${value}`);
  }
  // Only a message that is passed on needs them.
  const lines = () => rest.map(toLine);
  return { version: match[1], status: Number(match[2]), statusText: match[3] ?? "", lines, headers };
}

function toLine(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
