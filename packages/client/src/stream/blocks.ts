import type { Repair } from "../repairs/repairs.ts";
import {
  parseArguments,
  type ArgumentsOptions,
  type CallEnding,
  type ParsedArguments,
  type ParsedToolCall,
} from "./tool-call.ts";
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

const NAMELESS: ParsedArguments = {
  arguments: undefined,
  parseError: { kind: "cut-off", message: "The call has no tool name." },
};
const WHOLE: CallEnding = { ending: "complete", isLast: true };

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
  readonly repairs = new Set<Repair>();

  constructor(contentIndex: number, index: number) {
    this.contentIndex = contentIndex;
    this.index = index;
  }

  /** True when the call is good as it stands, without a repair. */
  isWhole(nesting: number): boolean {
    const { arguments: parsed, repaired } = parseArguments(this.builder.toString(), WHOLE, { nesting });
    return this.name !== "" && parsed !== undefined && repaired === undefined;
  }

  toToolCall(ending: CallEnding, options: ArgumentsOptions): ParsedToolCall {
    const argumentsText = this.builder.toString();
    const read = parseArguments(argumentsText, ending, options);
    const { repaired, ...parsed }: ParsedArguments = this.name === "" && read.arguments !== undefined ? NAMELESS : read;
    for (const repair of repaired?.repairs ?? []) this.repairs.add(repair);
    const { id, name } = this;
    return {
      id,
      name,
      argumentsText: repaired === undefined || argumentsText.trim() === "" ? argumentsText : repaired.text,
      ...parsed,
      ...(this.isRecovered ? { recovered: true as const } : {}),
      ...(this.repairs.size > 0 && parsed.parseError === undefined ? { repaired: true as const } : {}),
    };
  }
}

export type Block = ProseBlock | CallBlock;

/** The text of all blocks of one kind. */
export function joinBlocks(blocks: readonly Block[], kind: "text" | "thinking"): string {
  return blocks
    .filter((block) => block.kind === kind)
    .map((block) => block.builder.toString())
    .join("");
}
