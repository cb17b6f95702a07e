import { isDeeperThan } from "@vllm/schema/internal";
import { LimitExceeded } from "@vllm/transport/internal";
import { malformedAnswer } from "../errors/stream-errors.ts";
import { isErrorValue } from "../stream/decode-chunk.ts";
import type { WireChunk } from "../stream/wire-chunk.ts";
import { CollectedBody } from "./collected-body.ts";

/** One JSON value. */
export class WholeBody extends CollectedBody {
  onEnd(): void {
    const { answer } = this;
    const text = this.text();
    const { nesting } = answer.limits;
    if (isDeeperThan(text, nesting)) throw new LimitExceeded("nesting", nesting);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      answer.fail(this.collected.length === 0 ? this.notAnAnswer() : malformedAnswer(answer.context));
      return;
    }
    if (typeof value !== "object" || value === null) answer.fail(this.notAnAnswer());
    // vLLM 0.10 answers some errors with status 200.
    else if (isErrorValue(value)) this.failWithBody();
    else if (!Array.isArray((value as WireChunk).choices)) answer.fail(this.notAnAnswer());
    else {
      answer.chunks.onChunk(value as WireChunk);
      answer.onDone();
      answer.end();
    }
  }
}
