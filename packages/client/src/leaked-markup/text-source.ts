import { JsonScanner } from "../json/json-scanner.ts";
import { parseRawJson } from "../repairs/escape-control-characters.ts";
import { markerSetOf, type MarkerSet } from "./marker-set.ts";
import type { ToolCallFormat } from "@vllm/schema/core";

/** A call whose end was seen. */
export interface FoundCall {
  name: string;
  argumentsText: string;
  format: ToolCallFormat;
}

/**
 * A reader of text that comes in pieces. It yields `undefined` to wait for more, or a call as soon as the call is closed;
 * what came before a yielded call is settled.
 */
export type Reading<Value> = Generator<FoundCall | undefined, Value>;

const BLANK = /\s*/y;

/** Text that comes in pieces, with a place in it. Consumed text is kept until it is settled, so a reader may fail and go back. */
export class TextSource {
  /** What is here and not consumed starts at {@link at}. */
  window = "";
  at = 0;
  /** True when no more will come. */
  ended = false;
  /** True when the answer was cut, so that what is here need not be the whole of it. */
  wasCut = false;
  private consumed: string[] = [];

  append(text: string): void {
    if (this.at > 0) {
      this.consumed.push(this.window.slice(0, this.at));
      this.window = this.window.slice(this.at);
      this.at = 0;
    }
    this.window += text;
  }

  /** Settles what was consumed: there is no way back behind this place. */
  settle(): void {
    if (this.consumed.length > 0) this.consumed = [];
    this.window = this.window.slice(this.at);
    this.at = 0;
  }

  /** Goes back to the last settled place, and says how much there is to read again. */
  rewind(): number {
    const length = this.consumed.reduce((sum, text) => sum + text.length, this.at);
    this.window = this.consumed.join("") + this.window;
    this.consumed = [];
    this.at = 0;
    return length;
  }

  /** Takes `count` characters out of the window; they must be there. */
  take(count: number): string {
    const text = this.window.slice(this.at, this.at + count);
    this.at += count;
    this.settle();
    return text;
  }

  /** Settles what was consumed, and gives it. */
  takeConsumed(): string {
    const text = this.consumed.join("") + this.window.slice(0, this.at);
    this.settle();
    return text;
  }

  /** The next character, or an empty text at the end. */
  *peek(): Reading<string> {
    while (this.at >= this.window.length && !this.ended) yield;
    return this.window.charAt(this.at);
  }

  /** Consumes blanks; true when the whole answer ends here. */
  *wholeAnswerEnds(): Reading<boolean> {
    yield* this.blanks();
    return (yield* this.peek()) === "" && !this.wasCut;
  }

  *blanks(): Reading<void> {
    yield* this.run(BLANK);
  }

  /** Consumes all that a sticky pattern of single characters matches from here on, and gives it. */
  *run(characters: RegExp): Reading<string> {
    let text = "";
    for (;;) {
      const { window, at } = this;
      characters.lastIndex = at;
      this.at = characters.test(window) ? characters.lastIndex : at;
      text += window.slice(at, this.at);
      if (this.at < window.length || this.ended) return text;
      yield;
    }
  }

  /** Consumes `text` if it comes next. */
  *literal(text: string): Reading<boolean> {
    return (yield* this.oneOf([text])) === text;
  }

  /** Consumes the longest of `texts` that comes next. */
  *oneOf(texts: readonly string[]): Reading<string | undefined> {
    for (;;) {
      const { window, at, ended } = this;
      const rest = window.length - at;
      const isOpen = !ended && texts.some((text) => text.length > rest && text.startsWith(window.slice(at)));
      if (!isOpen) break;
      yield;
    }
    let found: string | undefined;
    for (const text of texts) {
      if (this.window.startsWith(text, this.at) && text.length > (found?.length ?? -1)) found = text;
    }
    this.at += found?.length ?? 0;
    return found;
  }

  /** After a call: consumes blanks and one of `texts`, or nothing at all. */
  *follow(texts: readonly string[]): Reading<string | undefined> {
    this.settle();
    yield* this.blanks();
    const found = yield* this.oneOf(texts);
    if (found === undefined) this.rewind();
    return found;
  }

  /** Consumes up to the first of `stops` and the stop itself; undefined when the text ends before. */
  until(...stops: string[]): Reading<{ text: string; stop: string } | undefined> {
    return this.untilOneOf(markerSetOf(stops));
  }

  /** The same, for a set that is known beforehand. */
  *untilOneOf(markers: MarkerSet): Reading<{ text: string; stop: string } | undefined> {
    const parts: string[] = [];
    for (;;) {
      const { window, at } = this;
      const found = markers.find(window, at);
      if (found !== undefined) {
        parts.push(window.slice(at, found.index));
        this.at = found.index + found.marker.length;
        return { text: parts.join(""), stop: found.marker };
      }
      if (this.ended) {
        this.at = window.length;
        return undefined;
      }
      this.at = markers.openEnd(window, at);
      parts.push(window.slice(at, this.at));
      yield;
    }
  }

  /**
   * Consumes one JSON value and gives its text; undefined when what comes is none. Control characters in strings stay raw: a call's arguments
   * are repaired where those of every call are.
   */
  *json(): Reading<string | undefined> {
    yield* this.blanks();
    const scanner = new JsonScanner({ rawStrings: true });
    const parts: string[] = [];
    for (;;) {
      const { window, at } = this;
      const end = scanner.scan(window, at);
      if (end === "wrong") {
        this.at = scanner.at;
        return undefined;
      }
      this.at = end === "more" ? window.length : end;
      parts.push(window.slice(at, this.at));
      if (end !== "more" || (this.ended && scanner.endsWithText)) break;
      if (this.ended) return undefined;
      yield;
    }
    const text = parts.join("").trim();
    return isJson(text) ? text : undefined;
  }
}

function isJson(text: string): boolean {
  try {
    parseRawJson(text);
    return true;
  } catch {
    return false;
  }
}
