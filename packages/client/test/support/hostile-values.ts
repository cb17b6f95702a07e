import * as fc from "fast-check";

/** Anything where vLLM sends something else: every field may be of any type, or hold what looks right. */
export const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, [], {}, "", 0, -1, true, [null], [{}], { index: "0" }),
);
const wireCall = fc.record(
  { index: fc.oneof(fc.nat(2), junk), id: junk, function: fc.oneof(junk, fc.record({ name: junk, arguments: junk })) },
  { requiredKeys: [] },
);
const wireDelta = fc.record(
  {
    content: fc.oneof(fc.string(), junk),
    reasoning: junk,
    reasoning_content: junk,
    tool_calls: fc.oneof(junk, fc.array(fc.oneof(wireCall, junk))),
  },
  { requiredKeys: [] },
);
const wireChoice = fc.record(
  {
    index: fc.oneof(fc.nat(1), junk),
    delta: fc.oneof(wireDelta, junk),
    message: fc.oneof(wireDelta, junk),
    finish_reason: fc.oneof(fc.constantFrom("stop", "tool_calls", "length"), junk),
    stop_reason: junk,
    logprobs: junk,
    token_ids: junk,
  },
  { requiredKeys: [] },
);
export const wireChunk = fc.record(
  {
    id: junk,
    model: junk,
    created: junk,
    choices: fc.oneof(fc.array(fc.oneof(wireChoice, junk)), junk),
    usage: junk,
    prompt_token_ids: junk,
  },
  { requiredKeys: [] },
);
