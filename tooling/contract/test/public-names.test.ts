import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPackages, workspaceRoot } from "./workspace.ts";

/** Names that other people's code calls. One may be added; a change of one breaks them. */
const promised: Readonly<Record<string, readonly string[]>> = {
  "packages/schema/src/index.ts": [
    ..."apiSchema applyModelDefaults chatCompletionChunkSchema chatCompletionSchema compatSchema costSchema".split(" "),
    ..."detokenizeResponseSchema hostConfigSchema modelCardSchema modelEntrySchema modelListSchema".split(" "),
    ..."modelProfileSchema parseHostConfig providerConfigSchema safeParseHostConfig".split(" "),
    ..."tokenizeResponseSchema usageSchema versionSchema".split(" "),
    ..."ChatCompletion ChatCompletionChunk HostConfig ModelCard ModelEntry ModelList ProviderConfig Usage".split(" "),
  ],
  "packages/schema/src/core.ts": [
    ..."ConfigError DEFAULTS VLLM_ERROR_CODES VllmError displayUrl errorFromNetwork errorFromResponse".split(" "),
    ..."errorFromStreamEvent formatModelRef formatVllmError normalizeBaseUrl parseModelRef resolvePrimaryModel".split(
      " ",
    ),
    "safeParseModelRef",
    ..."BaseUrl ConfigIssue ModelProfile ModelRef VllmErrorCode".split(" "),
  ],
  "packages/schema/src/internal.ts": [],
  "packages/schema/src/internal-page.ts": [],
  "packages/schema/src/internal-refusal.ts": [],
  "packages/transport/src/index.ts": ["createFetch"],
  "packages/transport/src/internal.ts": [],
  "packages/discovery/src/index.ts": [
    ..."pickDefaultModel createDiscoveryCache diagnose discoverServer discoverServers resolveProvider resolveProviders".split(
      " ",
    ),
    ..."toModelEntries waitUntilReady findServers pickServer rememberServer FoundServer".split(" "),
    ..."Capability DiscoveredModel Finding ProviderResolution ServerCapabilities ServerReport".split(" "),
  ],
  "packages/discovery/src/file-store.ts": ["createFileStore"],
  "packages/discovery/src/internal.ts": [],
  "packages/client/src/index.ts": [
    ..."createVllmClient VERSION Logger VllmError VllmClient VllmClientOptions ChatEvent ChatMessage ChatOptions".split(
      " ",
    ),
    ..."ChatParams ChatPartial ChatReply ChatResult EmptyTurn ParsedToolCall RecoverOptions Thinking".split(" "),
    ..."AnswerEnding FinishReason toOpenAIFinishReason defineTool validateToolCall".split(" "),
  ],
  "packages/client/src/openai.ts": ["createOpenAI"],
  "packages/client/src/run.ts": ["runTools", "ToolRun", "RunEvent", "RunResult", "RunToolsParams"],
  "packages/coderclaw-adapter/src/index.ts": [
    "createPlugin",
    "resolveImplicitVllmProvider",
    "toHostModels",
    "resolveModelRef",
  ],
  "packages/coderclaw-adapter/src/internal.ts": [],
  "packages/ai-sdk-provider/src/index.ts": [
    ..."createVllm vllm VllmProvider VllmProviderSettings VllmLanguageModelOptions VllmEmbeddingModelOptions".split(
      " ",
    ),
    "VllmRerankingModelOptions",
  ],
  "packages/bridge/src/index.ts": ["createBridge", "Bridge", "BridgeOptions"],
  "packages/bridge/src/fetch/index.ts": ["createBridgeFetch", "BridgeFetchOptions"],
  "packages/bridge/src/internal.ts": [],
};

/** The names that an entry gives away, types included. */
function exportsOf(file: string): string[] {
  const text = readFileSync(join(workspaceRoot, file), "utf8");
  const listed = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = ""]) =>
    list
      .split(",")
      .map((name) => name.trim().split(" as ").at(-1) ?? "")
      .filter((name) => name !== ""),
  );
  const declared = [...text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)];
  return [...listed, ...declared.map(([, name = ""]) => name)];
}

const entries = readPackages()
  .filter(({ folder }) => folder.startsWith("packages/"))
  .flatMap(({ folder, manifest }) =>
    Object.values(manifest.exports ?? {})
      .filter((target) => typeof target === "object" && target !== null)
      .map((target) => join(folder, (target as { "@vllm/source": string })["@vllm/source"])),
  );

test("every entry of every package is looked at", () => {
  expect(entries.toSorted()).toEqual(Object.keys(promised).toSorted());
});

describe.each(Object.entries(promised))("%s", (file, names) => {
  test("has the promised names", () => {
    const given = exportsOf(file);
    expect(
      names.filter((name) => !given.includes(name)),
      "programs out there import these; bring them back",
    ).toEqual([]);
  });

  test("is a list written by hand", () => {
    const stars = readFileSync(join(workspaceRoot, file), "utf8").match(/^export \*.*$/gm) ?? [];
    expect(stars).toEqual(file === "packages/schema/src/index.ts" ? ['export * from "./core.ts";'] : []);
  });
});
