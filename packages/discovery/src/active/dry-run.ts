import { readErrorBody } from "@vllm/schema/core";
import type { ProbeHttp } from "../http/create-probe-http.ts";
import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { jsonOf } from "../http/probe-outcome.ts";
import type { Capability } from "../report/capability.ts";
import { no, unknown, yes } from "../report/capability.ts";
import { quoteText } from "../text/safe-text.ts";
import { REFUSED_LAST } from "../output/refused-last.ts";

/** How far a dry run came. */
export type DryRun =
  /** Everything but the impossible rank was accepted; nothing was generated. */
  | { kind: "accepted"; tokens: 0 }
  /** The header was not looked at, and the answer came. */
  | { kind: "answered"; tokens: number }
  | { kind: "refused"; status: number; message: string; tokens: 0 }
  | { kind: "failed"; why: string; tokens: 0 };

/** A chat request that vLLM checks to the end and then refuses. Where it is answered, one token is written (`max_tokens`). */
export async function dryRun(
  http: ProbeHttp,
  apiRoot: string,
  body: Readonly<Record<string, unknown>>,
): Promise<DryRun> {
  const outcome = await http.ask(`${apiRoot}/chat/completions`, {
    method: "POST",
    headers: REFUSED_LAST,
    json: { messages: [{ role: "user", content: "Hello" }], ...body, max_tokens: 1, stream: false },
  });
  return readDryRun(outcome);
}

export function readDryRun(outcome: ProbeOutcome): DryRun {
  if (outcome.kind !== "answer")
    return { kind: "failed", why: outcome.kind === "timeout" ? "no answer in time" : "no answer", tokens: 0 };
  const { message = "", code } = readErrorBody(outcome.body);
  // vLLM up to 0.12 says with status 200 that a model has no such API; the error's own code is 400.
  if (outcome.status === 200 && message !== "") return { kind: "refused", status: code ?? 200, message, tokens: 0 };
  if (outcome.status === 200) return { kind: "answered", tokens: tokensOf(outcome) };
  if (/data_parallel_rank \d+ is out of range/.test(message)) return { kind: "accepted", tokens: 0 };
  if (outcome.status === 400 || outcome.status === 422)
    return { kind: "refused", status: outcome.status, message, tokens: 0 };
  return { kind: "failed", why: `it answers ${outcome.status}`, tokens: 0 };
}

/** Tokens that an answer cost: prompt and output. */
export function tokensOf(outcome: ProbeOutcome): number {
  const usage = (jsonOf(outcome) as { usage?: { total_tokens?: unknown } | null } | null | undefined)?.usage;
  return typeof usage?.total_tokens === "number" ? usage.total_tokens : 0;
}

export const WEATHER_TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The current weather in a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
} as const;

/** Tools that tell whether the server makes a grammar of a tool that is marked `strict`. No grammar can be made of the impossible ones. */
export const STRICT_TOOLS = {
  sound: { ...WEATHER_TOOL, function: { ...WEATHER_TOOL.function, strict: true } },
  impossible: impossibleTool({ strict: true }),
  unmarked: impossibleTool({}),
} as const;

function impossibleTool(mark: { strict?: true }) {
  const parameters = { type: "object", properties: { city: { type: "no-such-type" } } };
  return { type: "function", function: { name: "get_weather", parameters, ...mark } };
}

/** Dry runs with {@link STRICT_TOOLS} → whether the mark makes the server hold calls to real names and to the schema. */
export function readStrictRuns(runs: Readonly<Record<keyof typeof STRICT_TOOLS, DryRun>>): Capability {
  const { sound, impossible, unmarked } = runs;
  if (sound.kind === "refused")
    return no(`a tool marked strict is refused: ${sound.status} ${quoteText(sound.message, 120)}`);
  if (!isTaken(sound) || !isTaken(unmarked)) return unknown("tools marked strict told nothing");
  if (isTaken(impossible))
    return no("a tool that is marked strict is accepted with a schema that no grammar can be made of");
  if (impossible.kind !== "refused") return unknown("tools marked strict told nothing");
  return yes(
    "marked strict, a tool is refused when no grammar can be made of its schema: the server holds such calls to the schema (no token was generated)",
  );
}

function isTaken(run: DryRun): boolean {
  return run.kind === "accepted" || run.kind === "answered";
}

/** A dry run → whether the model has no chat at all, in vLLM's words. */
export function isNoChatModel(run: DryRun): boolean {
  return run.kind === "refused" && /does not support Chat Completions/.test(run.message);
}

/** A dry run with a tool → whether the server has a tool parser. */
export function readToolRun(run: DryRun): Capability {
  if (run.kind === "accepted")
    return yes(
      "a request with tools passed all of the server's checks (it was then refused on purpose; no token was generated)",
      "probed",
      "call-not-seen",
    );
  if (run.kind === "answered") return yes("a request with tools was answered", "probed", "call-not-seen");
  if (run.kind === "refused" && /requires --enable-auto-tool-choice|requires --tool-call-parser/.test(run.message)) {
    return no(
      "a request with tools is refused: it requires --enable-auto-tool-choice and --tool-call-parser",
      "probed",
      "no-tool-parser",
    );
  }
  return unknown(
    `a request with tools told nothing (${run.kind === "refused" ? `${run.status} ${quoteText(run.message, 120)}` : run.why})`,
  );
}

/** A tool choice other than `auto`, as a request holds it. */
export const TOOL_CHOICES = {
  required: "required",
  named: { type: "function", function: { name: WEATHER_TOOL.function.name } },
} as const;

/** A dry run with one of {@link TOOL_CHOICES} → whether the server takes it. */
export function readToolChoiceRun(choice: keyof typeof TOOL_CHOICES, run: DryRun): Capability {
  const asked = choice === "required" ? 'tool_choice "required"' : "a tool_choice that names a tool";
  if (isTaken(run)) return yes(`a request with ${asked} passed all of the server's checks`);
  if (run.kind === "refused" && /tool[_ -]choice|tool-call-parser/.test(run.message))
    return no(`${asked} is refused: ${quoteText(run.message, 120)}`);
  return unknown(`${asked} told nothing`);
}

/** A dry run with `thinking_token_budget` → whether the server has a reasoning parser. Old versions ignore the field, which tells nothing. */
export function readBudgetRun(run: DryRun): Capability {
  if (run.kind === "refused" && /reasoning_config is not configured|--reasoning-parser/.test(run.message)) {
    return no("thinking_token_budget is refused: it needs --reasoning-parser");
  }
  if (run.kind === "accepted")
    return yes(
      "thinking_token_budget is accepted, which needs a reasoning parser (no token was generated)",
      "probed",
      "thought-not-seen",
    );
  return unknown("thinking_token_budget told nothing");
}

export function readSchemaRun(run: DryRun): Capability {
  if (run.kind === "accepted" || run.kind === "answered") return yes("a request with a JSON schema was accepted");
  if (run.kind === "refused") return no(`a request with a JSON schema is refused: ${quoteText(run.message, 120)}`);
  return unknown("a request with a JSON schema told nothing");
}
