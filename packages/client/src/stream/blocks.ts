import { parseArguments, type CallEnding, type ParsedToolCall } from "./tool-call.ts";
import { TextBuilder } from "./text-builder.ts";

/** A run of text or of reasoning. */
export class ProseBlock {
  readonly kind: "text" | "thinking";
  readonly contentIndex: number;
  readonly builder = new TextBuilder();

  constructor(kind: "text" | "thinking", contentIndex: number) {
    this.kind = kind;
    this.contentIndex = contentIndex;
  }
}

/** A tool call as far as it has come. Its id and name may arrive late; until then nobody is told of it. */
export class CallBlock {
  readonly kind = "toolcall";
  readonly contentIndex: number;
  readonly index: number;
  readonly builder = new TextBuilder();
  id = "";
  name = "";
  /** Characters of its arguments. */
  length = 0;
  isStarted = false;
  isRecovered = false;

  constructor(contentIndex: number, index: number) {
    this.contentIndex = contentIndex;
    this.index = index;
  }

  toToolCall(ending: CallEnding, nesting: number): ParsedToolCall {
    const argumentsText = this.builder.toString();
    const parsed =
      this.name === "" && ending.ending !== "broken"
        ? { arguments: undefined, parseError: { kind: "cut-off", message: "The call has no tool name." } as const }
        : parseArguments(argumentsText, ending, nesting);
    const { id, name } = this;
    return { id, name, argumentsText, ...parsed, ...(this.isRecovered ? { recovered: true as const } : {}) };
  }
}

export type Block = ProseBlock | CallBlock;
