import type { EndingLimit } from "@vllm/schema/internal";

/** Thrown by whatever reads an answer, at any depth. `guardTransport` makes the error of it that ends the request. */
export class LimitExceeded extends Error {
  override readonly name = "LimitExceeded";
  readonly limit: EndingLimit;
  readonly most: number;

  constructor(limit: EndingLimit, most: number) {
    super(`limits.${limit} is ${most}`);
    this.limit = limit;
    this.most = most;
  }
}
