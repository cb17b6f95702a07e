import type { HistoryRules } from "@vllm/schema/core";
import { KEEP_THOUGHTS } from "../families/thinking-switches.ts";
import type { Renderer } from "./create-renderer.ts";
import { readRendering } from "./create-renderer.ts";
import type { ThinkingFacts } from "./probe-thinking.ts";
import type { ToolFacts } from "./tool-facts.ts";
import type { Nonces, ToolHistoryShape } from "./questions.ts";
import { toolHistoryRendering } from "./questions.ts";
import { markerBefore } from "./read-thought-state.ts";

type Kwargs = Readonly<Record<string, unknown>>;

/** Which of the planted thoughts a prompt holds. */
export function replayIn(text: string, nonces: Nonces): HistoryRules["reasoningReplay"] {
  if (text.includes(nonces.pastThought) || text.includes(nonces.pastAnswerThought)) return "all-turns";
  return text.includes(nonces.currentThought) ? "current-turn" : "none";
}

/** Which thoughts get into the prompt when the model thinks, and what makes the template keep more of them. */
export async function probeReplay(
  renderer: Renderer,
  nonces: Nonces,
  shape: ToolHistoryShape,
  text: string,
  facts: ToolFacts,
  thinking: ThinkingFacts | undefined,
): Promise<Partial<ToolFacts>> {
  if (!shape.thoughts || facts.history.reasoningReplay === "all-turns") return {};
  const ask = async (kwargs: Kwargs) =>
    (await readRendering(renderer, toolHistoryRendering(nonces, shape, kwargs))).text ?? "";
  const on = thinking?.control.default === "on" ? undefined : thinking?.control.on?.chat_template_kwargs;
  const thinkingText = on === undefined ? text : await ask(on);
  const reasoningReplay = replayIn(thinkingText, nonces);
  const marker = facts.marker ?? markerBefore(thinkingText, nonces.currentThought);
  const historyEvidence =
    on === undefined
      ? facts.historyEvidence
      : `${facts.historyEvidence}, with thinking switched on (${JSON.stringify(on)})`;
  if (reasoningReplay === "all-turns")
    return { marker, historyEvidence, history: { ...facts.history, reasoningReplay } };
  const keep = await findKeepKwargs(
    async (kwargs) => replayIn(await ask({ ...on, ...kwargs }), nonces) === "all-turns",
  );
  return {
    marker,
    historyEvidence,
    history: { ...facts.history, reasoningReplay, ...(keep === undefined ? {} : { keepReasoningKwargs: keep }) },
  };
}

/** All keys at once first: most templates know none of them. */
async function findKeepKwargs(keepsPast: (kwargs: Kwargs) => Promise<boolean>): Promise<Kwargs | undefined> {
  if (!(await keepsPast(Object.assign({}, ...KEEP_THOUGHTS) as Kwargs))) return undefined;
  const found = await Promise.all(
    KEEP_THOUGHTS.map(async (kwargs) => ((await keepsPast(kwargs)) ? kwargs : undefined)),
  );
  return found.find((kwargs) => kwargs !== undefined);
}
