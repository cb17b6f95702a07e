import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
} from "@ai-sdk/provider";
import type { ChatEvent } from "@vllm/client";
import { toWarning } from "../call/to-warning.ts";
import { CallIds } from "./call-ids.ts";
import { startCall, type ModelContext } from "./start-call.ts";
import { toFinishReason } from "./to-finish-reason.ts";
import { toProviderMetadata } from "./to-provider-metadata.ts";
import { toToolCall } from "./to-tool-call.ts";
import { toUsage } from "./to-usage.ts";

/** A whole answer. It is streamed from the server all the same, so that one that has stalled is noticed. */
export async function generateAnswer(
  context: ModelContext,
  served: string | undefined,
  options: LanguageModelV4CallOptions,
): Promise<LanguageModelV4GenerateResult> {
  const ids = new CallIds(options.prompt);
  const call = startCall(context, served, options);
  const content: LanguageModelV4Content[] = [];
  const onEvent = (event: ChatEvent) => collect(event, content, ids);
  const result = await call.read(onEvent).catch((error: unknown) => {
    throw call.toError(error);
  });
  const { id, model, created, usage } = result;
  const { response } = call;
  return {
    content,
    finishReason: toFinishReason(result),
    usage: toUsage(usage),
    providerMetadata: toProviderMetadata(result),
    request: { url: call.url, body: response?.requestBody },
    response: {
      id,
      modelId: model,
      ...(created === undefined ? {} : { timestamp: new Date(created * 1000) }),
      headers: { ...response?.headers },
    },
    warnings: [...call.warnings, ...result.warnings.map(toWarning)],
  };
}

function collect(event: ChatEvent, content: LanguageModelV4Content[], ids: CallIds): undefined {
  if (event.type === "text_end") content.push({ type: "text", text: event.text });
  else if (event.type === "thinking_end") content.push({ type: "reasoning", text: event.thinking });
  else if (event.type === "toolcall_end") content.push(toToolCall(event.toolCall, ids.take(event.toolCall.id)));
  // The model is asked again: nobody has seen its first answer.
  else if (event.type === "warning" && event.warning.code === "BROKEN_CALL_RETRIED") content.length = 0;
}
