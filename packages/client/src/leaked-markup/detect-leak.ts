import { THINK_TAGS } from "./think-tags.ts";
import { CALLS_BEHIND_TEXT, TOOL_CALL_MARKERS } from "./tool-call-markers.ts";

/** Markup that a server with the right parser would have taken out of the text. */
export interface Leak {
  kind: "thinking" | "tool-call";
  /** The marker as it stands in the text. */
  marker: string;
  /** vLLM's parsers that read it, the usual one first. */
  parsers: readonly string[];
  /** The flags to start the server with, one for each parser. */
  flags: readonly string[];
  /** True when `recover`, asked for, would have read it. */
  isRecoverable: boolean;
}

/** What an answer can hold, by its request. */
export interface PossibleLeaks {
  thinking: boolean;
  calls: boolean;
}

/** No ending of a call is longer. */
const TAIL = 8;
const REASONING_TAGS = THINK_TAGS.flatMap((tag) => [...tag.open, ...tag.close]);

/**
 * Finds markup of reasoning and calls in the whole text of an answer, at most one of each kind. What stands in code fences
 * or in backticks is talk about markup. Names of tools are not known here, so this is for advice, never for running a call.
 */
export function detectLeak(text: string, possible: PossibleLeaks = { thinking: true, calls: true }): Leak[] {
  const mayHoldReasoning = possible.thinking && REASONING_TAGS.some((tag) => text.includes(tag));
  // Most answers can hold neither, and must not pay for the search.
  if (!mayHoldReasoning && !possible.calls) return [];
  const prose = withoutCode(text);
  const leaks = [mayHoldReasoning ? detectReasoning(prose) : undefined, possible.calls ? detectCall(prose) : undefined];
  return leaks.filter((leak) => leak !== undefined);
}

/** What an answer begins with that is a call without a marker, and nothing but the call. */
const BARE_BEGINNINGS: readonly RegExp[] = [
  /^\s*\{\s*(?:"type"\s*:\s*"function"\s*,\s*)?"name"\s*:\s*"[\w.-]+"\s*,\s*"(?:parameters|arguments)"\s*:/,
  /^\s*\[\s*[A-Za-z_][\w.]*\(/,
];

/** The markup of a call to one of these tools, whole or not, in the text of an answer. What stands in code is talk about markup. */
export function findLeakedCall(text: string, toolNames: readonly string[]): { isRecoverable: boolean } | undefined {
  if (!toolNames.some((name) => text.includes(name))) return undefined;
  const prose = withoutCode(text);
  if (!toolNames.some((name) => prose.includes(name))) return undefined;
  const isBare = BARE_BEGINNINGS.some((beginning) => beginning.test(prose));
  return detectCall(prose) ?? (isBare ? { isRecoverable: true } : undefined);
}

function detectReasoning(prose: string): Leak | undefined {
  const start = prose.trimStart();
  for (const { open, close, parsers } of THINK_TAGS) {
    const marker = open.find((tag) => start.startsWith(tag)) ?? close.find((tag) => hasLoneEnd(prose, open, tag));
    if (marker === undefined) continue;
    return {
      kind: "thinking",
      marker: marker.trim(),
      parsers,
      flags: parsers.map((name) => `--reasoning-parser ${name}`),
      isRecoverable: true,
    };
  }
  return undefined;
}

/** An end tag without its start: the template opened the reasoning. Granite's ends are plain words and prove nothing alone. */
function hasLoneEnd(prose: string, open: readonly string[], close: string): boolean {
  const end = prose.indexOf(close);
  return end >= 0 && close.startsWith("Here") === false && !open.some((tag) => prose.slice(0, end).includes(tag));
}

function detectCall(prose: string): Leak | undefined {
  const end = prose.trimEnd();
  // All that a call ends with is short, and a pattern that is tried at every place must not look further than that.
  const tail = end.slice(-TAIL);
  const behindText = CALLS_BEHIND_TEXT.filter(({ ending }) => ending.test(tail));
  for (const { pattern, parsers, unread } of [...TOOL_CALL_MARKERS, ...behindText]) {
    const match = pattern.exec(prose);
    if (match === null) continue;
    const flags = parsers.map((name) => `--enable-auto-tool-choice --tool-call-parser ${name}`);
    const marker = (match[1] ?? match[0]).trim();
    return { kind: "tool-call", marker, parsers, flags, isRecoverable: unread !== true };
  }
  return undefined;
}

/** At the start of a line. */
const FENCE = /^ {0,3}(`{3,}|~{3,})/gm;

/** The text without fenced blocks and without spans in backticks. One pass: what a model repeats must cost no more than other text. */
function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, "");
}

function withoutFences(text: string): string {
  let prose = "";
  let proseStart = 0;
  let fence = "";
  for (const { 0: whole, 1: marks = "", index } of text.matchAll(FENCE)) {
    // Other line ends than \n are text.
    if (index > 0 && text[index - 1] !== "\n") continue;
    if (fence === "") {
      // On the last line it has nothing behind it.
      if (text.indexOf("\n", index) < 0) break;
      prose += text.slice(proseStart, index);
      fence = marks;
    } else if (marks.startsWith(fence)) {
      proseStart = index + whole.length - marks.length + fence.length;
      fence = "";
    }
  }
  return fence === "" ? prose + text.slice(proseStart) : prose;
}
