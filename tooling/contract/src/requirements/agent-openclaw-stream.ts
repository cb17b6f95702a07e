import type { Requirement } from "./requirement.ts";

const events =
  "OpenClaw 2026.9.6: the stream protocol of @mariozechner/pi-ai, @openclaw/ai/dist/openai-completions-stream-*.mjs";
const measured = (what: string) => `OpenClaw 2026.9.6: \`openclaw agent --local\` against a real vLLM 0.32.0, ${what}`;
const reported = (issues: string) => `OpenClaw up to 2026.9.6, reported in ${issues}`;

/** What our stream in OpenClaw makes of a vLLM server's answers. */
export const agentOpenClawStream = {
  "agent/openclaw/stream-events": {
    behaviour: "Reasoning, text and calls arrive in OpenClaw's events, each block opened and closed, with one end.",
    source: events,
  },
  "agent/openclaw/usage": {
    behaviour:
      "Every token counts once: cached ones not as input, reasoning not on top of output; no usage means zeros.",
    source: `${events}; output tokens counted twice against a real vLLM 0.32.0`,
  },
  "agent/openclaw/leading-blank-lines": {
    behaviour: "Blank lines that the template leaves in front of an answer are not shown.",
    source: measured("one turn"),
  },
  "agent/openclaw/tool-loop": {
    behaviour: "A tool call really runs, and its result reaches the model.",
    source: measured("exec, read, an answer"),
  },
  "agent/openclaw/calls-by-index": {
    behaviour: "Tool calls are told apart by their index, whatever ids the server sends.",
    source: `${events}, which goes by id; nanocoai/nanoclaw#1241`,
  },
  "agent/openclaw/whole-call": {
    behaviour: "A tool call is whole however its parts arrive, and has an id.",
    source: reported("openclaw/openclaw#81433, #82872"),
  },
  "agent/openclaw/truncated-call": {
    behaviour: "A truncated or malformed call is never handed over: the model is asked again once, with the reason.",
    source: `${measured("a call that ends in its JSON")}; noonghunna/club-3090#145, vllm-project/vllm#30439`,
  },
  "agent/openclaw/missing-argument": {
    behaviour: "A call without a required argument is not run, and the model is told.",
    source: `${measured("a wrong argument name")}; openclaw/openclaw#81433, #82872`,
  },
  "agent/openclaw/no-calls": {
    behaviour: "An empty list of calls is no call.",
    source: reported("openclaw/openclaw#61534"),
  },
  "agent/openclaw/call-in-reasoning": {
    behaviour: "A call inside the reasoning is run, and the reasoning stays reasoning.",
    source: "vLLM, reported in vllm-project/vllm#39056, #19056",
  },
  "agent/openclaw/leaked-call": {
    behaviour:
      "A call that leaked into the text is found and run if the request offers its tool; the log names the parser flag.",
    source: `${measured("no tool parser")}; openclaw/openclaw#49508, #64481, #87687`,
  },
  "agent/openclaw/tool-parser-missing": {
    behaviour: "A server without a tool parser gets the tools in the prompt; the two flags are named.",
    source: `${measured("no --enable-auto-tool-choice")}; openclaw/openclaw#62874`,
  },
  "agent/openclaw/leaked-reasoning": {
    behaviour: "Reasoning in the text becomes reasoning, also without its opening tag.",
    source: measured("no reasoning parser, and reasoning without its tag"),
  },
  "agent/openclaw/reasoning-fields": {
    behaviour: "Reasoning is read from `reasoning` or `reasoning_content`, once.",
    source: events,
  },
  "agent/openclaw/answer-in-reasoning": {
    behaviour: "An answer that stands in the reasoning is shown.",
    source: reported("openclaw/openclaw#71891"),
  },
  "agent/openclaw/stop-reasons": {
    behaviour:
      "Finish reasons become stop, length or toolUse; a filtered or unfinished answer is an error, an unknown reason is logged.",
    source: `${events}, which takes an unfinished stream for a whole one`,
  },
  "agent/openclaw/error-words": {
    behaviour: "The server's own message is in the error, in either shape that vLLM gives it.",
    source: `${events}, which loses the message of older servers`,
  },
  "agent/openclaw/error-kinds": {
    behaviour:
      "A missing parser, an unknown model, a wrong key and a template's rejection are errors with a code and a way out.",
    source: measured("refusals"),
  },
  "agent/openclaw/error-shown": {
    behaviour:
      "An error is shown as the answer, because OpenClaw shows nothing of a turn that ends in one; the model never sees it.",
    source: measured("refusals"),
  },
  "agent/openclaw/wrong-key": {
    behaviour: "After a wrong key the right one works at once: OpenClaw puts neither on cooldown.",
    source: measured("a wrong key, then the right one"),
  },
  "agent/openclaw/unknown-model": {
    behaviour: "An unknown model is reported together with the served ones.",
    source: measured("an unknown model"),
  },
  "agent/openclaw/server-down": {
    behaviour: "A server that is down is reported at once, with its address and advice, and without retries.",
    source: measured("nothing listens"),
  },
  "agent/openclaw/overflow": {
    behaviour:
      "A prompt that is too long is compacted by OpenClaw, or reported with its numbers; no other rejection is taken for one.",
    source: `${measured("a window of 8192, and a growing conversation")}; pi-ai's utils/overflow.js`,
  },
  "agent/openclaw/output-limit": {
    behaviour:
      "When a prompt fits but its output limit does not, the request is retried with a lower one, and the log says so.",
    source: `${measured("prompt and output limit over the window")}; vllm-project/vllm#42474, openclaw/openclaw#7587`,
  },
  "agent/openclaw/partial-answer": {
    behaviour: "What the model had said stays when the server dies, with the cause below it.",
    source: measured("engine or server killed in mid-answer"),
  },
  "agent/openclaw/silent-server": {
    behaviour: "A silent server is given up after one request, and the message says whether /health still answers.",
    source: measured("server stopped in mid-answer and from the start"),
  },
  "agent/openclaw/timeout-seconds": {
    behaviour: "The provider's timeoutSeconds counts and is not reached, since OpenClaw would then retry.",
    source: `${measured("timeoutSeconds: 20")}; openclaw/openclaw#84063, #77744, #129146, #83979`,
  },
  "agent/openclaw/reasoning-is-activity": {
    behaviour: "Reasoning is a sign of life: it may take longer than every limit for silence.",
    source: reported("openclaw/openclaw#113323"),
  },
  "agent/openclaw/no-hidden-limit": {
    behaviour: "No limit applies that nobody set: an answer may start after ten minutes and pause for five.",
    source: reported("openclaw/openclaw#69390, #77002; joshuaswarren/remnic#2148, THU-MAIC/OpenMAIC#1403"),
  },
  "agent/openclaw/abort": {
    behaviour: "An abort stops the server, and the turn ends as aborted.",
    source: measured("the user interrupts"),
  },
  "agent/openclaw/printed-at-the-end": {
    behaviour: "`openclaw agent --local` prints an answer at its end, not while it is made.",
    source: measured("one turn"),
    unverified: "the command's own way; docs/openclaw.md says so",
  },
} as const satisfies Record<string, Requirement>;
