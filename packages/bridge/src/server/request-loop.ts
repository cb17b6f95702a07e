import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { VllmError } from "@vllm/schema/core";

/** Lists the bridges that a request has come through. Not `via`: proxies change what they send for that one. */
const HEADER = "x-vllm-bridge";

/** Keeps a request from going round between a bridge and itself, or between two that name each other as upstream. */
export interface LoopGuard {
  /**
   * Adds the bridge to those that the request came through, in its headers, from where it goes on to vLLM.
   *
   * @throws {VllmError} `CONFIG_INVALID` (508) when it was there before
   */
  enter(request: IncomingMessage): void;
}

export function createLoopGuard(): LoopGuard {
  const id = randomUUID();
  return {
    enter(request) {
      const before = request.headers[HEADER];
      if (String(before).includes(id)) throw loop();
      request.headers[HEADER] = before === undefined ? id : `${String(before)}, ${id}`;
      request.rawHeaders.push(HEADER, id);
    },
  };
}

function loop(): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    status: 508,
    message: "The bridge is its own upstream.",
    hint: "Start it with --upstream and the address of vLLM.",
  });
}
