import { DEFAULT_LIMITS } from "@vllm/schema/core";
import type { ByteBlock } from "../exchange/byte-block.ts";
import { LimitExceeded } from "../exchange/limit-exceeded.ts";
import { HttpError } from "./http-error.ts";
import { MOST_SIZE_DIGITS, parseChunkSize } from "./parse-chunk-size.ts";
import { isStartOfHead, parseFields, parseHead, type FramedHead, type ParsedHead } from "./parse-head.ts";

export interface ResponseSink {
  onHead(head: ParsedHead): void;
  /** A piece of the body: a range of the block, which is good only during the call. Never empty. */
  onBody(block: ByteBlock, start: number, end: number): void;
  /** @param mayReuse true when the connection can carry another request */
  onEnd(mayReuse: boolean): void;
  /** The bytes break the protocol, end too early, or have a head that is too large. Nothing comes after it. */
  onError(error: HttpError | LimitExceeded): void;
}

const CR = 13;
const LF = 10;
const MOST_SIZE_LINE = 1024;

type State =
  | "head"
  | "counted"
  | "until-close"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailer"
  | "over"
  | "broken";

/**
 * HTTP/1.1 answers (RFC 9112) from bytes that are cut anywhere. Hands the body on as ranges of the blocks it came in: vLLM sends
 * every event as an HTTP chunk of its own, and Node's client makes a buffer and several calls of each.
 *
 * Nothing is accepted that llhttp, the parser of `node:http`, refuses: line ends are CRLF, header lines are not folded, a body has one
 * length, extensions and trailers have their form, and nothing but another answer follows (`response-parser.llhttp.test.ts`).
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
    return this.state === "head" && this.carry === "" && this.headBytes === 0;
  }

  /** What has come so far could go on to be a whole answer. */
  private get isSound(): boolean {
    if (this.carry === "" || this.state === "broken") return this.state !== "broken";
    return this.state === "head" ? isStartOfHead(this.carry) : /^[0-9A-Fa-f]+$/.test(this.carry);
  }

  push(block: ByteBlock, from = 0): void {
    const text = block.latin1;
    const end = text.length;
    let at = from;
    while (at < end) {
      switch (this.state) {
        case "head":
          at = this.readHead(block, at);
          break;
        case "chunk-size":
          at = this.carry === "" ? this.readChunks(block, at) : this.readChunkSize(text, at);
          break;
        case "chunk-data":
        case "counted": {
          const pieceEnd = Math.min(end, at + this.missing);
          this.missing -= pieceEnd - at;
          this.sink.onBody(block, at, pieceEnd);
          at = pieceEnd;
          if (this.missing > 0) break;
          if (this.state === "chunk-data") this.state = "chunk-end";
          else if (this.state === "counted") this.end(block, at);
          break;
        }
        case "chunk-end":
          at = this.readChunkEnd(text, at);
          break;
        case "trailer":
          at = this.readTrailer(block, at);
          break;
        case "until-close":
          this.sink.onBody(block, at, end);
          at = end;
          break;
        case "over":
        case "broken":
          return;
      }
    }
  }

  /** The server has closed the connection. */
  close(): void {
    if (this.state === "until-close") this.finish(false);
    else if (this.state !== "over" && this.state !== "broken")
      this.fail(new HttpError("the connection was closed before the answer was whole", "ECONNRESET"));
  }

  private readHead(block: ByteBlock, from: number): number {
    const text = block.latin1;
    const searchFrom = this.carry.length;
    let start = from;
    if (searchFrom === 0) {
      // Empty lines before an answer, as some servers send after a body they have read.
      while (start < text.length && isLineEnd(text.charCodeAt(start))) start += 1;
      this.headBytes += start - from;
    }
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
    else if (head.status >= 200) this.openBody(head, block, next);
    else if (head.status === 101) this.fail(new HttpError("the server changed the protocol", "HPE_INVALID_UPGRADE"));
    // 100 and 103 announce the real answer.
    else if (!head.keepAlive)
      this.fail(new HttpError("the server closes the connection before its answer", "HPE_CLOSED_CONNECTION"));
    return next;
  }

  private openBody(head: FramedHead, block: ByteBlock, next: number): void {
    const { status, framing } = head;
    this.keepAlive = head.keepAlive;
    const hasNoBody = this.method === "HEAD" || status === 204 || status === 304;
    if (hasNoBody || typeof framing === "number") {
      this.state = "counted";
      this.missing = hasNoBody ? 0 : (framing as number);
    } else this.state = framing === "chunks" ? "chunk-size" : "until-close";
    this.sink.onHead(head);
    if (this.state === "counted" && this.missing === 0) this.end(block, next);
  }

  /** Hands on the chunks that are all here, as nearly all are: one look at each. Stops in or before one of any other form. */
  private readChunks(block: ByteBlock, from: number): number {
    const text = block.latin1;
    let next = from;
    for (;;) {
      let at = next;
      let size = 0;
      for (; at < next + MOST_SIZE_DIGITS; at += 1) {
        const code = text.charCodeAt(at);
        const lower = code | 32;
        if (code >= 48 && code <= 57) size = size * 16 + code - 48;
        else if (lower >= 97 && lower <= 102) size = size * 16 + lower - 87;
        else break;
      }
      const start = at + 2;
      const end = start + size;
      // The size has extensions, is no size, or goes on in the next block.
      if (at === next || !isCrlf(text, at)) return next < text.length ? this.readChunkSize(text, next) : next;
      if (size === 0 || !isCrlf(text, end)) {
        this.openChunk(size);
        return start;
      }
      this.sink.onBody(block, start, end);
      next = end + 2;
    }
  }

  private readChunkSize(text: string, start: number): number {
    const lineEnd = text.indexOf("\n", start);
    const line = this.carry + (lineEnd === -1 ? text.slice(start) : text.slice(start, lineEnd + 1));
    if (lineEnd === -1) {
      this.carry = line;
      if (line.length > MOST_SIZE_LINE) this.failWithChunk("the size of a chunk is too long");
      return text.length;
    }
    this.carry = "";
    const parsed = parseChunkSize(line);
    if (parsed === undefined) this.failWithChunk("the size of a chunk is not a number");
    else this.openChunk(parsed);
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
    } else if (this.carry !== "\r") this.failWithChunk("a chunk is longer than its size");
    return start + 1;
  }

  private readTrailer(block: ByteBlock, start: number): number {
    const text = block.latin1;
    const lineEnd = text.indexOf("\n", start);
    this.carry += lineEnd === -1 ? text.slice(start) : text.slice(start, lineEnd + 1);
    const next = lineEnd === -1 ? text.length : lineEnd + 1;
    this.headBytes += next - start;
    if (this.headBytes > this.mostHeadBytes) this.failWithHead();
    else if (lineEnd !== -1) {
      const line = this.carry;
      this.carry = "";
      if (line === "\r\n") this.end(block, next);
      else this.checkTrailer(line);
    }
    return next;
  }

  private checkTrailer(line: string): void {
    const fields = line.endsWith("\r\n") ? parseFields(line.slice(0, -2)) : undefined;
    if (fields === undefined || fields instanceof HttpError)
      this.fail(new HttpError("a trailer of the answer is malformed", "HPE_INVALID_HEADER_TOKEN"));
    else if (fields.headers.has("content-length"))
      this.fail(new HttpError("the answer has a length behind its chunks", "HPE_UNEXPECTED_CONTENT_LENGTH"));
  }

  private end(block: ByteBlock, at: number): void {
    if (this.sink === NOBODY && this.keepAlive) this.state = "head";
    else if (at === block.latin1.length) this.finish(this.keepAlive);
    else if (this.mayBeFollowedBy(block, at)) this.finish(false);
    else this.fail(new HttpError("the answer is longer than it says", "HPE_CLOSED_CONNECTION"));
  }

  /** As for llhttp: by line ends, and on a connection that stays open by other answers, which nobody reads. */
  private mayBeFollowedBy(block: ByteBlock, from: number): boolean {
    const text = block.latin1;
    let at = from;
    while (at < text.length && isLineEnd(text.charCodeAt(at))) at += 1;
    if (at === text.length) return true;
    if (!this.keepAlive) return false;
    const next = new ResponseParser("GET", NOBODY, this.mostHeadBytes);
    next.push(block, at);
    return next.isSound;
  }

  private finish(mayReuse: boolean): void {
    this.state = "over";
    this.sink.onEnd(mayReuse);
  }

  private failWithChunk(message: string): void {
    this.fail(new HttpError(message, "HPE_INVALID_CHUNK_SIZE"));
  }

  private failWithHead(): void {
    this.fail(new LimitExceeded("headBytes", this.mostHeadBytes));
  }

  private fail(error: HttpError | LimitExceeded): void {
    this.state = "broken";
    this.sink.onError(error);
  }
}

function couldBeHttp(text: string): boolean {
  const start = "HTTP/1.";
  return text.startsWith(start.slice(0, text.length));
}

const NOBODY: ResponseSink = { onHead() {}, onBody() {}, onEnd() {}, onError() {} };

function isLineEnd(code: number): boolean {
  return code === CR || code === LF;
}

function isCrlf(text: string, at: number): boolean {
  return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF;
}
