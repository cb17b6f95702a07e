import type {
  ChatEvent,
  ChatMessage,
  ChatOptions,
  ChatParams,
  ChatResult,
  ChatWarning,
  ParsedToolCall,
  VllmClient,
} from "@vllm/client";
import type { ModelProfile } from "@vllm/schema/core";
import { VllmError } from "@vllm/schema/core";
import { askAgain, noToolParser, plainHistory } from "@vllm/client/internal";
import { leavesCallInText } from "./leaves-call-in-text.ts";

export interface TurnOptions {
  client: VllmClient;
  params: ChatParams;
  chatOptions: ChatOptions & { profile?: ModelProfile | undefined };
  /** Calls are looked for in the text. */
  findsCallsInText: boolean;
  /** Every event but those of tool calls and the end. */
  onEvent: (event: ChatEvent<unknown>) => void | Promise<void>;
  /** The server taught something about the model. */
  onLearned: (profile: ModelProfile) => void;
  /** vLLM is asked (again). */
  onAttempt: (reason: string | undefined) => void;
}

/**
 * One turn of a conversation: asks, asks again once when a tool call was broken (the model is told why), once in another form when the
 * server refused the form. The result's calls are all whole.
 *
 * @throws {VllmError}
 */
export async function runTurn(turn: TurnOptions): Promise<ChatResult<unknown>> {
  const { params, chatOptions } = turn;
  let { profile } = chatOptions;
  let { messages } = params;
  const tried = new Set<string>();
  // Another try may be the client's own: it asks again by itself when the server has no tool parser.
  const onEvent: TurnOptions["onEvent"] = (event) => {
    if (event.type === "warning" && event.warning.code === "tools-in-text") {
      turn.onAttempt("TOOL_PARSER_NOT_ENABLED");
      if (profile !== undefined) {
        profile = { ...profile, ...noToolParser(event.warning.message) };
        turn.onLearned(profile);
      }
    }
    return turn.onEvent(event);
  };
  turn.onAttempt(undefined);
  for (;;) {
    let result: ChatResult<unknown>;
    try {
      result = await turn.client.chat({ ...params, messages }, { ...chatOptions, profile }).forEach(onEvent);
    } catch (error) {
      const learned = adapt(error, profile, tried);
      if (learned === undefined) throw error;
      profile = learned;
      turn.onLearned(learned);
      turn.onAttempt((error as VllmError).code);
      continue;
    }
    const broken = result.choices.flatMap((choice) => choice.toolCalls).find((call) => call.parseError !== undefined);
    if (broken === undefined) {
      if (!turn.findsCallsInText || result.choices.length > 1 || !leavesCallInText(result, params)) return result;
      if (tried.has("broken call")) throw brokenCall(undefined, true);
      tried.add("broken call");
      turn.onAttempt("broken tool call (in the text)");
      messages = messages.concat(result.message, CALL_IN_TEXT);
      continue;
    }
    if (tried.has("broken call") || result.choices.length > 1)
      throw brokenCall(broken, tried.has("broken call"), result.warnings);
    tried.add("broken call");
    turn.onAttempt(`broken tool call (${broken.parseError?.kind})`);
    messages = messages.concat(askAgain(result));
  }
}

/** What a refusal says about the model, when the same request may pass in another form; each is tried once. */
function adapt(error: unknown, profile: ModelProfile | undefined, tried: Set<string>): ModelProfile | undefined {
  if (!VllmError.isInstance(error) || profile === undefined || tried.has(error.code)) return undefined;
  tried.add(error.code);
  return error.code === "CHAT_TEMPLATE_REJECTED" ? { ...profile, ...plainHistory(profile, error.message) } : undefined;
}

const CALL_IN_TEXT: ChatMessage = {
  role: "user",
  content: "The tool call at the end of your answer was not complete, so nothing was run. Send it again, whole.",
};

function brokenCall(
  call: ParsedToolCall | undefined,
  twice: boolean,
  warnings: readonly ChatWarning[] = [],
): VllmError {
  const { kind, message = "" } = call?.parseError ?? {};
  const unknown = warnings.find(({ code }) => code === "UNKNOWN_FINISH_REASON");
  return new VllmError({
    code: "STREAM_MALFORMED",
    message:
      `The model's tool call was not complete${twice ? ", twice" : ""}; it was not handed over and must not be run. ${unknown?.message ?? message}`.trim(),
    hint:
      kind === "length"
        ? "Raise the model's output limit (maxTokens), or ask for a smaller step."
        : (unknown?.hint ??
          "Ask again. If it happens often, check vLLM's --tool-call-parser: npx @vllm/connect doctor."),
  });
}
