import type { ByteBlock } from "@vllm/transport/internal";
import { CollectedBody } from "./collected-body.ts";

/** What comes with an error status. Its start says all there is to say, and none of it is a byte of an answer. */
export class ErrorBody extends CollectedBody {
  override onBytes(block: ByteBlock, start: number, end: number): void {
    const { errorBytes } = this.answer.limits;
    this.collected.append(block, start, Math.min(end, start + errorBytes - this.collected.length));
    if (this.collected.length === errorBytes) this.failWithBody();
  }

  onEnd(): void {
    this.failWithBody();
  }

  override onLost(): void {
    this.failWithBody();
  }

  override settleNow(): void {
    this.failWithBody();
  }
}
