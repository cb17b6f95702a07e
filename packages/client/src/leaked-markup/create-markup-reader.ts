import { CodeFence } from "./code-fence.ts";
import type { HarmonySection } from "./formats/gpt-oss.ts";
import { markerSetOf, type MarkerSet } from "./marker-set.ts";
import { CALL_OPENERS, HARMONY_OPENERS, toBareReader } from "./openers.ts";
import type { MarkupPiece, MarkupReaderOptions } from "./markup-reader-options.ts";
import { TextSource } from "./text-source.ts";
import type { Reading } from "./text-source.ts";
import { ANY_REASONING_END, HARMONY_END, HARMONY_REASONING_END, THINK_TAGS } from "./think-tags.ts";
import { ToolIndex } from "./tool-index.ts";

/** Turns the text of one answer into text, reasoning and calls, while it streams. */
export interface MarkupReader {
  /** The next piece of `content`. */
  push(text: string): MarkupPiece[];
  /** The answer is over, by itself or because it was cut: gives what was held back. A call that is not closed is text. */
  end(wasCut: boolean): MarkupPiece[];
}

/**
 * Reads one choice of one answer. What comes out holds every character of the answer that is not markup of reasoning or a
 * call, however the answer was cut into pieces; only blanks between such markup are left out.
 *
 * - A call is one only when it is closed, its name is a tool of the request, and its JSON parses; else it stays text.
 * - Formats without a marker (Llama's bare `{`, the pythonic `[`) count only when they are the whole answer.
 * - Markup in code (fences and backticks) or in reasoning is left alone.
 * - Reasoning begins only where an answer, or its part after reasoning or a call, begins.
 */
export function createMarkupReader(options: MarkupReaderOptions): MarkupReader {
  return new TextMarkupReader(options);
}

/**
 * A beginning that comes to nothing is read again as text. A model that loops over one must not make us read its answer many times
 * over: once that took half as many characters as have come, and this many more, all that is left is text.
 */
const MOST_REREAD = 20_000;
/** What a beginning costs besides, and a marker that begins nothing where it stands, in characters. */
const COST_OF_BEGINNING = 100;
const COST_OF_MARKER = 20;
/** No opening tag is looked for behind more blanks. */
const MOST_BLANKS = 200;
const REASONING_ENDS = new Map(THINK_TAGS.flatMap((tag) => tag.open.map((open) => [open, tag.close] as const)));
const REASONING_OPENERS = markerSetOf([...REASONING_ENDS.keys()]);
const REASONING_ENDS_WITHOUT_OPENER = new Set([...ANY_REASONING_END, ...HARMONY_END]);

/** What a marker came to; reasoning and the answer only in gpt-oss's format. */
type Outcome = "text" | "calls" | "thought" | "answer";

class TextMarkupReader implements MarkupReader {
  private readonly options: MarkupReaderOptions;
  private readonly tools: ToolIndex;
  private readonly markers: MarkerSet;
  private readonly source = new TextSource();
  private readonly fence = new CodeFence();
  private reading: Reading<Outcome> | undefined;
  /** Tags that end the reasoning which is open. */
  private reasoningEnds: MarkerSet | undefined;
  private isReasoningFresh = false;
  /** What came last, but for blanks. */
  private after: "nothing" | "thought" | "call" | "text" = "nothing";
  /** Blanks of which it is not known whether text follows. */
  private blanks = "";
  private inHarmony = false;
  /** Characters that came, and what beginnings have cost. */
  private length = 0;
  private reread = 0;
  private isLooping = false;
  private pieces: MarkupPiece[] = [];

  constructor(options: MarkupReaderOptions) {
    this.options = options;
    this.tools = new ToolIndex(options.toolCallText ? options.tools : []);
    const recoversCalls = this.tools.names.length > 0;
    const knowsReasoning = options.thinkTags || recoversCalls;
    this.markers = markerSetOf([
      ...(options.thinkTags ? REASONING_ENDS_WITHOUT_OPENER : []),
      ...(recoversCalls ? CALL_OPENERS.keys() : []),
      ...(knowsReasoning ? [...REASONING_ENDS.keys(), ...HARMONY_OPENERS.keys()] : []),
    ]);
    if (knowsReasoning && options.startsInReasoning) {
      this.reasoningEnds = markerSetOf(ANY_REASONING_END);
      this.isReasoningFresh = options.thinkTags;
    }
  }

  push(text: string): MarkupPiece[] {
    if (text !== "") this.source.append(text);
    this.length += text.length;
    return this.run();
  }

  end(wasCut: boolean): MarkupPiece[] {
    this.source.ended = true;
    this.source.wasCut = wasCut;
    const pieces = this.run();
    if (this.after !== "nothing" || this.blanks === "") return pieces;
    return [...pieces, { type: "text", text: this.blanks }];
  }

  private run(): MarkupPiece[] {
    let goesOn = true;
    while (goesOn) {
      if (this.reading !== undefined) goesOn = this.goOnReading(this.reading);
      else if (this.reasoningEnds !== undefined) goesOn = this.goOnThinking(this.reasoningEnds);
      else goesOn = this.goOnWithText();
    }
    const { pieces } = this;
    this.pieces = [];
    return pieces;
  }

  /** Each step says whether there is more to do before more text comes. */
  private goOnReading(reading: Reading<Outcome>): boolean {
    const step = reading.next();
    if (step.done !== true) {
      if (step.value === undefined) return false;
      this.source.settle();
      this.blanks = "";
      this.after = "call";
      this.pieces.push({ type: "toolcall", ...step.value });
      return true;
    }
    this.reading = undefined;
    if (step.value === "text") {
      this.charge(this.source.rewind() + COST_OF_BEGINNING);
      this.addText(this.source.take(1));
      return true;
    }
    const marker = this.source.takeConsumed();
    if (step.value === "calls") return true;
    this.inHarmony = true;
    if (step.value === "thought") this.openReasoning(marker, HARMONY_REASONING_END);
    else {
      this.charge(COST_OF_BEGINNING);
      this.blanks = "";
      this.after = "thought";
    }
    return true;
  }

  private openReasoning(marker: string, ends: readonly string[]): void {
    this.charge(COST_OF_BEGINNING);
    if (!this.options.thinkTags) this.add("text", this.blanks + marker);
    this.blanks = "";
    this.reasoningEnds = markerSetOf(ends);
  }

  private goOnThinking(ends: MarkerSet): boolean {
    const { source } = this;
    // Reasoning that stays text is still reasoning: what stands in it is no call.
    const type = this.options.thinkTags ? "thinking" : "text";
    if (this.isReasoningFresh && !this.dropRepeatedOpener()) return false;
    const found = ends.find(source.window);
    const end = found?.index ?? (source.ended ? source.window.length : ends.openEnd(source.window));
    if (end > 0) this.add(type, source.take(end));
    if (found === undefined) return false;
    const marker = source.take(found.marker.length);
    if (type === "text") this.add(type, marker);
    this.reasoningEnds = undefined;
    this.blanks = "";
    this.after = "thought";
    return true;
  }

  /** Models may write the opening tag that the template has already written. */
  private dropRepeatedOpener(): boolean {
    const { source } = this;
    const start = source.window.search(/\S/);
    if ((start < 0 ? source.window.length : start) > MOST_BLANKS) {
      this.isReasoningFresh = false;
      return true;
    }
    const isOpen = start < 0 || REASONING_OPENERS.openEnd(source.window, start) === start;
    if (isOpen && !source.ended) return false;
    const found = start < 0 ? undefined : REASONING_OPENERS.find(source.window, start);
    if (found?.index === start) source.take(start + found.marker.length);
    this.isReasoningFresh = false;
    return true;
  }

  private goOnWithText(): boolean {
    const { source } = this;
    if (this.isLooping) {
      if (source.window !== "") this.add("text", this.blanks + source.take(source.window.length));
      this.blanks = "";
      this.after = "text";
      return false;
    }
    if (this.after !== "text" && !this.holdBlanks()) return false;
    if (this.after === "nothing" || this.after === "thought") {
      const isOpen = !source.ended && this.markers.openEnd(source.window) === 0;
      if (isOpen) return false;
      if (this.markers.find(source.window)?.index !== 0 && this.openWithoutMarker()) return true;
    }
    const found = this.markers.find(source.window);
    const end = found?.index ?? (source.ended ? source.window.length : this.markers.openEnd(source.window));
    if (end > 0) this.addText(source.take(end));
    if (found === undefined) return false;
    if (source.window === found.marker && !source.ended && this.markers.openEnd(source.window) === 0) return false;
    if (!this.open(found.marker)) {
      this.charge(COST_OF_MARKER);
      this.addText(source.take(1));
    }
    return true;
  }

  private holdBlanks(): boolean {
    const { source } = this;
    const start = source.window.search(/\S/);
    this.blanks += source.take(start < 0 ? source.window.length : start);
    return start >= 0;
  }

  /** Begins to read what the marker at this place opens; false when it opens nothing here. */
  private open(marker: string): boolean {
    if (this.fence.isOpen) return false;
    const { source, tools, options } = this;
    const reasoningEnds = REASONING_ENDS.get(marker);
    if (reasoningEnds !== undefined) {
      if (this.after === "text") return false;
      this.openReasoning(source.take(marker.length), reasoningEnds);
      return true;
    }
    if (REASONING_ENDS_WITHOUT_OPENER.has(marker)) return this.dropStrayEnd(marker);
    source.at = marker.length;
    const readHarmony = HARMONY_OPENERS.get(marker);
    if (readHarmony !== undefined) {
      this.reading = harmonyOutcome(readHarmony(source, tools), options.thinkTags);
      return true;
    }
    const readCalls = CALL_OPENERS.get(marker);
    if (readCalls === undefined || (marker === "functions." && this.isInWord())) {
      source.at = 0;
      return false;
    }
    this.reading = callOutcome(readCalls(source, tools));
    return true;
  }

  private charge(characters: number): void {
    this.reread += characters;
    this.isLooping ||= this.reread > this.length / 2 + MOST_REREAD;
  }

  private isInWord(): boolean {
    return this.after === "text" && /[\w.]/.test(this.fence.last);
  }

  /** Tries the formats that have no marker, or whose marker the server hides. */
  private openWithoutMarker(): boolean {
    const read = toBareReader(this.source.window, this.tools);
    if (read === undefined) return false;
    this.reading = callOutcome(read(this.source, this.tools));
    return true;
  }

  /** Models may write an end tag twice; gpt-oss ends its answer with one. */
  private dropStrayEnd(marker: string): boolean {
    const isStray = HARMONY_END.includes(marker) ? this.inHarmony : this.after === "thought";
    if (isStray) this.source.take(marker.length);
    return isStray;
  }

  private addText(text: string): void {
    const whole = this.blanks + text;
    this.add("text", whole);
    this.fence.follow(whole);
    this.blanks = "";
    this.after = "text";
  }

  private add(type: "text" | "thinking", text: string): void {
    const last = this.pieces.at(-1);
    if (last?.type === type) last.text += text;
    else this.pieces.push({ type, text });
  }
}

function* callOutcome(reading: Reading<boolean>): Reading<Outcome> {
  return (yield* reading) ? "calls" : "text";
}

function* harmonyOutcome(reading: Reading<HarmonySection>, hasReasoning: boolean): Reading<Outcome> {
  const section = yield* reading;
  return section === "none" || (section === "answer" && !hasReasoning) ? "text" : section;
}
