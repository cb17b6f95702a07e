import type { ByteBlock } from "@vllm/transport/internal";
import type { ChunkSink } from "./chunk-sink.ts";
import { PAYLOAD_KEYS, readSinglePayload, type Payload } from "./payload.ts";
import type { WireChunk } from "./wire-chunk.ts";

interface ChunkFrame {
  before: string;
  after: string;
  kind: Payload["kind"];
  choiceIndex: number;
  /** Of arguments only; else -1. */
  callIndex: number;
}

/** Text, reasoning and arguments of two calls, say. More kinds at once are parsed. */
const MOST_FRAMES = 4;
/** A stream in which every event differs (usage in each chunk) is not worth more attempts. */
const MOST_LESSONS = 32;
/** Learning costs as much as parsing four events: an answer of a word or two is over before that pays. */
const FIRST_LESSON = 2;
const QUOTE = 34;
const BACKSLASH = 92;
const BLANKS_AND_COLON = " :\t";
const PROBE = "vllm";
const SMALL_BLOCK = 4096;
/** V8 copies shorter pieces of a string anyway. */
const SHORTEST_SLICE = 13;
/** What a character after a backslash stands for, by its code; `\\u` is left to JSON. */
const ESCAPES: (string | undefined)[] = [];
for (const [letter, character] of Object.entries({
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
})) {
  ESCAPES[letter.charCodeAt(0)] = character;
}

/**
 * The fast path. Within one stream most chunks are the same bytes except for one JSON string, so what stands before and after
 * that string is learnt from a parsed chunk. A later event that has both, with a valid JSON string between them, parses to the
 * same value with another string in it, and is taken without parsing.
 */
export class RepeatedChunkReader {
  private readonly sink: ChunkSink;
  private latest: ChunkFrame | undefined;
  private frames: readonly ChunkFrame[] = [];
  private parsed = 0;
  private lessons = 0;

  constructor(sink: ChunkSink) {
    this.sink = sink;
  }

  /** Takes the event if it fits; false when it must be parsed. */
  read(block: ByteBlock, start: number, end: number): boolean {
    const frame = this.find(block.latin1, start, end);
    if (frame === undefined) return false;
    const value = readString(block, start + frame.before.length, end - frame.after.length);
    if (value === undefined) return false;
    if (value === "") return true;
    const { kind, choiceIndex } = frame;
    if (kind === "text") this.sink.onText(choiceIndex, value);
    else if (kind === "thinking") this.sink.onThinking(choiceIndex, value);
    else this.sink.onArguments(choiceIndex, frame.callIndex, value);
    return true;
  }

  /** Offers a parsed event as an example. */
  learn(block: ByteBlock, start: number, end: number, chunk: WireChunk): void {
    this.parsed += 1;
    if (this.parsed <= FIRST_LESSON || this.lessons >= MOST_LESSONS) return;
    const payload = readSinglePayload(chunk);
    if (payload === undefined) return;
    this.lessons += 1;
    const frame = toFrame(block.latin1.slice(start, end), payload);
    if (frame === undefined) return;
    this.frames = [...this.frames, frame].slice(-MOST_FRAMES);
    this.latest = frame;
  }

  private find(text: string, start: number, end: number): ChunkFrame | undefined {
    const { latest } = this;
    if (latest === undefined || fits(latest, text, start, end)) return latest;
    for (const frame of this.frames) {
      if (frame === latest || !fits(frame, text, start, end)) continue;
      this.latest = frame;
      return frame;
    }
    return undefined;
  }
}

function fits({ before, after }: ChunkFrame, text: string, start: number, end: number): boolean {
  const valueStart = start + before.length;
  const valueEnd = end - after.length;
  // Comparing slices is several times faster here than startsWith and endsWith.
  return valueEnd >= valueStart && text.slice(start, valueStart) === before && text.slice(valueEnd, end) === after;
}

/** The string whose JSON text, without its quotes, is that range; undefined when it is not one string. */
function readString(block: ByteBlock, start: number, end: number): string | undefined {
  const text = block.latin1;
  let value = "";
  let runStart = start;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      const character = ESCAPES[text.charCodeAt(at + 1)];
      if (character === undefined || at + 1 >= end) return parseString(block.utf8(start, end));
      value += text.slice(runStart, at) + character;
      at += 1;
      runStart = at + 1;
    } else if (code > 126) return parseString(block.utf8(start, end));
    else if (code === QUOTE || code < 32) return undefined;
  }
  if (runStart > start) return value + text.slice(runStart, end);
  // A slice keeps its block alive: nothing to speak of beside the other pieces of a large block, ten times its size in a small one.
  return text.length < SMALL_BLOCK && end - start >= SHORTEST_SLICE ? block.utf8(start, end) : text.slice(start, end);
}

function parseString(text: string): string | undefined {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}

function toFrame(text: string, payload: Payload): ChunkFrame | undefined {
  for (const key of PAYLOAD_KEYS[payload.kind]) {
    const valueStart = findStringAfter(text, `"${key}"`);
    if (valueStart === -1) continue;
    const before = text.slice(0, valueStart);
    const after = text.slice(findStringEnd(text, valueStart));
    if (!isSame(before, after, payload)) continue;
    const { kind, choiceIndex } = payload;
    const callIndex = kind === "arguments" ? payload.callIndex : -1;
    return { before: toOwn(before), after: toOwn(after), kind, choiceIndex, callIndex };
  }
  return undefined;
}

/** Where the first string begins that stands after the key; -1 when there is none. */
function findStringAfter(text: string, key: string): number {
  for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + 1)) {
    let next = at + key.length;
    while (BLANKS_AND_COLON.includes(text.charAt(next))) next += 1;
    if (text.charCodeAt(next) === QUOTE && text.charCodeAt(next + 1) !== QUOTE) return next + 1;
  }
  return -1;
}

function findStringEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** Proves the frame: with another string in the gap, the same reading finds that string and everything else as it was. */
function isSame(before: string, after: string, expected: Payload): boolean {
  try {
    const read = readSinglePayload(JSON.parse(`${before}${PROBE}${after}`) as WireChunk);
    return (
      read?.value === PROBE &&
      read.kind === expected.kind &&
      read.choiceIndex === expected.choiceIndex &&
      (read.kind !== "arguments" || expected.kind !== "arguments" || read.callIndex === expected.callIndex)
    );
  } catch {
    return false;
  }
}

/** A copy that does not keep the block alive from which the text was cut. */
function toOwn(text: string): string {
  return ` ${text}`.slice(1);
}
