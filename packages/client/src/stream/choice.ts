import type { MarkupReader } from "../leaked-markup/index.ts";
import { CallsWithoutIndex } from "../repairs/calls-without-index.ts";
import type { Block, CallBlock, ProseBlock } from "./blocks.ts";
import type { Finish } from "./finish-reason.ts";
import type { ChatWarning } from "./warning.ts";

/** One of the answers of a request, as far as it has come. */
export class Choice {
  readonly index: number;
  readonly markupReader: MarkupReader | undefined;
  readonly blocks: Block[] = [];
  readonly callsByIndex = new Map<number, CallBlock>();
  readonly callsWithoutIndex = new CallsWithoutIndex<CallBlock>();
  openProse: ProseBlock | undefined;
  latestCall: CallBlock | undefined;
  /** The block that the latest piece went to. */
  latest: Block | undefined;
  nextCallIndex = 0;
  finish: Finish | undefined;
  /** Something of the answer came after its finish reason. */
  wentOn = false;
  isRepaired = false;
  stopReason: string | number | undefined;
  logprobs: unknown[] | undefined;
  tokenIds: number[] | undefined;

  constructor(index: number, markupReader: MarkupReader | undefined) {
    this.index = index;
    this.markupReader = markupReader;
  }

  callByIndex(index: number): CallBlock | undefined {
    const latest = this.latestCall;
    return latest?.index === index && this.callsByIndex.size === 1 ? latest : this.callsByIndex.get(index);
  }
}

export function unexpectedChoice(count: number): ChatWarning {
  return {
    code: "UNEXPECTED_CHOICE",
    message: `The server sent choices that the request did not ask for (${count === 1 ? "one is expected" : `n is ${count}`}); they are skipped.`,
    hint: "A gateway in between may number the choices in its own way: ask the server directly to compare (baseUrl).",
  };
}
