import type { ModelProfile, VllmError } from "@vllm/schema/core";
import { noToolParser, plainHistory } from "../broken-calls/learned-profile.ts";
import { TOOLS_IN_TEXT } from "../request/index.ts";
import type { ChatWarning } from "../stream/warning.ts";
import { fitMaxTokens } from "./fit-max-tokens.ts";
import type { Remedy } from "./request-plan.ts";
import { elsewhereDelay, retryDelay } from "./retry-delay.ts";

/** An attempt that failed, and what is needed to judge it. */
export interface FailedAttempt {
  error: VllmError;
  /** What was sent. */
  body: Readonly<Record<string, unknown>>;
  /** What is known about the model. */
  profile: Partial<ModelProfile> | undefined;
  /** A byte of the answer had come. */
  hadBytes: boolean;
  /** Something of the answer itself had come. */
  hasContent: boolean;
  /** From sending to the failure, in ms. */
  waitedMs: number;
  /** The request went into a dead connection and was not seen by the server. */
  wasStale: boolean;
  /** Calls in the answer's text become calls. */
  findsCalls: boolean;
  /** The caller named no model. */
  hasFoundModel: boolean;
  settings: RetrySettings;
  /** The same error with what other routes of the server know. */
  explain(): Promise<VllmError>;
  /** The only model of a server that no longer knows the one it had. */
  findModelAgain(): Promise<string>;
}

interface RetrySettings {
  maxRetries: number;
  maxElsewhere: number;
  fitMaxTokens: boolean;
  /** Messages that the chat template refuses are sent in the plainest form. */
  plainHistory: boolean;
}

export interface RetryRule {
  /** How often one request is sent again by this rule. */
  times(settings: RetrySettings): number;
  /**
   * What to change before the request is sent again; undefined when the rule does not apply.
   *
   * @param applied how often it has been applied to this request
   */
  remedy(attempt: FailedAttempt, applied: number): Remedy | undefined | Promise<Remedy | undefined>;
}

const once = (): number => 1;

/** Each idle connection of the pool may be dead, and each attempt uses one up. */
const staleConnection: RetryRule = {
  times: () => Number.POSITIVE_INFINITY,
  remedy: ({ wasStale }) => (wasStale ? {} : undefined),
};

/** gpt-oss: vLLM's harmony parser stumbles over a slip of the model. The same request succeeds when it is sent again. */
const brokenFormat: RetryRule = {
  times: once,
  remedy: ({ error, hasContent }) => (error.reason === "output-format" && !hasContent ? {} : undefined),
};

/** The server was started again with another model. */
const otherModel: RetryRule = {
  times: once,
  async remedy({ error, body, hasFoundModel, findModelAgain }) {
    if (error.code !== "MODEL_NOT_FOUND" || !hasFoundModel) return undefined;
    // Behind a router the list may be another server's than the one that answers.
    const { availableModels = [] } = error;
    const model = availableModels.length === 1 ? availableModels[0] : await findModelAgain();
    return model === body["model"] ? undefined : { fields: { model } };
  },
};

const toolsInText: RetryRule = {
  times: once,
  remedy({ error, body, findsCalls }) {
    if (error.code !== "TOOL_PARSER_NOT_ENABLED" || !findsCalls || body["tool_choice"] === "none") return undefined;
    return { learned: noToolParser(error.message), warning: TOOLS_IN_TEXT };
  },
};

const HISTORY_MADE_PLAIN: ChatWarning = {
  code: "HISTORY_MADE_PLAIN",
  message:
    "The chat template refused the messages, so they were sent again in the plainest form: one system message, at the start (or, where the template has none, its text in front of the first user message), and no two user messages in a row.",
  hint: "Tell the client what the template accepts (profile.history, which @vllm/discovery finds out), or keep what onLearned reports: the next request is then right at once.",
};

const plainerHistory: RetryRule = {
  times: ({ plainHistory: isOn }) => (isOn ? 1 : 0),
  remedy({ error, profile, hasContent }) {
    if (error.code !== "CHAT_TEMPLATE_REJECTED" || hasContent) return undefined;
    const learned = plainHistory(profile, error.message, error.reason === "system-role");
    return { learned, warning: HISTORY_MADE_PLAIN };
  },
};

const smallerOutput: RetryRule = {
  times: ({ fitMaxTokens: isOn }) => (isOn ? 1 : 0),
  async remedy({ error, body, hasContent, explain }) {
    if (error.code !== "CONTEXT_LENGTH_EXCEEDED" || hasContent) return undefined;
    return fitMaxTokens(body, await explain());
  },
};

/**
 * A router's next attempt may go to another server: after the 500 of one that shuts down, and after the router's own for one that it could
 * not reach.
 */
const elsewhere: RetryRule = {
  times: ({ maxElsewhere }) => maxElsewhere,
  remedy({ error, hadBytes }, applied) {
    if (hadBytes || !isOfOneServer(error)) return undefined;
    return { delayMs: elsewhereDelay(applied) };
  },
};

function isOfOneServer({ reason, status }: VllmError): boolean {
  // Without a status nothing listens at the address itself.
  if (reason === "shutting-down") return status !== undefined;
  return reason === "upstream-unreachable" && status === 500;
}

/** Waited for so long, a request that is sent again waits as long once more, at the end of the queue. */
const LONG_WAIT_MS = 10_000;

const later: RetryRule = {
  times: ({ maxRetries }) => maxRetries,
  remedy({ error, hadBytes, waitedMs, settings }, applied) {
    if (isOfOneServer(error) || (error.code === "REQUEST_TIMEOUT" && waitedMs > LONG_WAIT_MS)) return undefined;
    const delayMs = hadBytes ? undefined : retryDelay(error, applied, settings.maxRetries);
    return delayMs === undefined ? undefined : { delayMs };
  },
};

/** Why a request is sent again, and how it is changed before. The first rule that applies decides. */
const RETRY_RULES: readonly RetryRule[] = [
  staleConnection,
  brokenFormat,
  otherModel,
  toolsInText,
  plainerHistory,
  smallerOutput,
  elsewhere,
  later,
];

/** Applies the rules to the attempts of one request, each no more often than it says. */
export class Retries {
  private readonly rules: readonly RetryRule[];
  private readonly applied = new Map<RetryRule, number>();

  constructor(rules: readonly RetryRule[] = RETRY_RULES) {
    this.rules = rules;
  }

  /** Undefined: the attempt was the last one. */
  async findRemedy(attempt: FailedAttempt): Promise<Remedy | undefined> {
    for (const rule of this.rules) {
      const applied = this.applied.get(rule) ?? 0;
      if (applied >= rule.times(attempt.settings)) continue;
      const remedy = await rule.remedy(attempt, applied);
      if (remedy === undefined) continue;
      this.applied.set(rule, applied + 1);
      return remedy;
    }
    return undefined;
  }
}
