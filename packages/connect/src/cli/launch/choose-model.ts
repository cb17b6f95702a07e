import { pickDefaultModel } from "@vllm/discovery";
import type { DiscoveredModel, ServerReport } from "@vllm/discovery";
import { displayUrl, notServed, VllmError } from "@vllm/schema/core";
import { choose } from "../terminal/prompts.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { isInteractive } from "../terminal/terminal.ts";

/** The model that was named, the only one that chats, or what a person picks; without a person, the first that calls tools. */
export async function chooseModel(
  terminal: Terminal,
  { models, apiRoot }: ServerReport,
  wanted: string | undefined,
): Promise<DiscoveredModel> {
  const chats = models.filter(({ task }) => task === "chat" || task === "unknown");
  if (wanted !== undefined) {
    const named = models.find(({ id }) => id === wanted);
    if (named !== undefined) return named;
    const ids = chats.map(({ id }) => id);
    throw new VllmError({
      code: "MODEL_NOT_FOUND",
      ...notServed(wanted, ids, { name: (id) => `--model ${id}` }),
      availableModels: ids,
    });
  }
  const best = pickDefaultModel(chats);
  if (best === undefined) throw noChatModel(apiRoot);
  // Several names of one model are no choice.
  const roots = new Set(chats.map(({ root, id }) => root ?? id));
  if (roots.size === 1 || !isInteractive(terminal)) return best;
  const id = await choose(terminal, {
    message: "Which model?",
    options: chats.map(({ id: value, contextWindow }) => ({
      value,
      label: value,
      ...(contextWindow === undefined ? {} : { hint: `${contextWindow.toLocaleString("en-US")} tokens` }),
    })),
    initialValue: best.id,
  });
  return chats.find((model) => model.id === id) as DiscoveredModel;
}

function noChatModel(apiRoot: string): VllmError {
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    message: `${displayUrl(apiRoot)} serves no model that chats.`,
    hint: "Start vLLM with one: vllm serve <model>",
    availableModels: [],
  });
}
