import type { ToolFormat } from "../families/tool-formats.ts";
import { callPattern, recognizeToolFormat } from "../families/tool-formats.ts";
import { no, unknown, yes } from "../report/capability.ts";
import { quoteText } from "../text/safe-text.ts";
import type { Rendered, Renderer } from "./create-renderer.ts";
import { readRendering } from "./create-renderer.ts";
import { probeReplay, replayIn } from "./probe-replay.ts";
import type { ThinkingFacts } from "./probe-thinking.ts";
import type { Nonces, ToolHistoryShape } from "./questions.ts";
import { toolHistoryRendering } from "./questions.ts";
import { markerBefore } from "./read-thought-state.ts";
import type { ToolFacts } from "./tool-facts.ts";

/** From the fullest history to the plainest: what a template refuses tells as much as what it takes. */
const SHAPES: readonly ToolHistoryShape[] = [
  { parallel: true, thoughts: true },
  { parallel: false, thoughts: true },
  { parallel: true, thoughts: false },
  { parallel: false, thoughts: false },
];

/** What happens to tools, calls and thoughts in the history of an agent. */
export async function probeTools(
  renderer: Renderer,
  nonces: Nonces,
  thinkingProbe: Promise<ThinkingFacts | undefined>,
): Promise<ToolFacts> {
  let last: Rendered | undefined;
  for (const shape of SHAPES) {
    const { answer, text } = await readRendering(renderer, toolHistoryRendering(nonces, shape));
    if (text !== undefined) {
      const facts = readTools(nonces, shape, text);
      return { ...facts, ...(await probeReplay(renderer, nonces, shape, text, facts, await thinkingProbe)) };
    }
    last = answer;
    if (answer.kind !== "refused") break;
  }
  const evidence =
    last?.kind === "refused"
      ? `/tokenize refuses a history with tool calls: ${quoteText(last.message)}`
      : `/tokenize with tools: ${last?.kind === "failed" ? last.why : "no text"}`;
  const capability = last?.kind === "refused" ? no(evidence) : unknown(evidence);
  return {
    knowsTools: capability,
    rendersCalls: capability,
    callExample: undefined,
    format: undefined,
    parallelCalls: capability,
    marker: undefined,
    history: { toolCallIds: "any", reasoningReplay: "unknown" },
    historyEvidence: evidence,
  };
}

function readTools(nonces: Nonces, shape: ToolHistoryShape, text: string): ToolFacts {
  const start = text.indexOf(nonces.user);
  const result = text.indexOf(nonces.toolResult, start);
  const calls = text.slice(start + nonces.user.length, result < 0 ? text.length : result);
  const format = recognizeToolFormat(calls, nonces.toolName);
  const asked = "/tokenize with tools and an earlier call";
  const isRendered = calls.includes(nonces.argument);
  return {
    knowsTools: text.includes(nonces.toolDescription)
      ? yes(`${asked}: the tools' descriptions are in the prompt`)
      : no(`${asked}: the tools' descriptions are not in the prompt`),
    rendersCalls: isRendered
      ? yes(`${asked}: the call is in the prompt`)
      : no(`${asked}: the call is not in the prompt`),
    callExample: isRendered ? toExample(calls, nonces, format) : undefined,
    format,
    parallelCalls: shape.parallel
      ? yes("two calls in one turn were rendered")
      : no("two calls in one turn were refused"),
    marker: [nonces.currentThought, nonces.pastThought, nonces.pastAnswerThought]
      .map((word) => markerBefore(text, word))
      .find((marker) => marker !== undefined),
    history: {
      toolCallIds:
        format?.format === "mistral"
          ? "mistral"
          : format?.format === "kimi-k2" && calls.includes(nonces.callId)
            ? "kimi-k2"
            : "any",
      reasoningReplay: shape.thoughts ? replayIn(text, nonces) : "unknown",
    },
    historyEvidence: "prompts rendered by /tokenize",
  };
}

/** The call as it stands in the prompt, with words that a person understands. */
function toExample(calls: string, nonces: Nonces, format: ToolFormat | undefined): string {
  const name = calls.indexOf(nonces.toolName);
  const pattern = format === undefined ? undefined : callPattern(format, nonces.toolName).exec(calls);
  const start = pattern?.index ?? Math.max(0, name - 60);
  return calls
    .slice(start, calls.indexOf(nonces.argument, name) + nonces.argument.length + 30)
    .replaceAll(nonces.toolName, "get_weather")
    .replaceAll(nonces.argument, "Paris")
    .replaceAll(nonces.callId, "call00001")
    .replaceAll(nonces.pastThought, "…")
    .replace(TURN_END, "");
}

/** The end of the assistant's turn and what follows, or the half of a tag that the cut left. */
const TURN_END = /(?:<\|(?:im_end|eot_id|eom_id|end|end_of_text)\|>|<｜end▁of▁sentence｜>|<\/s>)[^]*$|<[^<>]*$/;
