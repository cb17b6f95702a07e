import type { ModelProfile, ThinkingControl, ThinkingRequest } from "@vllm/schema/core";
import type { ChatWarning } from "../stream/warning.ts";
import type { Thinking } from "./chat-params.ts";

/** Fields of the request that a {@link Thinking} comes to. */
interface ThinkingFields extends ThinkingRequest {
  thinking_token_budget?: number | undefined;
}

export interface ThinkingPlan {
  fields: ThinkingFields;
  warnings: ChatWarning[];
}

/** Words that vLLM takes as `reasoning_effort`, least first. Source: `ChatCompletionRequest`, vLLM 0.32.0. */
const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** Turns `thinking` into the fields of this model's family, or says why it cannot. */
export function planThinking(
  thinking: Thinking | undefined,
  profile: Partial<ModelProfile> | undefined,
  maxTokens: number | undefined,
): ThinkingPlan {
  if (thinking === undefined) return { fields: {}, warnings: [] };
  const control = profile?.thinking?.value;
  if (typeof thinking === "string")
    return control === undefined ? switchUnknown(thinking) : switchKnown(thinking, control);
  if ("effort" in thinking) return planEffort(thinking.effort, control);
  return planBudget(thinking.budgetTokens, profile, maxTokens);
}

/** `reasoning_effort: "none"` sets `enable_thinking: false` in the template (vLLM 0.32.0) and is refused by no template that lacks it. */
function switchUnknown(thinking: "on" | "off"): ThinkingPlan {
  if (thinking === "off") {
    return {
      fields: { reasoning_effort: "none" },
      warnings: [
        noEffect(
          'Nothing is known about this model\'s thinking switch, so thinking: "off" is sent as reasoning_effort: "none". It turns off models whose template has enable_thinking, and no others.',
          "Set the template's own switch (chat_template_kwargs), or tell the client which it is (profile, from @vllm/discovery).",
        ),
      ],
    };
  }
  return {
    fields: {},
    warnings: [
      noEffect(
        'Nothing is known about this model\'s thinking switch, so nothing is sent for thinking: "on": the model does what it does by default.',
        "Set the template's own switch (chat_template_kwargs), or tell the client which it is (profile, from @vllm/discovery).",
      ),
    ],
  };
}

function switchKnown(thinking: "on" | "off", control: ThinkingControl): ThinkingPlan {
  const fields = control[thinking];
  if (fields !== undefined) return { fields, warnings: [] };
  if (control.default === thinking) return { fields: {}, warnings: [] };
  return {
    fields: {},
    warnings: [
      noEffect(
        `This model has no switch that turns its thinking ${thinking}: thinking: "${thinking}" is not sent.`,
        thinking === "off"
          ? `Limit the reasoning instead (thinking: { budgetTokens })${listEfforts(control)}, or serve another model.`
          : `Leave it out${listEfforts(control)}.`,
      ),
    ],
  };
}

function planEffort(effort: string, control: ThinkingControl | undefined): ThinkingPlan {
  if (control === undefined) return { fields: { reasoning_effort: effort }, warnings: [] };
  if (effort === "none") return switchKnown("off", control);
  const exact = control.efforts?.[effort];
  if (exact !== undefined) return { fields: exact, warnings: [] };
  const known = Object.keys(control.efforts ?? {});
  const closest = nearestEffort(effort, known);
  const fields = closest === undefined ? control.on : control.efforts?.[closest];
  const instead = closest === undefined ? "thinking is on at the template's own depth" : `"${closest}" is sent instead`;
  return {
    fields: fields ?? {},
    warnings: [
      noEffect(
        `This model's template has no effort "${effort}": ${instead}.`,
        known.length === 0
          ? 'Use thinking: "on" or { budgetTokens }.'
          : `Use one that it has: ${known.map((word) => `"${word}"`).join(", ")}.`,
      ),
    ],
  };
}

/** The known word nearest in strength; of two the weaker one. */
function nearestEffort(effort: string, known: readonly string[]): string | undefined {
  const rank = EFFORTS.indexOf(effort);
  if (rank < 0) return undefined;
  const ranked = known
    .filter((word) => EFFORTS.includes(word))
    .toSorted((one, other) => EFFORTS.indexOf(one) - EFFORTS.indexOf(other));
  const distance = (word: string) => Math.abs(EFFORTS.indexOf(word) - rank);
  return ranked.reduce<string | undefined>(
    (best, word) => (best === undefined || distance(word) < distance(best) ? word : best),
    undefined,
  );
}

function planBudget(
  budgetTokens: number,
  profile: Partial<ModelProfile> | undefined,
  maxTokens: number | undefined,
): ThinkingPlan {
  const control = profile?.thinking?.value;
  const { budget, warnings } = keepRoomForAnswer(budgetTokens, maxTokens);
  if (control?.budgetKwarg !== undefined) {
    const kwargs = { ...control.on?.chat_template_kwargs, [control.budgetKwarg]: budget };
    return { fields: { ...control.on, chat_template_kwargs: kwargs }, warnings };
  }
  const isRefused = control?.tokenBudget === false || profile?.reasoning?.value === "no";
  if (isRefused) {
    return {
      fields: {},
      warnings: [
        noEffect(
          "This server takes no thinking budget, so thinking: { budgetTokens } is not sent.",
          "Start it with the model's --reasoning-parser: vLLM's thinking_token_budget needs one. Until then, limit the whole answer with max_tokens.",
        ),
      ],
    };
  }
  return { fields: { ...control?.on, thinking_token_budget: budget }, warnings };
}

/** Reasoning that may use every token leaves none for the answer: a quarter of `max_tokens`, at most 1024, is kept for it. */
function keepRoomForAnswer(budget: number, maxTokens: number | undefined): { budget: number; warnings: ChatWarning[] } {
  if (maxTokens === undefined) return { budget, warnings: [] };
  const most = Math.max(0, maxTokens - Math.min(1024, Math.ceil(maxTokens / 4)));
  if (budget <= most) return { budget, warnings: [] };
  return {
    budget: most,
    warnings: [
      {
        code: "thinking-budget-lowered",
        message: `The thinking budget of ${budget} tokens leaves no room for an answer within max_tokens ${maxTokens}: ${most} is sent.`,
        hint: "Raise max_tokens above the budget, or leave max_tokens out.",
      },
    ],
  };
}

function listEfforts(control: ThinkingControl): string {
  const words = Object.keys(control.efforts ?? {});
  return words.length === 0
    ? ""
    : ` or its depth (thinking: { effort: ${words.map((word) => `"${word}"`).join(" | ")} })`;
}

function noEffect(message: string, hint: string): ChatWarning {
  return { code: "parameter-has-no-effect", message, hint };
}
