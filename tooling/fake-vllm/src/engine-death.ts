import type { Failure } from "./failure.ts";
import { firstBytes } from "./fail-reply.ts";
import type { ReceivedRequest } from "./received-request.ts";
import type { Recordings } from "./recordings.ts";
import { toReply, type Reply } from "./reply.ts";

/** What a server answers whose engine process dies: the running stream gets an error event, later requests a 500. */
export interface EngineDeath {
  /** The engine dies while this request is answered with `reply`. */
  now(request: ReceivedRequest, reply: Reply, failure: Failure): Reply;
  /** The answer to a request after the engine died; undefined while it lives, or when the route does not need it. */
  after(request: ReceivedRequest): Reply | undefined;
}

export function engineDeath(recordings: Recordings): EngineDeath {
  let isDead = false;
  /** The error event and [DONE], as a real server sent them when its engine was killed. */
  const lastWords = () => [...(toReply(recordings.get("kill-engine-stream")).chunks as Iterable<Uint8Array>)].slice(-2);

  return {
    now(request, reply, failure) {
      isDead = true;
      const isStreamed = (request.body as { stream?: unknown } | undefined)?.stream === true;
      if (!isStreamed || reply.status !== 200) return toReply(recordings.get("after-kill-chat"));
      return { ...reply, chunks: [...firstBytes(reply, failure.afterBytes, "whole chunks"), ...lastWords()] };
    },
    after(request) {
      if (!isDead) return undefined;
      if (request.path === "/health") return toReply(recordings.get("after-kill-health"));
      return request.path === "/v1/chat/completions" ? toReply(recordings.get("after-kill-chat")) : undefined;
    },
  };
}
