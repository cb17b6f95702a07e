import type { Failure, FailureKind } from "./failure.ts";
import { isDryRun, type ReceivedRequest } from "./received-request.ts";

/** Keeps the failure that is switched on, and counts it down. */
export interface Failing {
  set(failure: Failure | FailureKind | undefined): void;
  /** The failure that this request meets. */
  next(request: ReceivedRequest): Failure | undefined;
}

export function createFailing(first: Failure | FailureKind | undefined): Failing {
  let failure = toFailure(first);
  let left = failure?.times ?? Infinity;
  return {
    set(next) {
      failure = toFailure(next);
      left = failure?.times ?? Infinity;
    },
    next(request) {
      if (!failure || left <= 0 || !isMeant(request, failure.paths)) return undefined;
      left -= 1;
      return failure;
    },
  };
}

function isMeant(request: ReceivedRequest, paths: RegExp | undefined): boolean {
  if (paths) return paths.test(request.path);
  return request.method === "POST" && request.path.endsWith("/v1/chat/completions") && !isDryRun(request);
}

export function toFailure(failure: Failure | FailureKind | undefined): Failure | undefined {
  return typeof failure === "string" ? { kind: failure } : failure;
}
