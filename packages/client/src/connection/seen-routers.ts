import type { ResponseHead } from "@vllm/transport/internal";

/** What answers have shown of what stands before vLLM. */
export class SeenRouters {
  isLiteLLM = false;

  note(head: ResponseHead): void {
    this.isLiteLLM ||= head.header("x-litellm-version") !== undefined || head.header("x-litellm-call-id") !== undefined;
  }
}
