import { createByteBlock, type ByteBlock } from "@vllm/transport/internal";
import type { AnswerParts } from "./answer-body.ts";
import { CollectedBody } from "./collected-body.ts";
import { StreamBody } from "./stream-body.ts";
import { WholeBody } from "./whole-body.ts";

/** An answer without a label that has nothing visible in so many bytes is none. */
const MOST_SNIFFED = 4096;

/**
 * A body of which it is not known yet what it is. Labels lie: JSON and web pages come as event streams, event streams as text. The first
 * visible character does not.
 */
export class SniffedBody extends CollectedBody {
  private readonly isLabelled: boolean;

  constructor(answer: AnswerParts, contentType: string) {
    super(answer);
    this.isLabelled = contentType.includes("text/event-stream");
  }

  override onBytes(block: ByteBlock, start: number, end: number): void {
    // What nearly every answer begins with needs no sniffing, which keeps a copy.
    if (this.collected.length === 0 && block.latin1.slice(start, end).startsWith("data:")) {
      this.stream(block, start, end);
      return;
    }
    super.onBytes(block, start, end);
    this.sniff();
  }

  onEnd(): void {
    if (this.isLabelled) this.answer.end();
    else this.answer.fail(this.notAnAnswer());
  }

  private sniff(): void {
    const { answer } = this;
    const start = this.text().trimStart();
    if (start === "" && !this.isLabelled && this.collected.length <= MOST_SNIFFED) return;
    if (start.startsWith("{")) answer.become(new WholeBody(answer, this.collected));
    else if (start.startsWith("<")) answer.fail(this.notAnAnswer());
    else if (this.isLabelled || /^(data|event|id|retry)?:/.test(start)) {
      const block = createByteBlock(this.collected.joined());
      this.stream(block, 0, block.latin1.length);
    } else if (start.length > 8 || start === "") answer.fail(this.notAnAnswer());
  }

  private stream(block: ByteBlock, start: number, end: number): void {
    const body = new StreamBody(this.answer);
    this.answer.become(body);
    body.onBytes(block, start, end);
  }
}
