import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import {
  createCountingNonce,
  listRecordedTemplates,
  loadRecordedTemplate,
  playTemplate,
} from "../../test/recorded-template.ts";
import { createProbeHttp } from "../http/create-probe-http.ts";
import { readModelList } from "../models/read-model-list.ts";
import { toDiscoveredModels } from "../models/to-discovered-models.ts";
import type { DiscoveredModel } from "../report/server-report.ts";
import { applyTemplateFacts } from "./apply-template-facts.ts";
import { createRenderer } from "./create-renderer.ts";
import { probeTemplate } from "./probe-template.ts";

async function probe(name: string, changeText: (text: string) => string = String) {
  const play = playTemplate(loadRecordedTemplate(name));
  const http = createProbeHttp({
    deadline: new AbortController().signal,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const path = new URL(request.url).pathname;
      const response = play(path, (await request.json()) as Record<string, unknown>);
      if (path !== "/detokenize") return response;
      const { prompt } = (await response.json()) as { prompt: string };
      return Response.json({ prompt: changeText(prompt) });
    },
  });
  const result = await probeTemplate(createRenderer(http, "http://127.0.0.1:8000", "m"), createCountingNonce());
  expect(play.missing, "renderings to be recorded again").toEqual([]);
  return result;
}

async function model(name: string, changeText?: (text: string) => string): Promise<DiscoveredModel> {
  const result = await probe(name, changeText);
  if (result.kind !== "facts") throw new Error(result.why);
  const [listed] = toDiscoveredModels(readModelList({ data: [{ id: "m" }] })!.models, { version: "0.32.0" });
  return applyTemplateFacts(listed!, result.facts);
}

const json = (value: unknown) => JSON.stringify(value)?.replaceAll('"', "'");

/** What the profile says, in five short texts. */
function summary({ profile }: DiscoveredModel): string[] {
  const { history } = profile;
  const thinking = profile.thinking?.value;
  const keep = history?.value.keepReasoningKwargs;
  const rules = (["secondSystem", "laterSystem", "consecutiveUser", "developerRole"] as const).map(
    (rule) => history?.value[rule],
  );
  return [
    `${profile.toolParser?.value ?? "-"} (${profile.toolFormat?.value ?? "-"}) ids ${history?.value.toolCallIds}`,
    `${profile.reasoningParser?.value ?? "-"}${profile.thoughtOpenedByTemplate?.value ? " opened" : ""}`,
    thinking === undefined
      ? "no thinking"
      : `${thinking.default}; off ${json(thinking.off?.chat_template_kwargs) ?? "-"}; on ${json(thinking.on?.chat_template_kwargs) ?? "-"}; efforts ${Object.keys(thinking.efforts ?? {}).join(",") || "-"}`,
    `replay ${history?.value.reasoningReplay}${keep === undefined ? "" : ` ${json(keep)}`}`,
    `${history?.value.firstSystem === "kept" ? "" : `first system ${history?.value.firstSystem}, `}roles ${rules.every((rule) => rule === rules[0]) ? rules[0] : rules.join(" ")}`,
  ];
}

// What real templates rendered on vLLM 0.32.0. Roles: second system, later system, two users in a row, developer.
const TABLE: readonly [
  template: string,
  tools: string,
  reasoning: string,
  thinking: string,
  replay: string,
  roles: string,
][] = [
  [
    "Apertus-8B-Instruct",
    "apertus (-) ids any",
    "-",
    "off; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay none",
    "roles rejected rejected kept kept",
  ],
  [
    "ByteDance-Seed-OSS",
    "seed_oss (seed-oss) ids any",
    "seed_oss",
    "on; off {'thinking_budget':0}; on -; efforts -",
    "replay all-turns",
    "roles kept",
  ],
  [
    "Cohere2MoE",
    "cohere_command3 (-) ids any",
    "cohere_command3 opened",
    "on; off {'reasoning':false}; on {'reasoning':true}; efforts -",
    "replay all-turns",
    "roles kept",
  ],
  [
    "GLM-4.6",
    "glm45 (glm) ids any",
    "glm45",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn",
    "roles kept",
  ],
  [
    "GLM-4.7-Flash",
    "glm47 (glm) ids any",
    "glm45 opened",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn {'clear_thinking':false}",
    "roles kept",
  ],
  ["GigaChat3-10B-A1.8B", "gigachat3 (-) ids any", "-", "no thinking", "replay none", "roles kept"],
  [
    "HuggingFaceTB-SmolLM3-3B",
    "- (-) ids any",
    "qwen3",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay none",
    "roles dropped dropped kept kept",
  ],
  ["Kimi-K2-Instruct", "- (-) ids any", "-", "no thinking", "replay unknown", "roles kept"],
  [
    "Kimi-K3",
    "kimi_k3 (kimi-k3) ids any",
    "kimi_k3 opened",
    "on; off {'thinking':false}; on {'thinking':true}; efforts low,high,max",
    "replay all-turns",
    "roles kept",
  ],
  ["LFM2-8B-A1B", "- (-) ids any", "-", "no thinking", "replay none", "roles kept"],
  ["LFM2.5-8B-A1B", "lfm2 (-) ids any", "-", "no thinking", "replay none", "roles kept"],
  [
    "MiniMax-M2",
    "minimax_m2 (minimax-m2) ids any",
    "minimax_m2 opened",
    "on; off -; on -; efforts -",
    "replay current-turn",
    "roles dropped dropped kept kept",
  ],
  [
    "MiniMax-M3",
    "minimax_m3 (minimax-m3) ids any",
    "minimax_m3",
    "unknown; off {'thinking_mode':'disabled'}; on {'thinking_mode':'enabled'}; efforts -",
    "replay all-turns",
    "roles dropped dropped kept kept",
  ],
  [
    "Mistral-Small-3.2-24B-Instruct-2506",
    "mistral (mistral) ids mistral",
    "-",
    "no thinking",
    "replay none",
    "roles rejected rejected rejected kept",
  ],
  [
    "NVIDIA-Nemotron-3-Nano-30B-A3B-BF16",
    "qwen3_coder (qwen-xml) ids any",
    "nemotron_v3 opened",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn {'truncate_history_thinking':false}",
    "roles kept",
  ],
  [
    "NVIDIA-Nemotron-Nano-v2",
    "- (-) ids any",
    "deepseek_r1 opened",
    "on; off -; on -; efforts -",
    "replay none",
    "roles dropped dropped kept kept",
  ],
  ["Qwen-Qwen2.5-7B-Instruct", "hermes (hermes) ids any", "-", "no thinking", "replay none", "roles kept"],
  [
    "Qwen-Qwen3-0.6B",
    "hermes (hermes) ids any",
    "qwen3",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn",
    "roles kept",
  ],
  ["Qwen3-Coder", "qwen3_coder (qwen-xml) ids any", "-", "no thinking", "replay none", "roles kept"],
  [
    "Qwen3.5-4B",
    "qwen3_coder (qwen-xml) ids any",
    "qwen3 opened",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn",
    "roles rejected rejected kept kept",
  ],
  [
    "StepFun3.5-Flash",
    "qwen3_coder (qwen-xml) ids any",
    "qwen3 opened",
    "on; off -; on -; efforts -",
    "replay current-turn",
    "roles kept",
  ],
  [
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
    "- (-) ids any",
    "deepseek_r1 opened",
    "on; off -; on -; efforts -",
    "replay none",
    "roles dropped dropped kept kept",
  ],
  [
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B",
    "deepseek_v3 (deepseek-v3) ids any",
    "deepseek_r1",
    "off; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay none",
    "roles dropped dropped kept kept",
  ],
  [
    "deepseek-ai-DeepSeek-V3.1",
    "deepseek_v31 (deepseek-v31) ids any",
    "deepseek_v3",
    "off; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay none",
    "roles kept",
  ],
  [
    "deepseek-ai-DeepSeek-V3.2",
    "deepseek_v32 (deepseek-dsml) ids any",
    "deepseek_v3",
    "off; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn",
    "roles kept kept kept dropped",
  ],
  [
    "deepseek-ai-DeepSeek-V4-Flash-0731",
    "deepseek_v4 (deepseek-dsml) ids any",
    "deepseek_v4",
    "off; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts high,max",
    "replay all-turns",
    "roles kept",
  ],
  [
    "google-gemma-2-2b-it",
    "- (-) ids any",
    "-",
    "no thinking",
    "replay unknown",
    "first system rejected, roles rejected",
  ],
  [
    "google-gemma-4-31B-it",
    "gemma4 (gemma4) ids any",
    "gemma4",
    "off; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn",
    "roles kept",
  ],
  [
    "ibm-granite-granite-3.3-2B-Instruct",
    "- (-) ids any",
    "-",
    "off; off {'thinking':false}; on {'thinking':true}; efforts -",
    "replay none",
    "roles kept",
  ],
  ["ibm-granite-granite-4.0", "hermes (hermes) ids any", "-", "no thinking", "replay none", "roles kept"],
  [
    "inclusionai-ling-3.0-flash",
    "glm45 (glm) ids any",
    "glm45 opened",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay all-turns",
    "roles kept",
  ],
  [
    "meta-llama-Llama-3.1-8B-Instruct",
    "llama3_json (llama-json) ids any",
    "-",
    "no thinking",
    "replay none",
    "roles kept",
  ],
  ["microsoft-Phi-3.5-mini-instruct", "- (-) ids any", "-", "no thinking", "replay none", "roles kept"],
  [
    "mistralai-Ministral-3-14B-Reasoning-2512",
    "mistral (mistral) ids mistral",
    "-",
    "no thinking",
    "replay none",
    "roles rejected rejected rejected kept",
  ],
  [
    "mistralai-Mistral-Nemo-Instruct-2407",
    "mistral (mistral) ids mistral",
    "-",
    "no thinking",
    "replay none",
    "roles rejected rejected rejected kept",
  ],
  ["moonshotai-Kimi-K2", "kimi_k2 (kimi-k2) ids kimi-k2", "-", "no thinking", "replay none", "roles kept"],
  [
    "muse-glimmer",
    "muse_glimmer (-) ids any",
    "muse_glimmer",
    "on; off -; on -; efforts low,medium,high",
    "replay all-turns",
    "roles kept",
  ],
  [
    "openai-gpt-oss-120b",
    "openai (gpt-oss) ids any",
    "openai_gptoss",
    "on; off -; on -; efforts low,medium,high",
    "replay unknown",
    "first system unknown, roles unknown",
  ],
  [
    "openbmb-MiniCPM5-1B",
    "minicpm5 (-) ids any",
    "-",
    "unknown; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay current-turn",
    "roles kept",
  ],
  [
    "poolside-Laguna-S-2.1",
    "glm47 (glm) ids any",
    "glm45 opened",
    "on; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay all-turns",
    "roles kept",
  ],
  [
    "poolside-Laguna-XS-2.1",
    "glm45 (glm) ids any",
    "glm45",
    "off; off {'enable_thinking':false}; on {'enable_thinking':true}; efforts -",
    "replay all-turns",
    "roles kept",
  ],
  [
    "tencent-Hy3",
    "hy_v3 (hy) ids any",
    "hy_v3",
    "off; off {'reasoning_effort':'no_think'}; on {'reasoning_effort':'high'}; efforts low,high",
    "replay all-turns",
    "roles kept",
  ],
  [
    "unsloth-mistral-Devstral-Small-2507",
    "mistral (mistral) ids mistral",
    "-",
    "no thinking",
    "replay none",
    "roles kept",
  ],
  [
    "upstage-Solar-Open-100B",
    "- (-) ids any",
    "-",
    "on; off -; on -; efforts minimal,low",
    "replay current-turn",
    "roles kept",
  ],
];

describe("probeTemplate on recorded templates", () => {
  test.each(TABLE)("%s", async (name, ...expected) => {
    expect(summary(await model(name))).toEqual(expected);
  });

  test("the table has every recording but the one that needs tools to render at all", () => {
    const names = new Set(TABLE.map(([name]) => name));
    expect(listRecordedTemplates().filter((name) => !names.has(name))).toEqual([
      "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
    ]);
  });

  test("a template that refuses a plain message is no evidence of anything", async () => {
    expect(await probe("NousResearch-Hermes-3-Llama-3.1-8B-tool_use")).toEqual({
      kind: "unavailable",
      why: "it refuses a plain message ('NoneType' object is not iterable)",
      cause: "template-refuses",
      requests: 1,
    });
  });
});

// As Mistral's own tokenizer v7 did on vLLM 0.32.0: "[TOOL_CALLS]▁[{"name":▁"get_weather",▁…".
test("a tokenizer that gives its mark for a blank back changes nothing", async () => {
  const name = "mistralai-Mistral-Nemo-Instruct-2407";
  const [plain, marked] = [await model(name), await model(name, (text) => text.replaceAll(" ", "▁"))];
  expect(plain.profile.history?.value.toolCallIds).toBe("mistral");
  expect(marked).toEqual(plain);
});

describe("probeTemplate where /tokenize is not what it seems", () => {
  async function probeWith(answer: (path: string, body: Record<string, unknown>) => Response | Promise<Response>) {
    using clock = stopClock();
    let isAsked = false;
    const http = createProbeHttp({
      deadline: AbortSignal.timeout(300),
      fetch: async (input, init) => {
        isAsked = true;
        const request = new Request(input, init);
        return answer(new URL(request.url).pathname, (await request.json()) as Record<string, unknown>);
      },
    });
    const probing = probeTemplate(createRenderer(http, "http://127.0.0.1:8000", "m"));
    await clock.standUntil(() => isAsked);
    return await clock.passUntil(probing, 10);
  }
  const tokens = (count: number) =>
    Response.json({ count, max_model_len: 4096, tokens: Array.from({ length: count }, () => 1) });

  test.each([
    ["no such route", () => Response.json({ detail: "Not Found" }, { status: 404 }), "it answers 404"],
    ["a router that refuses the route", () => new Response("", { status: 405 }), "it answers 405"],
    ["a key is wanted", () => Response.json({ error: "Unauthorized" }, { status: 401 }), "it answers 401"],
    ["a web page with status 200", () => new Response("<html></html>"), "the answer is not what vLLM's /tokenize says"],
    ["llama.cpp's /tokenize", () => Response.json({ tokens: [1, 2] }), "the answer is not what vLLM's /tokenize says"],
    [
      "a count that is not the tokens'",
      () => Response.json({ count: 9, tokens: [1] }),
      "the answer is not what vLLM's /tokenize says",
    ],
    ["silence", () => new Promise<Response>(() => {}), "no answer in time"],
    [
      "a model without a chat template",
      () => Response.json({ error: { message: "no chat template", type: "BadRequestError" } }, { status: 400 }),
      "it refuses a plain message (no chat template)",
    ],
  ])("%s: unavailable, with the reason", async (_name, answer, why) => {
    expect(await probeWith(answer)).toMatchObject({ kind: "unavailable", why, requests: 1 });
  });

  test("no /detokenize: unavailable", async () => {
    const result = await probeWith((path) => (path === "/tokenize" ? tokens(3) : new Response("", { status: 404 })));
    expect(result).toMatchObject({ kind: "unavailable", why: "/detokenize does not answer", requests: 2 });
  });

  test("an echo of the request is not taken for a prompt: /detokenize knows only numbers", async () => {
    const result = await probeWith((path, body) =>
      path === "/tokenize" ? tokens(3) : Response.json({ prompt: JSON.stringify(body) }),
    );
    expect(result).toMatchObject({ kind: "unavailable", why: "the prompt does not hold the words that were sent" });
  });

  test("the same prompt for everything teaches nothing wrong", async () => {
    const result = await probeWith((path) => (path === "/tokenize" ? tokens(3) : Response.json({ prompt: "<think>" })));
    expect(result.kind).toBe("unavailable");
  });

  test("every probe uses other words", async () => {
    const texts: string[] = [];
    const remember = async (_path: string, body: Record<string, unknown>) => {
      texts.push(JSON.stringify(body));
      return Response.json({ detail: "Not Found" }, { status: 404 });
    };
    await probeWith(remember);
    await probeWith(remember);
    expect(texts[0]).not.toBe(texts[1]);
  });

  test("a server that stops answering in the middle leaves the rest unknown", async () => {
    const play = playTemplate(loadRecordedTemplate("Qwen3.5-4B"));
    let answered = 0;
    const deadline = new AbortController();
    const http = createProbeHttp({
      deadline: deadline.signal,
      fetch: async (input, init) => {
        const request = new Request(input, init);
        if ((answered += 1) > 2) {
          setImmediate(() => deadline.abort(new DOMException("The deadline is over.", "TimeoutError")));
          return new Promise<Response>(() => {});
        }
        return play(new URL(request.url).pathname, (await request.json()) as Record<string, unknown>);
      },
    });
    const result = await probeTemplate(createRenderer(http, "http://127.0.0.1:8000", "m"), createCountingNonce());
    expect(result).toMatchObject({
      kind: "facts",
      facts: {
        maxModelLen: 32768,
        thought: { state: "opened" },
        knowsTools: { status: "unknown" },
        thinking: undefined,
        history: {
          secondSystem: "unknown",
          laterSystem: "unknown",
          developerRole: "unknown",
          consecutiveUser: "unknown",
          reasoningReplay: "unknown",
        },
        media: { image: { status: "unknown" }, audio: { status: "unknown" }, limits: {} },
      },
    });
  });
});
