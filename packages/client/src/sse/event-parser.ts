import { DEFAULT_LIMITS } from "@vllm/schema/core";
import { LimitExceeded, copyBytes, createByteBlock, type ByteBlock, ByteCollector } from "@vllm/transport/internal";

/** Gets the data of each event as a range of bytes, so that nobody decodes what nobody reads. */
export interface EventSink {
  /** One event. `name` is its `event:` field. */
  onEvent(block: ByteBlock, start: number, end: number, name: string | undefined): void;
  /** Data that was not ended by an empty line when the stream ended. */
  onUnfinished(block: ByteBlock, start: number, end: number): void;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const D = 100;
const EMPTY = createByteBlock(new Uint8Array(0));
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

/**
 * Server-sent events, as the HTML standard reads them (section 9.2.6), from bytes that are cut anywhere.
 * Lines end with LF, CR or CRLF and with nothing else: U+2028 in vLLM's JSON is text.
 *
 * Throws `LimitExceeded` as soon as it would have to keep more of one event than allowed.
 */
export class EventParser {
  private readonly sink: EventSink;
  private readonly mostBytes: number;
  /** True when the next byte is the first one of an event, and not of the stream. */
  private isBetweenEvents = false;
  private isFirstLine = true;
  private skipLineFeed = false;
  /** The start of a line whose end has not come. */
  private carry: ByteCollector | undefined;
  /** Bytes of the event's lines so far, the carried one aside. */
  private kept = 0;
  private name: string | undefined;
  private dataBlock: ByteBlock | undefined;
  private dataStart = 0;
  private dataEnd = 0;
  /** False while the event's data stands in a block that is good only for now. */
  private ownsData = false;
  private moreData: string[] | undefined;

  constructor(sink: EventSink, mostBytes: number = DEFAULT_LIMITS.eventBytes) {
    this.sink = sink;
    this.mostBytes = mostBytes;
  }

  /** Takes the next bytes: the whole block, or a range of it. */
  push(block: ByteBlock, start = 0, end = block.latin1.length): void {
    const text = block.latin1;
    if (this.isBetweenEvents && end - start <= this.mostBytes && isOneEvent(text, start, end))
      this.sink.onEvent(block, start + (text.charCodeAt(start + 5) === SPACE ? 6 : 5), end - 2, undefined);
    else this.pushLines(block, start, end);
  }

  private pushLines(block: ByteBlock, start: number, end: number): void {
    const text = block.latin1;
    let at = start;
    if (this.skipLineFeed && at < end) {
      this.skipLineFeed = false;
      if (text.charCodeAt(at) === LF) at += 1;
    }
    let feedAt = find(text, "\n", at, end);
    let returnAt = find(text, "\r", at, end);
    while (at < end) {
      if (feedAt < at) feedAt = find(text, "\n", at, end);
      if (returnAt < at) returnAt = find(text, "\r", at, end);
      const lineEnd = feedAt < returnAt ? feedAt : returnAt;
      if (lineEnd === end) {
        this.isBetweenEvents = false;
        this.carry ??= new ByteCollector();
        this.checkSize(this.carry.length + end - at);
        this.carry.append(block, at, end);
        break;
      }
      if (this.isBetweenEvents && lineEnd - at <= this.mostBytes && isWholeEvent(text, at, lineEnd, end)) {
        this.sink.onEvent(block, at + (text.charCodeAt(at + 5) === SPACE ? 6 : 5), lineEnd, undefined);
        at = lineEnd + 2;
        continue;
      }
      if (this.carry === undefined) this.line(block, at, lineEnd);
      else this.carriedLine(this.carry, block, at, lineEnd);
      at = this.afterLineEnd(text, lineEnd, end);
    }
    if (this.dataBlock !== undefined && !this.ownsData) this.keepData(this.dataBlock);
  }

  /** The stream is over. */
  end(): void {
    if (this.carry !== undefined) this.carriedLine(this.carry, EMPTY, 0, 0);
    this.withData((block, start, end) => this.sink.onUnfinished(block, start, end));
  }

  private carriedLine(carry: ByteCollector, block: ByteBlock, start: number, end: number): void {
    this.checkSize(carry.length + end - start);
    carry.append(block, start, end);
    this.carry = undefined;
    const joined = createByteBlock(carry.joined());
    this.line(joined, 0, joined.latin1.length);
  }

  private checkSize(lineLength: number): void {
    if (this.kept + lineLength > this.mostBytes) throw new LimitExceeded("eventBytes", this.mostBytes);
  }

  private afterLineEnd(text: string, lineEnd: number, end: number): number {
    if (text.charCodeAt(lineEnd) !== CR) return lineEnd + 1;
    if (lineEnd + 1 >= end) {
      this.skipLineFeed = true;
      return lineEnd + 1;
    }
    return text.charCodeAt(lineEnd + 1) === LF ? lineEnd + 2 : lineEnd + 1;
  }

  private line(block: ByteBlock, lineStart: number, end: number): void {
    const text = block.latin1;
    let start = lineStart;
    if (this.isFirstLine) {
      this.isFirstLine = false;
      if (text.startsWith(BYTE_ORDER_MARK, start)) start += 3;
    }
    this.isBetweenEvents = start === end;
    if (start === end) {
      this.dispatch();
      return;
    }
    const line = text.slice(start, end);
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const afterColon = colon === -1 ? end : start + colon + 1;
    const valueStart = afterColon < end && text.charCodeAt(afterColon) === SPACE ? afterColon + 1 : afterColon;
    if (field === "data") {
      this.checkSize(end - start);
      this.kept += end - start;
      this.addData(block, valueStart, end);
    } else if (field === "event") this.name = block.utf8(valueStart, end);
  }

  private addData(block: ByteBlock, start: number, end: number): void {
    if (this.dataBlock === undefined) {
      this.dataBlock = block;
      this.dataStart = start;
      this.dataEnd = end;
      this.ownsData = false;
    } else {
      this.moreData ??= [];
      this.moreData.push(block.utf8(start, end));
    }
  }

  /** The event goes on in the next block. */
  private keepData(block: ByteBlock): void {
    const bytes = copyBytes(block, this.dataStart, this.dataEnd);
    this.dataBlock = createByteBlock(bytes);
    this.dataStart = 0;
    this.dataEnd = bytes.length;
    this.ownsData = true;
  }

  private dispatch(): void {
    const { name } = this;
    this.name = undefined;
    this.kept = 0;
    if (this.dataBlock === undefined) return;
    this.withData((block, start, end) => {
      if (start < end) this.sink.onEvent(block, start, end, name);
    });
  }

  private withData(use: (block: ByteBlock, start: number, end: number) => void): void {
    const { dataBlock, dataStart, dataEnd, moreData } = this;
    this.dataBlock = undefined;
    this.moreData = undefined;
    if (dataBlock === undefined) return;
    if (moreData === undefined) {
      use(dataBlock, dataStart, dataEnd);
      return;
    }
    const joined = [dataBlock.utf8(dataStart, dataEnd), ...moreData].join("\n");
    const block = createByteBlock(new TextEncoder().encode(joined));
    use(block, 0, block.latin1.length);
  }
}

/** All there is, as vLLM sends each event in an HTTP chunk of its own. */
function isOneEvent(text: string, start: number, end: number): boolean {
  return (
    end - start > 8 &&
    text.charCodeAt(end - 1) === LF &&
    text.indexOf("\n", start) === end - 2 &&
    text.startsWith("data:", start) &&
    find(text, "\r", start, end) === end
  );
}

/** The form of every event of vLLM: one `data: …` line and an empty one, here both in this block. */
function isWholeEvent(text: string, at: number, lineEnd: number, end: number): boolean {
  return (
    lineEnd + 1 < end &&
    text.charCodeAt(lineEnd + 1) === LF &&
    text.charCodeAt(lineEnd) === LF &&
    lineEnd > at + 6 &&
    text.charCodeAt(at) === D &&
    text.charCodeAt(at + 4) === COLON &&
    text.startsWith("data:", at)
  );
}

/** Position of the character in `start..end`, or `end`. */
function find(text: string, character: string, start: number, end: number): number {
  const at = text.indexOf(character, start);
  return at === -1 || at > end ? end : at;
}
