import type { Requirement } from "./requirement.ts";

const engine = "CoderClaw main of 2026-05-05 (782ea2b), its engine @mariozechner/pi-ai 0.54.0";
const stream = `${engine}: providers/openai-completions.js`;
const loop = "CoderClaw main of 2026-05-05 (782ea2b), @mariozechner/pi-agent-core 0.54.0: agent-loop.js";

/** What CoderClaw's engine makes of vLLM's answers, and what it makes of them through the bridge. */
export const agentCoderClawEngine = {
  "agent/coderclaw/engine-request": {
    behaviour:
      "The engine sends `store`, an effort and the role developer; through the bridge vLLM gets the model's own switch instead.",
    source: stream,
  },
  "agent/coderclaw/engine-usage": {
    behaviour: "The engine counts reasoning tokens twice; through the bridge every token counts once.",
    source: stream,
  },
  "agent/coderclaw/engine-tool-loop": {
    behaviour: "Tool calls run, and go back with their ids and reasoning, as they do without the bridge.",
    source: loop,
  },
  "agent/coderclaw/engine-empty-turn": {
    behaviour: "A turn without an answer arrives as it does without the bridge.",
    source: stream,
  },
  "agent/coderclaw/engine-truncated-call": {
    behaviour:
      "The engine runs a truncated call with what it has; through the bridge the model is asked again, and nothing runs.",
    source: `${stream}; agent-loop.js`,
  },
  "agent/coderclaw/engine-wrong-arguments": {
    behaviour: "A call with a wrong argument name is not run, and the model is told.",
    source: loop,
  },
  "agent/coderclaw/engine-leaked-call": {
    behaviour: "The engine shows a call that leaked into the text; through the bridge it is found and run.",
    source: stream,
  },
  "agent/coderclaw/engine-tool-parser": {
    behaviour: "A server without a tool parser refuses the engine's tools; through the bridge it answers all the same.",
    source: stream,
  },
  "agent/coderclaw/engine-leaked-reasoning": {
    behaviour:
      "Without a reasoning parser the engine shows reasoning as text; through the bridge it arrives as reasoning.",
    source: stream,
  },
  "agent/coderclaw/engine-unopened-reasoning": {
    behaviour: "Reasoning without its opening tag is not shown.",
    source: stream,
  },
  "agent/coderclaw/engine-server-down": {
    behaviour: 'The engine says "Connection error."; the bridge names the address and what to do, and sooner.',
    source: stream,
  },
  "agent/coderclaw/engine-wrong-key": {
    behaviour: "A wrong key is reported and never repeated; the right one works at once.",
    source: stream,
  },
  "agent/coderclaw/engine-unknown-model": {
    behaviour: "An unknown model is rejected with the name of a served one.",
    source: stream,
  },
  "agent/coderclaw/engine-overflow": {
    behaviour: "Through the bridge the engine recognises a prompt that is too long in the words of every vLLM version.",
    source: `${engine}: utils/overflow.js`,
  },
  "agent/coderclaw/engine-pictures": {
    behaviour:
      "The engine drops pictures silently unless the model entry lists them; if it does, the refusal of vLLM is shown.",
    source: stream,
  },
  "agent/coderclaw/engine-busy-server": {
    behaviour: "The status of a busy server reaches the engine, which retries by it.",
    source: "CoderClaw main of 2026-05-05 (782ea2b), @mariozechner/pi-coding-agent 0.54.0: core/agent-session.js",
  },
  "agent/coderclaw/engine-partial-answer": {
    behaviour:
      "When the server dies the partial answer stays; through the bridge the engine gets an error with the cause.",
    source: stream,
  },
  "agent/coderclaw/engine-silent-server": {
    behaviour: "The engine waits forever for a silent server; the bridge's limits end the turn, and say why.",
    source: stream,
  },
  "agent/coderclaw/engine-long-prefill": {
    behaviour: "The bridge's comments keep a connection alive while vLLM reads a long prompt.",
    source: stream,
  },
  "agent/coderclaw/engine-abort": {
    behaviour: "When the user interrupts, vLLM stops.",
    source: stream,
  },
  "agent/coderclaw/engine-retries": {
    behaviour: "The engine repeats a request that failed up to 12 times, by status or by a number in the message.",
    source: "CoderClaw main of 2026-05-05 (782ea2b), @mariozechner/pi-coding-agent 0.54.0: core/agent-session.js",
    unverified:
      "the engine's own; what @vllm/client retries, how often, and that it never does after the first byte is client/router-retry",
  },
} as const satisfies Record<string, Requirement>;
