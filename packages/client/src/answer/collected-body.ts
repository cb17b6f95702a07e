import type { VllmError } from "@vllm/schema/core";
import { ByteCollector, LimitExceeded, type ByteBlock } from "@vllm/transport/internal";
import { endedEarly, notAnAnswer, redirected } from "../errors/stream-errors.ts";
import type { AnswerBody, AnswerParts } from "./answer-body.ts";

/** A body that is read when it is all there. */
export abstract class CollectedBody implements AnswerBody {
  readonly isWhole = false;
  protected readonly answer: AnswerParts;
  protected readonly collected: ByteCollector;

  constructor(answer: AnswerParts, collected: ByteCollector = new ByteCollector()) {
    this.answer = answer;
    this.collected = collected;
  }

  abstract onEnd(): void;

  onBytes(block: ByteBlock, start: number, end: number): void {
    this.answer.hadBytes ||= start < end;
    const { answerBytes } = this.answer.limits;
    if (this.collected.length + end - start > answerBytes) throw new LimitExceeded("answerBytes", answerBytes);
    this.collected.append(block, start, end);
  }

  onLost(cause: unknown): void {
    this.answer.fail(endedEarly(this.answer.context, cause));
  }

  settleNow(): void {}

  endNow(): void {
    this.answer.end();
  }

  protected text(): string {
    return new TextDecoder().decode(this.collected.joined());
  }

  protected notAnAnswer(): VllmError {
    const { context, head } = this.answer;
    return notAnAnswer(context, head.header("content-type"), this.collected.length === 0);
  }

  /** The body tells what went wrong. */
  protected failWithBody(): void {
    const { context, head } = this.answer;
    const { status } = head;
    if (status < 400 && status >= 300) {
      this.answer.fail(redirected(context, status, head.header("location")));
      return;
    }
    const contentType = head.header("content-type");
    const retryAfter = head.header("retry-after");
    const server = head.header("server");
    const authenticate = head.header("www-authenticate");
    const answer = { status, contentType, bodyText: this.text(), retryAfter, server, authenticate };
    this.answer.refuse({ answer, context });
  }
}
