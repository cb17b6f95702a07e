import { notServed } from "@vllm/schema/core";
import { MOST_MODELS } from "../../models/read-model-list.ts";
import type { DiscoveredModel } from "../../report/server-report.ts";
import type { Finding } from "../../report/finding.ts";
import type { Facts, FindingRule, HostWindow } from "../finding-rule.ts";

export const emptyList: FindingRule = ({ state, models, refusedIds, apiRoot }) =>
  state === "ready" && models.length === 0 && refusedIds.length === 0
    ? [
        {
          code: "MODEL_LIST_EMPTY",
          severity: "error",
          message: `${apiRoot}/models answers, but lists no model.`,
          fix: "Behind production-stack's router this means that all servers are down: look at them. It is no reason to forget the models that are known.",
        },
      ]
    : [];

/** Models that a cache kept. */
export function lastGoodAnswer({ models, modelsSeenAt }: Facts): Finding[] {
  if (modelsSeenAt === undefined) return [];
  const kept = models.length === 1 ? "the model" : `the ${models.length} models`;
  return [
    {
      code: "LAST_GOOD_ANSWER_USED",
      severity: "warning",
      message: `The server gave no list of models now; ${kept} of ${new Date(modelsSeenAt).toISOString()} ${models.length === 1 ? "is" : "are"} kept.`,
      fix: "See the other findings for what is wrong with the server.",
    },
  ];
}

export const longList: FindingRule = ({ models, access, apiRoot }) =>
  access.listTooLong && models.length > 0
    ? [
        {
          code: "MODEL_LIST_TOO_LONG",
          severity: "warning",
          message: `${apiRoot}/models lists more than ${MOST_MODELS} models; the first ${MOST_MODELS} were read.`,
          fix: "Use the address of the server that serves the model, or have the router list fewer.",
        },
      ]
    : [];

export const refusedIds: FindingRule = ({ refusedIds }) =>
  refusedIds.map((refused): Finding => ({
    code: "MODEL_ID_REFUSED",
    severity: "warning",
    message: `The model id ${refused.id} ${refused.why}, so it was left out.`,
    fix: "Give the model another name: --served-model-name.",
  }));

export const aliases: FindingRule = ({ models }) => {
  const told = new Set<string>();
  return models.flatMap((model): Finding[] => {
    if (model.aliases.length === 0 || told.has(model.id)) return [];
    for (const alias of model.aliases) told.add(alias);
    const names = [model.id, ...model.aliases];
    return [
      {
        code: "MODEL_ALIAS",
        severity: "info",
        model: model.id,
        message: `${names.slice(0, 10).join(", ")}${names.length > 10 ? ", …" : ""} are names of one model (${model.root}). Answers always say ${model.id}.`,
        fix: "Use one of the names everywhere, so that the cache of a conversation is not mistaken for another model's.",
      },
    ];
  });
};

const USES: Readonly<Partial<Record<DiscoveredModel["task"], string>>> = {
  embedding: "makes embeddings (/v1/embeddings)",
  rerank: "ranks documents (/v1/rerank)",
  classification: "classifies texts (/classify)",
  transcription: "transcribes sound (/v1/audio/transcriptions)",
  completion: "completes texts and does not chat (/v1/completions)",
};

export const notChat: FindingRule = ({ models }) =>
  models.flatMap((model): Finding[] => {
    const use = USES[model.task];
    if (use === undefined) return [];
    return [
      {
        code: "MODEL_NOT_CHAT",
        severity: "info",
        model: model.id,
        message: `${model.id} ${use}, so it is not offered as a chat model.`,
        fix: "Use it for what it is made for; start another server for chats.",
      },
    ];
  });

export const gone: FindingRule = ({ state, models }, { expectedModels }) => {
  if (state !== "ready" || models.length === 0) return [];
  const ids = models.map((model) => model.id);
  return (expectedModels ?? [])
    .filter((id) => !ids.includes(id))
    .map((id): Finding => {
      const { message, suggestion } = notServed(id, ids, { subject: `The config uses ${id}, which` });
      return {
        code: "MODEL_GONE",
        severity: "error",
        model: id,
        message,
        fix:
          suggestion === undefined
            ? "Change the config to a served id, or serve it: --served-model-name."
            : `Did you mean ${suggestion}? Change the config, or start the server with --served-model-name ${id}.`,
      };
    });
};

/** Agent rule: `context-window-guard.ts`. */
const CODERCLAW_WINDOW: HostWindow = {
  host: "CoderClaw",
  refusedBelow: 16_000,
  warnedBelow: 32_000,
  ownPrompt: 11_000,
};

export const windows: FindingRule = ({ models, capacity }, { hostWindow = CODERCLAW_WINDOW }) => {
  const { host, refusedBelow, warnedBelow = refusedBelow, ownPrompt } = hostWindow;
  return models.flatMap((model): Finding[] => {
    if (USES[model.task] !== undefined) return [];
    const window = model.contextWindow;
    if (window === undefined) {
      return [
        {
          code: "WINDOW_UNKNOWN",
          severity: "warning",
          model: model.id,
          message: `Nobody says how large the window of ${model.id} is; agents then assume 128000 tokens.`,
          fix: "Write contextWindow into the config: it is the server's --max-model-len.",
        },
      ];
    }
    const findings: Finding[] = [];
    const isRefused = window < refusedBelow;
    if (isRefused || window < warnedBelow) {
      findings.push({
        code: isRefused ? "WINDOW_TOO_SMALL" : "WINDOW_SMALL",
        severity: isRefused ? "error" : "warning",
        model: model.id,
        message: `${model.id} has a window of ${window} tokens: ${host} ${isRefused ? `refuses to run below ${refusedBelow}` : `warns below ${warnedBelow}`}, and its own prompt takes about ${ownPrompt}.`,
        fix: "Start the server with a larger --max-model-len, as far as the model and the GPU's memory allow.",
      });
    }
    const fits = capacity?.fullWindowRequests;
    if (fits !== undefined && fits < 1.5 && model.parent === undefined) {
      const tokens = capacity?.kvCacheTokens;
      findings.push({
        code: "WINDOW_LARGER_THAN_CACHE",
        severity: "warning",
        model: model.id,
        message: `The KV cache holds ${tokens === undefined ? "" : `${tokens} tokens, that is `}${round(fits)} requests of the full window of ${window}: a second long conversation has to wait or throws out the first one's cache.`,
        fix: "Lower --max-model-len, free memory for the cache (--gpu-memory-utilization, --kv-cache-dtype fp8), or run one conversation at a time.",
      });
    }
    return findings;
  });
};

/** Under it, an agent's answer often does not fit: a file that it writes is one call. */
const SMALL_OUTPUT = 4096;

export const outputLimits: FindingRule = ({ models }) =>
  models.flatMap((model): Finding[] => {
    if (model.parent !== undefined || USES[model.task] !== undefined) return [];
    const { maxOutputTokens: most, defaultOutputTokens: unasked } = model.profile;
    const about = { code: "OUTPUT_LIMITED", model: model.id } as const;
    if (most !== undefined) {
      return [
        {
          ...about,
          severity: most.value < SMALL_OUTPUT ? "warning" : "info",
          message: `The server ends every answer of ${model.id} after ${most.value} tokens, whatever the request asks for.`,
          fix: "Start it without max_new_tokens in --override-generation-config and --generation-config, or with a larger one; else give the agent this limit (maxTokens).",
        },
      ];
    }
    if (unasked === undefined) return [];
    return [
      {
        ...about,
        severity: unasked.value < SMALL_OUTPUT ? "warning" : "info",
        message: `The server ends an answer of ${model.id} after ${unasked.value} tokens, unless the request sets its own limit (max_new_tokens of generation_config.json).`,
        fix: "Set max_tokens in the request or the agent, or start the server with --generation-config vllm, which ignores the model's own values.",
      },
    ];
  });

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
