import type { ParsedToolCall } from "@vllm/client";
import type { Colors } from "./colors.ts";
import type { AgentEvent, HistoryTrimmedEvent, ToolResultEvent } from "../conversation/agent-event.ts";
import type { BlockText } from "./block-text.ts";
import { createBlockText } from "./block-text.ts";
import { formatPlural } from "./format-numbers.ts";
import { toSafeLine, toSafeText } from "./safe-text.ts";
import type { Sink } from "./sink.ts";
import type { TextFlow } from "./text-flow.ts";
import { breakLine, createTextFlow } from "./text-flow.ts";

/** How much of a call and its result is shown; the model gets all of it. */
const CALL_CHARS = 200;
const RESULT_LINES = 8;
const RESULT_LINE_CHARS = 120;

export interface AnswerRendererOptions {
  /** Where the model's text goes. */
  answer: Sink;
  /** Where thought, calls, results and notes go; may be the same. */
  activity: Sink;
  colors: Colors;
  /** Of what is in front of the model's text. */
  answerColors: Colors;
  /** Width of the terminal; Infinity for a pipe, whose lines are not broken. */
  columns: number;
}

export interface AnswerRenderer {
  render(event: AgentEvent): void;
  /** Writes the word that may have gone on. */
  endText(): void;
}

const REASONING = "(thinking) ";

/** Shows an answer while it comes: reasoning dimmed, Markdown where there are colours, calls and their results on lines of their own. */
export function createAnswerRenderer(options: AnswerRendererOptions): AnswerRenderer {
  const { answer, activity, colors, answerColors, columns } = options;
  let block: BlockText = createBlockText();
  /** What is being written. */
  let text: { sink: Sink; flow: TextFlow; style: (piece: string) => string; prefix: string } | undefined;
  let hasText = false;
  /** The call whose line is being written. */
  let open: { contentIndex: number; shown: number } | undefined;
  /** Length of the arguments that went onto a call's line. An answer's calls all end at its end. */
  const written = new Map<number, number>();

  function beginLine(): void {
    endText();
    activity.endLine();
    open = undefined;
  }

  function writeLines(lines: readonly string[]): void {
    for (const line of lines) activity.write(`${breakLine(line, columns, colors)}\n`);
  }

  function startText(isReasoning: boolean): void {
    endText();
    activity.endLine();
    block = createBlockText();
    hasText = false;
    text = isReasoning
      ? {
          sink: activity,
          flow: createTextFlow({ columns, colors, column: REASONING.length, isMarkdown: false }),
          style: colors.dim,
          prefix: REASONING,
        }
      : {
          sink: answer,
          flow: createTextFlow({ columns, colors: answerColors, isMarkdown: true }),
          style: String,
          prefix: "",
        };
  }

  function writeText(delta: string): void {
    if (text === undefined) return;
    const piece = toSafeText(block.next(delta));
    if (piece === "") return;
    const { sink, flow, style, prefix } = text;
    if (!hasText) {
      sink.blankLine();
      if (prefix !== "") sink.write(style(prefix));
      hasText = true;
    }
    const shown = flow.next(piece);
    if (shown !== "") sink.write(style(shown));
  }

  function endText(): void {
    const last = text?.flow.end() ?? "";
    if (last !== "") text?.sink.write(text.style(last));
    text = undefined;
  }

  function writeCallPiece(delta: string): void {
    if (open === undefined) return;
    written.set(open.contentIndex, (written.get(open.contentIndex) ?? 0) + delta.length);
    const room = CALL_CHARS - open.shown;
    if (room <= 0) return;
    const piece = toSafeText(delta.replaceAll(/\s+/g, (blanks) => (blanks.includes("\n") ? " " : blanks)));
    activity.write(piece.length > room ? `${piece.slice(0, room)}…` : piece);
    open.shown += piece.length;
  }

  function startCall(contentIndex: number, name: string): void {
    endText();
    // Calls of one answer stand together.
    if (open === undefined && hasText) activity.blankLine();
    hasText = false;
    beginLine();
    activity.write(`${colors.cyan(`→ ${toSafeLine(name)}`)} `);
    open = { contentIndex, shown: 0 };
    written.set(contentIndex, 0);
  }

  function endCall(contentIndex: number, call: ParsedToolCall): void {
    const isWhole = written.get(contentIndex) === call.argumentsText.length;
    const { parseError } = call;
    if (open?.contentIndex !== contentIndex && (!isWhole || parseError !== undefined)) {
      startCall(contentIndex, call.name);
      writeCallPiece(call.argumentsText);
    }
    if (parseError !== undefined) activity.write(` ${colors.yellow(`(broken: ${parseError.kind})`)}`);
    if (open?.contentIndex === contentIndex) beginLine();
  }

  function render(event: AgentEvent): void {
    switch (event.type) {
      case "text_start":
      case "thinking_start":
        return startText(event.type === "thinking_start");
      case "thinking_delta":
      case "text_delta":
        return writeText(event.delta);
      case "thinking_end":
        endText();
        return activity.endLine();
      case "text_end":
        endText();
        return answer.endLine();
      case "toolcall_start":
        return startCall(event.contentIndex, event.name);
      case "toolcall_delta":
        if (open?.contentIndex === event.contentIndex) writeCallPiece(event.delta);
        return;
      case "toolcall_end":
        return endCall(event.contentIndex, event.toolCall);
      case "tool_result":
        beginLine();
        return writeLines(toResultLines(event, colors));
      case "history_trimmed":
        beginLine();
        return writeLines([colors.yellow(describeShortened(event))]);
      case "warning":
      case "notice": {
        const { message, hint } = event.type === "warning" ? event.warning : event;
        beginLine();
        return writeLines([colors.yellow(`! ${toSafeLine(message)}`), `  ${colors.dim(toSafeLine(hint))}`]);
      }
      case "incomplete":
        endText();
        answer.endLine();
        beginLine();
        activity.blankLine();
        return writeLines([colors.red(`✗ ${toSafeLine(event.reason)}`)]);
      case "start":
      case "tokens":
      case "step":
      case "reply_statistics":
      case "waiting":
        return;
    }
  }

  return { render, endText };
}

function toResultLines({ name, output, isError }: ToolResultEvent, colors: Colors): string[] {
  const style = isError ? colors.yellow : colors.dim;
  const lines = toSafeText(typeof output === "string" ? output : JSON.stringify(output)).split("\n");
  const shown = lines
    .slice(0, RESULT_LINES)
    .map((line) => (line.length > RESULT_LINE_CHARS ? `${line.slice(0, RESULT_LINE_CHARS)}…` : line));
  const [first = "", ...rest] = shown;
  const more = lines.length > RESULT_LINES ? [`  … ${formatPlural(lines.length - RESULT_LINES, "more line")}`] : [];
  return [`← ${toSafeLine(name)}: ${first}`, ...rest.map((line) => `  ${line}`), ...more].map((line) => style(line));
}

function describeShortened({ droppedMessages, shortenedResults }: HistoryTrimmedEvent): string {
  const parts = [
    ...(droppedMessages > 0 ? [`the oldest ${formatPlural(droppedMessages, "message")} dropped`] : []),
    ...(shortenedResults > 0 ? [`${formatPlural(shortenedResults, "tool result")} shortened`] : []),
  ];
  return `[to fit the model's window: ${parts.join(", ")}]`;
}
