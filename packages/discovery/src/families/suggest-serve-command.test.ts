import { describe, expect, test } from "vitest";
import { createCountingNonce, loadRecordedTemplate, playTemplate } from "../../test/recorded-template.ts";
import { createProbeHttp } from "../http/create-probe-http.ts";
import { suggestServeCommand } from "../index.ts";
import { readModelList } from "../models/read-model-list.ts";
import { toDiscoveredModels } from "../models/to-discovered-models.ts";
import type { Capability } from "../report/capability.ts";
import { no, unknown, yes } from "../report/capability.ts";
import type { ServerCapacity } from "../report/server-capacity.ts";
import type { DiscoveredModel, ServerCapabilities } from "../report/server-report.ts";
import { applyTemplateFacts } from "../template/apply-template-facts.ts";
import { createRenderer } from "../template/create-renderer.ts";
import { probeTemplate } from "../template/probe-template.ts";

function listed(...cards: readonly Record<string, unknown>[]): DiscoveredModel[] {
  return toDiscoveredModels(readModelList({ data: cards })?.models ?? [], { version: "0.32.0" });
}

async function probed(template: string, card: Record<string, unknown>): Promise<DiscoveredModel> {
  const play = playTemplate(loadRecordedTemplate(template));
  const http = createProbeHttp({
    deadline: new AbortController().signal,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return play(new URL(request.url).pathname, (await request.json()) as Record<string, unknown>);
    },
  });
  const result = await probeTemplate(createRenderer(http, "http://x", "m"), createCountingNonce());
  if (result.kind !== "facts") throw new Error(result.why);
  return applyTemplateFacts(listed(card)[0]!, result.facts);
}

const capabilities = (given: Partial<Record<keyof ServerCapabilities, Capability>> = {}) =>
  new Proxy(given, {
    get: (target, name) => target[name as keyof ServerCapabilities] ?? unknown(""),
  }) as ServerCapabilities;

describe("suggestServeCommand", () => {
  test("evidence from the template, the served names and the window that run now", async () => {
    const model = await probed("Qwen3.5-4B", { id: "coder", root: "Qwen/Qwen3.5-4B", max_model_len: 65536 });
    const suggestion = suggestServeCommand({
      models: [{ ...model, toolCalling: no("") }],
      capabilities: capabilities(),
    });
    expect(suggestion?.command).toBe(
      "vllm serve Qwen/Qwen3.5-4B --served-model-name coder --max-model-len 65536 --enable-auto-tool-choice --tool-call-parser qwen3_coder --reasoning-parser qwen3",
    );
    expect(suggestion?.arguments.map(({ change, basis }) => `${change} ${basis}`)).toEqual([
      "keep evidence",
      "keep evidence",
      "add evidence",
      "add evidence",
      "check evidence",
    ]);
    expect(suggestion?.changes[1]).toMatch(
      /^add --tool-call-parser qwen3_coder \(the chat template writes a call as ".*<function=get_weather>/,
    );
  });

  test("a parser that is there and is another model's is replaced", async () => {
    const model = await probed("Qwen-Qwen3-0.6B", { id: "m" });
    const toolCalling = no(
      "the model called a tool in the format of hermes, and the call vanished",
      "probed",
      "call-not-read",
    );
    const suggestion = suggestServeCommand({ models: [{ ...model, toolCalling }], capabilities: capabilities() });
    expect(suggestion?.changes[0]).toMatch(/^change it to --tool-call-parser hermes \(/);
    expect(suggestion?.changes.join()).not.toContain("--enable-auto-tool-choice");
  });

  test("evidence wins over the name: a fine-tune with another format", async () => {
    const model = await probed("Qwen3-Coder", { id: "Qwen/Qwen2.5-7B-my-finetune" });
    expect(suggestServeCommand({ models: [model], capabilities: capabilities() })?.command).toContain(
      "--tool-call-parser qwen3_coder",
    );
  });

  test("a name alone only suggests, and the text says so", () => {
    const [model] = listed({ id: "deepseek-ai/DeepSeek-V3.1", max_model_len: 131072 });
    const suggestion = suggestServeCommand({ models: [model!], capabilities: capabilities() });
    expect(suggestion?.command).toBe(
      "vllm serve deepseek-ai/DeepSeek-V3.1 --max-model-len 131072 --enable-auto-tool-choice --tool-call-parser deepseek_v31 --reasoning-parser deepseek_v3 --chat-template examples/tool_chat_template_deepseekv31.jinja",
    );
    expect(
      suggestion?.arguments
        .filter(({ argument }) => !argument.startsWith("--max"))
        .every(({ basis }) => basis === "name"),
    ).toBe(true);
    expect(suggestion?.changes.at(-1)).toMatch(
      /^check that it is there: .* \(a guess: the name suggests DeepSeek V3\.1 \(recipes, from vLLM 0\.12\.0 on\); its source starts it so\)$/,
    );
  });

  test("a template that hides the tools: no parser helps, the family's template does", async () => {
    const model = await probed("deepseek-ai-DeepSeek-V3.1", { id: "deepseek-ai/DeepSeek-V3.1" });
    const command = suggestServeCommand({ models: [model], capabilities: capabilities() })?.command;
    expect(command).not.toContain("--tool-call-parser");
    expect(command).toContain("--chat-template examples/tool_chat_template_deepseekv31.jinja");
  });

  test("what works is kept, and nothing is to be done", async () => {
    const model = await probed("Qwen-Qwen3-0.6B", { id: "m" });
    const suggestion = suggestServeCommand({
      models: [{ ...model, toolCalling: yes(""), reasoning: yes("") }],
      capabilities: capabilities({ apiKey: yes("") }),
    });
    expect(suggestion?.changes).toEqual([]);
    expect(suggestion?.command).toBe(
      'vllm serve m --max-model-len 32768 --enable-auto-tool-choice --tool-call-parser hermes --reasoning-parser qwen3 --api-key "$VLLM_API_KEY"',
    );
  });

  test("prefix caching that is off is switched on; gpt-oss needs no reasoning parser", async () => {
    const model = await probed("openai-gpt-oss-120b", { id: "openai/gpt-oss-120b" });
    const suggestion = suggestServeCommand({
      models: [model],
      capabilities: capabilities({ prefixCaching: no("/metrics: enable_prefix_caching is False") }),
    });
    expect(suggestion?.command).toBe(
      "vllm serve openai/gpt-oss-120b --max-model-len 32768 --enable-auto-tool-choice --tool-call-parser openai --enable-prefix-caching",
    );
  });

  test("a model without a known format gets no parser", () => {
    expect(suggestServeCommand({ models: listed({ id: "lab/tiny" }), capabilities: capabilities() })).toMatchObject({
      command: "vllm serve lab/tiny",
      changes: [],
    });
  });

  test("names and paths are quoted for a shell", () => {
    const models = listed({ id: "it's; rm -rf ~", root: "/models/my model$(x)" });
    expect(suggestServeCommand({ models, capabilities: capabilities() })?.command).toBe(
      String.raw`vllm serve '/models/my model$(x)' --served-model-name 'it'\''s; rm -rf ~'`,
    );
  });

  test("an adapter is served with its base model, and stays when that is started again", () => {
    const models = listed(
      { id: "tiny", root: "lab/tiny" },
      { id: "my lora", root: "/adapters/my-lora", parent: "tiny" },
      { id: "other", root: "lab/other" },
    );
    const command =
      "vllm serve lab/tiny --served-model-name tiny --enable-lora --lora-modules 'my lora=/adapters/my-lora'";
    expect(suggestServeCommand({ models, capabilities: capabilities() })).toMatchObject({ model: "tiny", command });
    expect(suggestServeCommand({ models, capabilities: capabilities() }, { model: "my lora" })?.command).toBe(command);
    expect(suggestServeCommand({ models, capabilities: capabilities() }, { model: "other" })?.command).not.toContain(
      "lora",
    );
  });

  test("TLS and engines are kept, where vLLM itself answers", () => {
    const models = listed({ id: "tiny", root: "tiny" });
    const report = { models, capabilities: capabilities(), apiRoot: "https://gpu:8000/v1", kind: "vllm" } as const;
    const capacity = { engines: 2 } as ServerCapacity;
    expect(suggestServeCommand({ ...report, capacity })?.command).toBe(
      'vllm serve tiny --ssl-certfile "$SSL_CERTFILE" --ssl-keyfile "$SSL_KEYFILE" --data-parallel-size 2',
    );
    expect(suggestServeCommand({ ...report, capacity })?.changes).toEqual([]);
    expect(suggestServeCommand({ ...report, apiRoot: "http://gpu:8000/v1" })?.command).toBe("vllm serve tiny");
    expect(suggestServeCommand({ ...report, kind: "vllm-router", capacity })?.command).toBe("vllm serve tiny");
  });

  test("by id; adapters and servers without chats have none by themselves", () => {
    const models = listed({ id: "a" }, { id: "lora", parent: "a" });
    expect(suggestServeCommand({ models, capabilities: capabilities() })?.model).toBe("a");
    expect(suggestServeCommand({ models, capabilities: capabilities() }, { model: "lora" })?.model).toBe("lora");
    expect(suggestServeCommand({ models, capabilities: capabilities() }, { model: "gone" })).toBeUndefined();
    expect(
      suggestServeCommand({
        models: models.map((model) => ({ ...model, task: "embedding" })),
        capabilities: capabilities(),
      }),
    ).toBeUndefined();
  });
});
