import type { MessageRule } from "@vllm/schema/core";
import { adviseParser } from "../../families/advise-parser.ts";
import { baseOf, isChat } from "../../models/base-of.ts";
import type { DiscoveredModel } from "../../report/server-report.ts";
import { quoteText } from "../../text/safe-text.ts";
import type { FindingCode } from "../../report/finding-codes.ts";
import type { Finding } from "../../report/finding.ts";
import type { FindingRule } from "../finding-rule.ts";

/** One model of each template: names and adapters of one base model would only repeat it. */
function eachTemplate(models: readonly DiscoveredModel[]): DiscoveredModel[] {
  const seen = new Set<string>();
  return models.filter((model) => {
    const key = JSON.stringify([
      baseOf(model, models),
      model.profile.history,
      model.templateTools,
      model.toolCalling,
      model.reasoning,
    ]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

export const tools: FindingRule = ({ models, version }) =>
  eachTemplate(models).flatMap((model): Finding[] => {
    const about = { model: model.id } as const;
    if (model.templateTools?.status === "no") {
      return [
        {
          ...about,
          code: "TEMPLATE_WITHOUT_TOOLS",
          severity: "error",
          message: `The chat template of ${model.id} does not put tools into the prompt, so the model never hears of them (${model.templateTools.evidence}).`,
          fix: "Start the server with a template that knows tools: --chat-template examples/tool_chat_template_<family>.jinja of vLLM's repository.",
        },
      ];
    }
    const findings: Finding[] = [];
    if (model.toolCalling.cause === "no-tool-parser") {
      findings.push({
        ...about,
        code: "TOOL_PARSER_MISSING",
        severity: "error",
        message: "The server was started without a tool parser: requests with tools are refused.",
        fix: `Start it with --enable-auto-tool-choice --tool-call-parser ${adviseParser(model, "toolParser", " (the chat template writes calls so)")}.`,
      });
    }
    if (model.toolCalling.cause === "call-not-read") {
      findings.push({
        ...about,
        code: "TOOL_PARSER_WRONG",
        severity: "error",
        message: `The server's tool parser does not read the calls of ${model.id}: ${model.toolCalling.evidence}.`,
        fix: `Start the server with --tool-call-parser ${model.toolCalling.parser ?? adviseParser(model, "toolParser")} instead.`,
      });
    }
    if (model.profile.toolParser === undefined && model.templateCallExample !== undefined) {
      findings.push({
        ...about,
        code: "TOOL_FORMAT_UNKNOWN",
        severity: "warning",
        message: `The chat template of ${model.id} writes calls in a way that no parser of vLLM ${version ?? ""} is known to read: ${quoteText(model.templateCallExample)}.`,
        fix: "Snapshot for a parser plug-in on the model's page (--tool-parser-plugin), or use a model with a known format.",
      });
    }
    if (model.templateCalls?.status === "no" && model.templateTools?.status === "yes") {
      findings.push({
        ...about,
        code: "TEMPLATE_DROPS_TOOL_CALLS",
        severity: "warning",
        message: `The chat template of ${model.id} leaves earlier tool calls out of the prompt: the model sees results and not what it asked.`,
        fix: "Take the template of vLLM's examples for this family (--chat-template), or a newer one from the model's page.",
      });
    }
    return findings;
  });

export const thoughts: FindingRule = ({ models }) =>
  eachTemplate(models).flatMap((model): Finding[] => {
    const history = model.profile.history?.value;
    const findings: Finding[] = [];
    const thinksByItself = model.profile.thinking !== undefined && model.profile.thinking.value.default !== "off";
    const { status, cause, evidence } = model.reasoning;
    if (cause === "thought-not-read") {
      findings.push({
        code: "REASONING_PARSER_WRONG",
        severity: "warning",
        model: model.id,
        message: `The server has a reasoning parser, and it does not read the reasoning of ${model.id}: ${evidence}.`,
        fix: `Start the server with --reasoning-parser ${adviseParser(model, "reasoningParser")} instead.`,
      });
    } else if (status === "no" && (thinksByItself || cause === "thought-in-answer")) {
      const start =
        model.profile.thoughtOpenedByTemplate?.value === true
          ? " without a start tag, because the template opens it"
          : "";
      findings.push({
        code: "REASONING_PARSER_MISSING",
        severity: "warning",
        model: model.id,
        message: `The server has no reasoning parser: thoughts stand in the answer${start}.`,
        fix: `Start it with --reasoning-parser ${adviseParser(model, "reasoningParser")}.`,
      });
    }
    if (history?.keepReasoningKwargs !== undefined && history.reasoningReplay === "current-turn") {
      findings.push({
        code: "THOUGHTS_DROPPED",
        severity: "info",
        model: model.id,
        message: `The chat template of ${model.id} drops the reasoning of earlier turns: plans get lost, and each new turn misses the prefix cache.`,
        fix: `Send chat_template_kwargs ${JSON.stringify(history.keepReasoningKwargs)} and the earlier reasoning, or start the server with --default-chat-template-kwargs '${JSON.stringify(history.keepReasoningKwargs)}'.`,
      });
    }
    return findings;
  });

const ROLES: readonly {
  rule: (model: DiscoveredModel) => MessageRule | undefined;
  refused: FindingCode;
  dropped: FindingCode;
  what: string;
  fix: string;
}[] = [
  {
    rule({ profile }) {
      const { firstSystem, secondSystem, laterSystem } = profile.history?.value ?? {};
      // Where not even the first one is kept, that is the finding.
      return isBad(firstSystem) ? undefined : worse(secondSystem, laterSystem);
    },
    refused: "SYSTEM_MESSAGES_REJECTED",
    dropped: "SYSTEM_MESSAGES_DROPPED",
    what: "a further system message",
    fix: "Send one system message, at the beginning (@vllm/client merges them when it has the model's profile).",
  },
  {
    rule: ({ profile }) => profile.history?.value.consecutiveUser,
    refused: "USER_MESSAGES_REJECTED",
    dropped: "USER_MESSAGES_DROPPED",
    what: "two user messages in a row",
    fix: "Merge user messages that follow each other (@vllm/client does when it has the model's profile).",
  },
  {
    rule: ({ profile }) => profile.history?.value.developerRole,
    refused: "DEVELOPER_ROLE_REJECTED",
    dropped: "DEVELOPER_ROLE_DROPPED",
    what: "the developer role",
    fix: "Send it as a system message: compat.supportsDeveloperRole must be false.",
  },
];

export const firstSystem: FindingRule = ({ models }) =>
  eachTemplate(models).flatMap((model): Finding[] => {
    const rule = model.profile.history?.value.firstSystem;
    if (!isBad(rule)) return [];
    const what =
      rule === "dropped"
        ? "leaves the system message out of the prompt, without a word"
        : "refuses every system message with status 400";
    return [
      {
        code: "FIRST_SYSTEM_MESSAGE_REJECTED",
        severity: "warning",
        model: model.id,
        message: `The chat template of ${model.id} ${what}, also at the beginning, where every agent has its instructions.`,
        fix: "Reach the server through the bridge or @vllm/client, which put that text into the first user message; or start it with a template that has a system message (--chat-template).",
      },
    ];
  });

export const roles: FindingRule = ({ models }) =>
  eachTemplate(models).flatMap((model) =>
    ROLES.flatMap(({ rule, refused, dropped, what, fix }): Finding[] => {
      const found = rule(model);
      if (found !== "rejected" && found !== "dropped") return [];
      const isDropped = found === "dropped";
      return [
        {
          code: isDropped ? dropped : refused,
          severity: isDropped ? "warning" : "info",
          model: model.id,
          message: isDropped
            ? `The chat template of ${model.id} accepts ${what} and leaves it out of the prompt, without a word.`
            : `The chat template of ${model.id} refuses ${what} with status 400.`,
          fix,
        },
      ];
    }),
  );

function isBad(rule: MessageRule | undefined): boolean {
  return rule === "rejected" || rule === "dropped";
}

function worse(first: MessageRule | undefined, second: MessageRule | undefined): MessageRule | undefined {
  return first === "dropped" || second === "dropped" ? "dropped" : first === "rejected" ? first : second;
}

const NOT_ASKED =
  " LiteLLM lists models without asking the servers behind it, so this report does not show whether they are up: the active probe (doctor --active) sends each model a chat of one token.";

export const notProbed: FindingRule = ({ templateProbe, models, state, kind, asked }) => {
  const { unavailable: why, cause, model: id } = templateProbe;
  const hasChatted = asked.some(({ method, path }) => method === "POST" && path.endsWith("/chat/completions"));
  if (why === undefined || state !== "ready" || models.length === 0) return [];
  // Who did not want the probe, or has no vLLM at all, misses nothing.
  // What ran out of time is PROBE_INCOMPLETE.
  if (cause === "not-asked" || cause === "no-time") return [];
  const model = models.find((candidate) => candidate.id === id);
  // A model that embeds or ranks needs no chat template.
  if (model !== undefined && !isChat(model)) return [];
  if (cause === "template-refuses") {
    return [
      {
        code: "TEMPLATE_UNUSABLE",
        severity: "error",
        model: id,
        message: `The server cannot render a plain chat message${id === undefined ? "" : ` for ${id}`}: ${why}.`,
        fix: "The model has no chat template, or one that needs more: pass one with --chat-template. If it is not made for chats, it needs none.",
      },
    ];
  }
  return [
    {
      code: "TEMPLATE_NOT_PROBED",
      severity: "info",
      message: `What the chat template does could not be seen through /tokenize: ${why}.${kind === "litellm" && !hasChatted ? NOT_ASKED : ""}`,
      fix: "Ask the vLLM server itself, past the router or proxy, to learn tool format, thinking switch and role rules.",
    },
  ];
};
