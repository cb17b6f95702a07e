import { readErrorBody } from "@vllm/schema/core";
import type { ProbeHttp } from "../http/create-probe-http.ts";
import type { ProbeOutcome } from "../http/probe-outcome.ts";
import type { DiscoveredModel } from "../report/server-report.ts";
import { REFUSED_LAST } from "./refused-last.ts";

/** How many tokens the server lets an answer have, where the window is not the only limit. */
export interface OutputLimits {
  /** Whatever a request asks for (`--override-generation-config`, `--generation-config`). */
  most?: number | undefined;
  /** When a request sets no limit (`max_new_tokens` of the model's own `generation_config.json`). */
  unasked?: number | undefined;
}

/** More than any window: vLLM refuses to write so many, and names the limit that is in force. */
const MIN_TOKENS = 1_000_000_000;
/** What a prompt of one word takes of the window at most, without and with a chat template around it. */
const WORD = 16;
const WORD_IN_TEMPLATE = 1024;

/** Finds both limits without a generated token: a request with a larger `min_tokens` is refused with the limit that is in force. */
export async function probeOutputLimits(
  http: ProbeHttp,
  roots: { apiRoot: string; serverRoot: string },
  { id: model, contextWindow: window }: Pick<DiscoveredModel, "id" | "contextWindow">,
): Promise<OutputLimits> {
  if (window === undefined || window <= WORD_IN_TEMPLATE) return {};
  const ask = async (url: string, body: Readonly<Record<string, unknown>>): Promise<number> => {
    const json = { model, ...body, min_tokens: MIN_TOKENS, stream: false };
    const limit = readOutputLimit(await http.ask(url, { method: "POST", headers: REFUSED_LAST, json }));
    return limit ?? Number.POSITIVE_INFINITY;
  };
  // A completion has a limit of 16 unless it sets one, so that only a chat shows the server's own; this route takes chats, too.
  const chat = (content: string) => ask(`${roots.serverRoot}/invocations`, { messages: [{ role: "user", content }] });
  const asked = window - WORD;
  const [granted, unasked] = await Promise.all([
    ask(`${roots.apiRoot}/completions`, { prompt: "Hello", max_tokens: asked }),
    chat("Hello"),
  ]);
  if (granted < asked) return { most: granted };
  if (unasked >= window - WORD_IN_TEMPLATE) return {};
  // The window leaves a longer prompt less room.
  return (await chat("Hello ".repeat(50))) === unasked ? { unasked } : {};
}

/** Source: `SamplingParams` of vLLM 0.32.0; the words are the same in 0.9.2. */
function readOutputLimit(outcome: ProbeOutcome): number | undefined {
  if (outcome.kind !== "answer" || outcome.status !== 400) return undefined;
  const { message = "" } = readErrorBody(outcome.body);
  const match = /min_tokens must be less than or equal to max_tokens=(\d+)/.exec(message);
  return match === null ? undefined : Number(match[1]);
}

const EVIDENCE = "a request with more min_tokens was refused with this limit";

/** A model with what its server lets an answer have. Pure. */
export function applyOutputLimits(model: DiscoveredModel, { most, unasked }: OutputLimits): DiscoveredModel {
  const fact = (value: number) => ({ value, source: "server", evidence: EVIDENCE }) as const;
  return {
    ...model,
    profile: {
      ...model.profile,
      ...(most === undefined ? {} : { maxOutputTokens: fact(most) }),
      ...(unasked === undefined ? {} : { defaultOutputTokens: fact(unasked) }),
    },
  };
}
