/** Compiled with the package; nothing here runs. A type that drifts fails the type check. */
import { expectTypeOf } from "vitest";
import type { z } from "zod";
import type {
  CapabilityStatus,
  ChatCompletion,
  ChatCompletionChunk,
  ConfigIssue,
  ConfiguredModel,
  FactsOf,
  HostConfig,
  ModelCard,
  ModelEntry,
  ModelEntryInput,
  ModelProfile,
  modelProfileSchema,
  PartialAnswer,
  ProviderConfig,
  ProviderConfigInput,
  SafeParseHostConfigResult,
  TokenizeResponse,
  Usage,
  VllmErrorCode,
  VllmErrorFacts,
} from "./index.ts";
import type { ErrorBody } from "./core.ts";
import { applyModelDefaults, parseHostConfig, resolvePrimaryModel, safeParseHostConfig, VllmError } from "./index.ts";

/** A type without `readonly`, so that what zod reads can be compared with what is written by hand. */
type Writable<Type> = Type extends (...parameters: never[]) => unknown
  ? Type
  : Type extends object
    ? { -readonly [Key in keyof Type]: Writable<Type[Key]> }
    : Type;

// The schema of profiles and their type are the same, in both directions.
expectTypeOf<Writable<z.output<typeof modelProfileSchema>>>().toEqualTypeOf<Writable<ModelProfile>>();
expectTypeOf<Writable<z.input<typeof modelProfileSchema>>>().toEqualTypeOf<Writable<ModelProfile>>();

// What these packages write is what the agent accepts.
expectTypeOf<ModelEntry>().toExtend<ModelEntryInput>();
expectTypeOf<ProviderConfig>().toExtend<ProviderConfigInput>();
expectTypeOf<{ models: { providers: Record<string, ProviderConfig> } }>().toExtend<HostConfig>();
expectTypeOf<ConfiguredModel>().toExtend<ModelEntryInput>();

// A config, from the text to the model.
const config = parseHostConfig("{}", { env: { A: undefined }, path: undefined });
expectTypeOf(config).toEqualTypeOf<HostConfig>();
expectTypeOf(config.models?.mode).toEqualTypeOf<"merge" | "replace" | undefined>();
expectTypeOf(config.models?.providers?.["vllm"]?.models[0]?.contextWindow).toEqualTypeOf<number | undefined>();
expectTypeOf(config["gateway"]).toEqualTypeOf<unknown>();
expectTypeOf(applyModelDefaults(config).models?.providers?.["vllm"]?.models[0]?.cost.input).toEqualTypeOf<
  number | undefined
>();
expectTypeOf(resolvePrimaryModel(config)).toEqualTypeOf<{ provider: string; modelId: string } | undefined>();
const result: SafeParseHostConfigResult = safeParseHostConfig("{}");
if (result.success) expectTypeOf(result.data).toEqualTypeOf<HostConfig>();
else expectTypeOf(result.error.issues).toEqualTypeOf<readonly ConfigIssue[]>();

// Errors narrow from unknown, and the facts are optional.
const caught: unknown = undefined;
if (VllmError.isInstance(caught)) {
  expectTypeOf(caught).toEqualTypeOf<VllmError>();
  expectTypeOf(caught.code).toEqualTypeOf<VllmErrorCode>();
  expectTypeOf(caught.maxModelLen).toEqualTypeOf<number | undefined>();
  expectTypeOf(caught.partial).toEqualTypeOf<PartialAnswer | undefined>();
}
expectTypeOf<FactsOf<"MODEL_NOT_FOUND">>().toEqualTypeOf<Pick<VllmErrorFacts, "availableModels" | "suggestion">>();
expectTypeOf<keyof FactsOf<"ABORTED">>().toBeNever();
// @ts-expect-error a code that does not exist
void new VllmError({ code: "NO_SUCH_CODE", message: "m", hint: "h" });
// @ts-expect-error an error without advice
void new VllmError({ code: "ABORTED", message: "m" });

// Wire types: what vLLM may leave out or send as null is optional, and unknown fields can be looked at.
expectTypeOf<ChatCompletion["choices"][number]["message"]["content"]>().toEqualTypeOf<string | null | undefined>();
expectTypeOf<ChatCompletionChunk["usage"]>().toEqualTypeOf<Usage | null | undefined>();
expectTypeOf<ChatCompletionChunk["choices"][number]["delta"]["reasoning"]>().toEqualTypeOf<string | null | undefined>();
expectTypeOf<ModelCard["max_model_len"]>().toEqualTypeOf<number | null | undefined>();
expectTypeOf<TokenizeResponse["count"]>().toEqualTypeOf<number>();
expectTypeOf<ModelCard["anything"]>().toEqualTypeOf<unknown>();
expectTypeOf<ErrorBody["message"]>().toEqualTypeOf<string | undefined>();
expectTypeOf<CapabilityStatus>().toEqualTypeOf<"yes" | "no" | "unknown">();
