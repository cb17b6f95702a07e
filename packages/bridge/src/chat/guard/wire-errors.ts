import { displayUrl, VllmError } from "@vllm/schema/core";

export function silentAtFirst(url: string, ms: number): VllmError {
  return new VllmError({
    code: "REQUEST_TIMEOUT",
    message: `No first token came within ${Math.round(ms / 1000)} s (${displayUrl(url)}).`,
    hint: "A queued request, a paused or a sleeping server look like this: see vllm:num_requests_waiting in its /metrics. If it is only a long prompt, allow more time (timeouts.firstTokenMs).",
    url,
  });
}

export function silentSince(url: string, ms: number): VllmError {
  return new VllmError({
    code: "STREAM_IDLE_TIMEOUT",
    message: `The stream from ${displayUrl(url)} went silent: nothing came for ${Math.round(ms / 1000)} s.`,
    hint: "The server or the network is stuck: look at the server's log. If it is only slow, allow more time (timeouts.idleMs).",
    url,
  });
}

export function endedEarly(url: string, cause?: unknown): VllmError {
  return new VllmError({
    code: "STREAM_ENDED_EARLY",
    message: `The answer from ${displayUrl(url)} broke off before its end.`,
    hint: "The server or a proxy in front of it went away: ask again, and if it happens again, look at their logs.",
    url,
    cause,
  });
}

/** The model's call was broken, and so was the one that it was asked for instead. */
export function brokenTwice(isTruncated: boolean): VllmError {
  return new VllmError({
    code: "STREAM_MALFORMED",
    reason: "broken-call",
    message: "The model's tool call was not complete, twice; it was not handed over and must not be run.",
    hint: isTruncated
      ? "Raise the agent's output limit, or ask for a smaller step."
      : "Ask again. If it happens often, check the server's --tool-call-parser: npx @vllm/connect doctor.",
  });
}
