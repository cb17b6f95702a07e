import type { Finding } from "../report/finding.ts";
import type { ProbeHttp } from "../http/create-probe-http.ts";
import type { Capability } from "../report/capability.ts";
import { no, toFact, unknown, yes } from "../report/capability.ts";
import { describeLoad } from "../findings/rules/describe-load.ts";
import type { ServerCapacity } from "../report/server-capacity.ts";
import type { DiscoveredModel } from "../report/server-report.ts";
import { baseOf, isChat, onePerBase } from "../models/base-of.ts";
import { refusesLast } from "../output/refused-last.ts";
import type { ChatSeen } from "./ask-for-call.ts";
import { askForCall, askRaw } from "./ask-for-call.ts";
import {
  dryRun,
  isNoChatModel,
  readBudgetRun,
  readSchemaRun,
  readStrictRuns,
  readToolChoiceRun,
  readToolRun,
  STRICT_TOOLS,
  TOOL_CHOICES,
  WEATHER_TOOL,
} from "./dry-run.ts";
import type { AffinitySeen } from "./probe-affinity.ts";
import { probeAffinity } from "./probe-affinity.ts";
import type { TaskSeen } from "./probe-task.ts";
import { probeTask } from "./probe-task.ts";

export interface ActiveOptions {
  http: ProbeHttp;
  apiRoot: string;
  serverRoot: string;
  models: readonly DiscoveredModel[];
  /** vLLM's; undefined where nobody said it. */
  version: string | undefined;
  capacity: ServerCapacity | undefined;
  /** What stands before several servers; undefined where nothing does. */
  router: string | undefined;
  /** Generate also while the server works for others. */
  evenIfBusy: boolean;
}

export interface ActiveResult {
  models: DiscoveredModel[];
  findings: Finding[];
  /** Prompt and output tokens that the questions cost. */
  tokens: number;
}

/**
 * Asks each distinct model. A chat model: first requests that the server refuses after its last check, which generate nothing; then, unless
 * the server is busy, one short chat that shows what the parsers do with the model's own text. Another one: a word to embed, rank or classify.
 */
export async function probeActive(options: ActiveOptions): Promise<ActiveResult> {
  const bases = onePerBase(options.models);
  const busy = busyWith(options.capacity);
  const mayGenerate = busy === 0 || options.evenIfBusy;
  const seen = new Map<string, ActiveFacts>();
  // One after the other: a probe must not be the load it is afraid of.
  for (const [base, model] of [...bases].slice(0, MOST_MODELS))
    seen.set(base, await probeModel(options, model, mayGenerate));
  const results = [...seen.values()];
  const affinity = mayGenerate ? await askForAffinity(options, bases) : NO_AFFINITY;
  const findings = [...results.flatMap((facts) => facts.findings), ...affinity.findings];
  if (!mayGenerate) {
    findings.push({
      code: "PROBE_SKIPPED_BUSY",
      severity: "info",
      message: `The server works on ${busy} other ${busy === 1 ? "request" : "requests"}, so no text was generated for the probe.`,
      fix: "Ask again when it is idle, or allow it: evenIfBusy.",
    });
  }
  return {
    models: options.models.map((model) => {
      const facts = seen.get(baseOf(model, options.models));
      return facts === undefined ? model : applyActiveFacts(model, facts);
    }),
    findings,
    tokens: results.reduce((sum, facts) => sum + facts.tokens, affinity.tokens),
  };
}

const MOST_MODELS = 8;
const NO_AFFINITY: AffinitySeen = { findings: [], tokens: 0 };

/** A router treats all models alike: one that chats is enough. */
async function askForAffinity(
  { http, apiRoot, router }: ActiveOptions,
  bases: ReadonlyMap<string, DiscoveredModel>,
): Promise<AffinitySeen> {
  const model = [...bases.values()].find(isChat);
  if (router === undefined || model === undefined) return NO_AFFINITY;
  return probeAffinity({ http, apiRoot, model: model.id, router });
}

function busyWith(capacity: ServerCapacity | undefined): number {
  return (capacity?.running ?? 0) + (capacity?.waiting ?? 0);
}

interface ActiveFacts {
  /** What the model is for, when it does not chat. */
  task: TaskSeen | undefined;
  strictTools: Capability;
  toolCalling: Capability;
  requiredToolCalls: Capability;
  namedToolCalls: Capability;
  reasoning: Capability;
  structuredOutput: Capability;
  takesTokenBudget: boolean;
  findings: Finding[];
  tokens: number;
}

const NOTHING_SEEN: ActiveFacts = {
  task: undefined,
  strictTools: unknown("nobody asked"),
  toolCalling: unknown("nobody asked"),
  requiredToolCalls: unknown("nobody asked"),
  namedToolCalls: unknown("nobody asked"),
  reasoning: unknown("nobody asked"),
  structuredOutput: unknown("nobody asked"),
  takesTokenBudget: false,
  findings: [],
  tokens: 0,
};

async function probeModel(options: ActiveOptions, model: DiscoveredModel, mayGenerate: boolean): Promise<ActiveFacts> {
  const { http } = options;
  if (!mayGenerate && !refusesLast(options.version)) return NOTHING_SEEN;
  const facts = isChat(model) ? await probeChecks(options, model) : "no-chat";
  if (facts === "no-chat") {
    if (!mayGenerate) return NOTHING_SEEN;
    const { seen, tokens } = await probeTask(http, options, model);
    return { ...NOTHING_SEEN, task: seen, tokens };
  }
  if (!mayGenerate) return facts;
  const hasParser = facts.toolCalling.status === "yes";
  const chat = await askForCall(http, options.apiRoot, model.id, hasParser);
  if (chat === undefined) return facts;
  if ("silentMs" in chat) return { ...facts, findings: [unanswered(model, chat.silentMs, options.capacity)] };
  const isUnclear = hasParser && !chat.calledTool && chat.leakedParsers === undefined;
  const raw = isUnclear ? await askRaw(http, options, model.id) : undefined;
  return addChat(facts, { ...chat, tokens: chat.tokens + (raw?.tokens ?? 0), lostCall: raw?.callParsers });
}

function unanswered(model: DiscoveredModel, silentMs: number, capacity: ServerCapacity | undefined): Finding {
  const silence = `a short chat with ${model.id} got no answer in ${Math.round(silentMs / 1000)} s`;
  const load = describeLoad(capacity);
  if (load !== undefined) {
    return {
      code: "CHAT_UNANSWERED",
      severity: "error",
      model: model.id,
      message: `The server is busy: ${load}, and ${silence}.`,
      fix: "Ask again when it is less busy, or allow more time (timeoutMs). If those requests never end, the engine is stuck: look at the server's log.",
    };
  }
  return {
    code: "CHAT_UNANSWERED",
    severity: "error",
    model: model.id,
    message: `The server says that it is healthy, and ${silence}: the engine is paused, stuck or very slow.`,
    fix: "Resume a paused engine with POST /resume (needs VLLM_SERVER_DEV_MODE=1), look at the server's log, or start it again. For a slow one allow more time (timeoutMs).",
  };
}

/** Requests that vLLM checks to the end and then refuses. */
async function probeChecks({ http, apiRoot }: ActiveOptions, model: DiscoveredModel): Promise<ActiveFacts | "no-chat"> {
  const run = (body: Readonly<Record<string, unknown>>) => dryRun(http, apiRoot, { model: model.id, ...body });
  const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
  const tools = [WEATHER_TOOL];
  const [toolRun, requiredRun, namedRun, budgetRun, schemaRun] = await Promise.all([
    run({ tools }),
    run({ tools, tool_choice: TOOL_CHOICES.required }),
    run({ tools, tool_choice: TOOL_CHOICES.named }),
    run({ thinking_token_budget: 1 }),
    run({ response_format: { type: "json_schema", json_schema: { name: "probe", schema } } }),
  ]);
  if (isNoChatModel(toolRun)) return "no-chat";
  const toolCalling = readToolRun(toolRun);
  const strictRuns =
    toolCalling.status === "yes"
      ? await Promise.all([
          run({ tools: [STRICT_TOOLS.sound] }),
          run({ tools: [STRICT_TOOLS.impossible] }),
          run({ tools: [STRICT_TOOLS.unmarked] }),
        ])
      : undefined;
  return {
    task: undefined,
    toolCalling,
    requiredToolCalls: readToolChoiceRun("required", requiredRun),
    namedToolCalls: readToolChoiceRun("named", namedRun),
    strictTools:
      strictRuns === undefined
        ? unknown("the server has no tool parser")
        : readStrictRuns({ sound: strictRuns[0], impossible: strictRuns[1], unmarked: strictRuns[2] }),
    reasoning: readBudgetRun(budgetRun),
    structuredOutput: readSchemaRun(schemaRun),
    takesTokenBudget: budgetRun.kind === "accepted",
    findings: [],
    tokens: [toolRun, requiredRun, namedRun, budgetRun, schemaRun, ...(strictRuns ?? [])].reduce(
      (sum, { tokens: spent }) => sum + spent,
      0,
    ),
  };
}

/** What the short chat showed beats what the checks let one guess. */
function addChat(facts: ActiveFacts, chat: ChatSeen & { lostCall: readonly string[] | undefined }): ActiveFacts {
  return {
    ...facts,
    toolCalling: toolCallingIn(facts.toolCalling, chat),
    reasoning: reasoningIn(facts.reasoning, chat),
    tokens: facts.tokens + chat.tokens,
  };
}

function toolCallingIn(checked: Capability, chat: ChatSeen & { lostCall: readonly string[] | undefined }): Capability {
  if (chat.calledTool) return yes("the model called a tool, and the call arrived as a call");
  const unread = chat.leakedParsers ?? chat.lostCall;
  if (checked.status !== "yes" || unread === undefined) return checked;
  const [parser] = unread;
  const how = chat.leakedParsers === undefined ? "vanished" : "arrived as text";
  const evidence = `the model called a tool in the format of ${unread.join(" or ")}, and the call ${how}`;
  return { ...no(evidence, "probed", "call-not-read"), parser };
}

function reasoningIn(checked: Capability, chat: ChatSeen): Capability {
  if (chat.leakedThought !== undefined) {
    const cause = checked.status === "yes" ? "thought-not-read" : "thought-in-answer";
    return no(`the reasoning stands in the answer, with ${chat.leakedThought} or its end`, "probed", cause);
  }
  if (chat.reasoningField === undefined) return checked;
  return yes(`the answer's reasoning came in the field ${chat.reasoningField}`);
}

function applyActiveFacts(model: DiscoveredModel, facts: ActiveFacts): DiscoveredModel {
  const { toolCalling, reasoning, strictTools, task } = facts;
  if (task !== undefined) return { ...model, task: task.task, taskEvidence: task.evidence };
  // A template that hides the tools makes the parser useless.
  const calls = model.templateTools?.status === "no" ? model.toolCalling : better(toolCalling, model.toolCalling);
  const reason = better(reasoning, model.reasoning);
  const { thinking } = model.profile;
  return {
    ...model,
    toolCalling: calls,
    requiredToolCalls: better(facts.requiredToolCalls, model.requiredToolCalls),
    namedToolCalls: better(facts.namedToolCalls, model.namedToolCalls),
    reasoning: reason,
    structuredOutput: better(facts.structuredOutput, model.structuredOutput),
    profile: {
      ...model.profile,
      toolCalling: toFact(calls),
      reasoning: toFact(reason),
      ...(strictTools.status === "unknown" ? {} : { strictTools: toFact(strictTools) }),
      ...(thinking === undefined || !facts.takesTokenBudget
        ? {}
        : { thinking: { ...thinking, value: { ...thinking.value, tokenBudget: true } } }),
    },
  };
}

function better(seen: Capability, known: Capability): Capability {
  return seen.status === "unknown" ? known : seen;
}
