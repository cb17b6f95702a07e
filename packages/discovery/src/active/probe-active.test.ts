import { stopClock } from "@vllm-tooling/contract/clock";
import { describe, expect, test } from "vitest";
import type { SeenRequest } from "../../test/play.ts";
import { playFetch, recorded } from "../../test/play.ts";
import { answer, TIMEOUT } from "../../test/outcomes.ts";
import { diagnose, discoverServer, suggestServeCommand, toModelEntries } from "../index.ts";
import { readBudgetRun, readDryRun, readStrictRuns, readToolRun } from "./dry-run.ts";

const baseUrl = "http://127.0.0.1:8000/v1";
const badRequest = (message: string) =>
  Response.json({ error: { message, type: "BadRequestError", param: null, code: 400 } }, { status: 400 });

// The words of vLLM 0.32.0.
const ACCEPTED = "data_parallel_rank 999999 is out of range [0, 1).";
const NO_TOOL_PARSER = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set';
/** For a choice other than `auto`: as recorded in `0.32.0/no-tool-parser`. */
function noToolParser(choice: unknown): string {
  if (choice === undefined) return NO_TOOL_PARSER;
  return `tool_choice=${choice === "required" ? '"required"' : 'function "get_weather"'} requires --tool-call-parser to be set`;
}
const NO_REASONING =
  "thinking_token_budget is set but reasoning_config is not configured. Please set --reasoning-parser and/or --reasoning-config to use thinking_token_budget.";

const GRAMMAR = "Invalid grammar specification: 'triggers'";

interface ServerShape {
  toolParser: boolean;
  reasoningParser: boolean;
  message?: Record<string, unknown>;
  /** The model's own text, past the parsers. */
  raw?: string;
  metrics?: string;
  /** Makes a grammar of tools that are marked strict, as vLLM does; `all`: of every tool (`--tool-strict-level parameter`). */
  strict?: boolean | "all";
  version?: string;
}

function serve({
  toolParser,
  reasoningParser,
  message = { content: "Sunny." },
  raw = "Sunny.",
  metrics = "vllm:num_requests_running 0\n",
  strict = true,
  version = "0.32.0",
}: ServerShape) {
  return playFetch({
    "GET /v1/models": recorded("0.32.0/tools-hermes/models"),
    "GET /version": Response.json({ version }),
    "GET /health": recorded("0.32.0/hermes-qwen3/health"),
    "GET /metrics": new Response(metrics),
    "GET /v1/chat/completions": Response.json({ detail: "Method Not Allowed" }, { status: 405 }),
    "POST /tokenize": ({ body }: SeenRequest) =>
      // Only the prompt with the tool is rendered: the template's probe is not the matter here.
      (body as { tools?: unknown }).tools === undefined
        ? Response.json({ detail: "Not Found" }, { status: 404 })
        : Response.json({ count: 3, max_model_len: 4096, tokens: [1, 2, 3] }),
    "POST /v1/completions": ({ body }: SeenRequest) => {
      expect(body).toMatchObject({ prompt: [1, 2, 3], max_tokens: 160, skip_special_tokens: false, stream: false });
      return Response.json({
        choices: [{ index: 0, text: raw }],
        usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 },
      });
    },
    "POST /v1/chat/completions": ({ headers, body }: SeenRequest) => {
      const request = body as Record<string, unknown>;
      if (request["tools"] !== undefined && !toolParser) return badRequest(noToolParser(request["tool_choice"]));
      if (request["thinking_token_budget"] !== undefined && !reasoningParser) return badRequest(NO_REASONING);
      const tool = (request["tools"] as { function: { strict?: boolean } }[] | undefined)?.[0]?.function;
      const hasGrammar = tool !== undefined && (strict === "all" || (strict && tool.strict === true));
      if (hasGrammar && JSON.stringify(tool).includes("no-such-type")) return badRequest(GRAMMAR);
      if (headers.has("x-data-parallel-rank")) return badRequest(ACCEPTED);
      return Response.json({
        id: "chatcmpl-1",
        choices: [{ index: 0, message, finish_reason: "stop" }],
        usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 },
      });
    },
  });
}

const chats = (fetch: { seen: SeenRequest[] }) =>
  fetch.seen.filter(({ method, path }) => method === "POST" && path.endsWith("/chat/completions"));

describe("probe: active", () => {
  test("requests that are refused last and one short chat, with the price", async () => {
    const fetch = serve({
      toolParser: true,
      reasoningParser: true,
      message: {
        content: null,
        reasoning: "Hm.",
        tool_calls: [{ id: "1", function: { name: "get_weather", arguments: "{}" } }],
      },
    });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(report.tokensSpent).toBe(42);
    expect(report.models[0]).toMatchObject({
      toolCalling: { status: "yes", evidence: "the model called a tool, and the call arrived as a call" },
      requiredToolCalls: { status: "yes", source: "probed" },
      namedToolCalls: { status: "yes", source: "probed" },
      reasoning: { status: "yes", evidence: "the answer's reasoning came in the field reasoning" },
      structuredOutput: { status: "yes" },
      profile: { toolCalling: { value: "yes" }, reasoning: { value: "yes" } },
    });
    const asked = chats(fetch);
    expect(asked).toHaveLength(9);
    expect(asked.filter(({ headers }) => headers.get("x-data-parallel-rank") === "999999")).toHaveLength(8);
    for (const { body } of asked)
      expect(body).toMatchObject({ stream: false, max_tokens: expect.toSatisfy((limit: number) => limit <= 160) });
  });

  test("no parsers: said, with what to add", async () => {
    const fetch = serve({
      toolParser: false,
      reasoningParser: false,
      message: { content: "<think>\nHm.\n</think>\n\nSunny." },
    });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(report.models[0]).toMatchObject({
      toolCalling: { status: "no" },
      requiredToolCalls: { status: "no", evidence: expect.stringContaining("requires --tool-call-parser to be set") },
      namedToolCalls: { status: "no", evidence: expect.stringContaining("requires --tool-call-parser to be set") },
      reasoning: { status: "no" },
    });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: "TOOL_PARSER_MISSING", severity: "error" }));
    expect(chats(fetch).at(-1)?.body).not.toHaveProperty("tools");
  });

  test.each([
    ["<tool_call>\n<function=get_weather>\n<parameter=city>\nParis", "qwen3_coder"],
    ['[TOOL_CALLS][{"name": "get_weather", "arguments": {}}]', "mistral"],
    ['{"name": "get_weather", "parameters": {"city": "Paris"}}', "llama3_json"],
  ])("the wrong tool parser: the call arrives as %j", async (content, parser) => {
    const report = await discoverServer({
      baseUrl,
      fetch: serve({ toolParser: true, reasoningParser: true, message: { content } }),
      probe: "active",
    });
    expect(report.models[0]?.toolCalling.status).toBe("no");
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: "TOOL_PARSER_WRONG",
        severity: "error",
        fix: `Start the server with --tool-call-parser ${parser} instead.`,
      }),
    );
    expect(report.findings.map(({ code }) => code)).not.toContain("TOOL_PARSER_MISSING");
  });

  // As recorded on vLLM 0.32.0 with --tool-call-parser qwen3_coder and a model that writes hermes calls.
  test("the wrong tool parser that swallows the call: the raw text tells", async () => {
    const fetch = serve({
      toolParser: true,
      reasoningParser: true,
      message: { content: "\n\nLet me check. ", reasoning: "\nI need the weather tool for Paris.\n" },
      raw: '\n\nLet me check. <tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
    });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: "TOOL_PARSER_WRONG",
        message: expect.stringContaining("vanished"),
        fix: "Start the server with --tool-call-parser hermes instead.",
      }),
    );
    expect(report.models[0]).toMatchObject({ toolCalling: { status: "no" }, reasoning: { status: "yes" } });
    expect(report.tokensSpent).toBe(84);
  });

  test("the wrong reasoning parser: its tags stand in the answer", async () => {
    const report = await discoverServer({
      baseUrl,
      fetch: serve({ toolParser: true, reasoningParser: true, message: { content: "[THINK]Hm.[/THINK]Sunny." } }),
      probe: "active",
    });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: "REASONING_PARSER_WRONG" }));
    expect(report.findings.map(({ code }) => code)).not.toContain("REASONING_PARSER_MISSING");
    expect(report.models[0]?.reasoning.status).toBe("no");
  });

  test("what an active probe found is a finding of later probes, too, while the server is the same", async () => {
    const message = { content: "[THINK]Hm.[/THINK]<tool_call>\n<function=get_weather>\n<parameter=city>\nParis" };
    const metrics = "process_start_time_seconds 1000\nvllm:num_requests_running 0\n";
    const fetch = serve({ toolParser: true, reasoningParser: true, message, metrics });
    const known = await discoverServer({ baseUrl, fetch, probe: "active" });
    const wrong = known.findings.filter(({ code }) => code.endsWith("_PARSER_WRONG"));
    expect(wrong).toHaveLength(2);
    expect(suggestServeCommand(known)?.command).toContain("--tool-call-parser qwen3_coder");
    expect(diagnose({ ...known, probeFindings: [] })).toEqual(expect.arrayContaining(wrong));
  });

  test("a model that only answers leaves what the checks showed", async () => {
    const report = await discoverServer({
      baseUrl,
      fetch: serve({ toolParser: true, reasoningParser: false }),
      probe: "active",
    });
    expect(report.models[0]).toMatchObject({ toolCalling: { status: "yes" }, reasoning: { status: "no" } });
  });

  test("a busy server generates nothing unless it is told to", async () => {
    const metrics = "vllm:num_requests_running 2\nvllm:num_requests_waiting 1\n";
    const fetch = serve({ toolParser: true, reasoningParser: true, metrics });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(report.tokensSpent).toBe(0);
    expect(chats(fetch)).toHaveLength(8);
    expect(chats(fetch).every(({ headers }) => headers.has("x-data-parallel-rank"))).toBe(true);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: "PROBE_SKIPPED_BUSY", message: expect.stringContaining("3 other requests") }),
    );
    const told = serve({ toolParser: true, reasoningParser: true, metrics });
    expect(
      (await discoverServer({ baseUrl, fetch: told, probe: "active", evenIfBusy: true })).tokensSpent,
    ).toBeGreaterThan(0);
  });

  test("a busy server that might write a token to every request is asked nothing", async () => {
    const metrics = "vllm:num_requests_running 2\n";
    const fetch = serve({ toolParser: true, reasoningParser: true, metrics, version: "0.9.2" });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(chats(fetch)).toEqual([]);
    expect(report.findings.map(({ code }) => code)).toContain("PROBE_SKIPPED_BUSY");
  });

  test("a deadline that leaves a chat no time says nothing about the engine", async () => {
    const healthy = serve({ toolParser: true, reasoningParser: true });
    let isChatAsked = false;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const isChat = request.method === "POST" && request.url.endsWith("/chat/completions");
      if (!isChat || request.headers.has("x-data-parallel-rank")) return healthy(request);
      isChatAsked = true;
      return new Promise(() => {});
    };
    using clock = stopClock();
    const looking = discoverServer({ baseUrl, fetch, probe: "active", timeoutMs: 250 });
    await clock.standUntil(() => isChatAsked);
    const report = await clock.passUntil(looking, 10);
    expect(report).toMatchObject({ state: "ready", tokensSpent: 0, models: [{ structuredOutput: { status: "yes" } }] });
    expect(report.findings.map(({ code }) => code)).not.toContain("CHAT_UNANSWERED");
  });

  test("the default asks for no chat at all", async () => {
    const fetch = serve({ toolParser: true, reasoningParser: true });
    const report = await discoverServer({ baseUrl, fetch });
    expect(chats(fetch)).toEqual([]);
    expect(report.models[0]?.toolCalling.status).toBe("unknown");
  });

  test("a server that answers nothing to chats teaches nothing", async () => {
    const fetch = playFetch({
      "GET /v1/models": recorded("0.32.0/tools-hermes/models"),
      "POST /v1/chat/completions": new Response("oops", { status: 500 }),
    });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(report.models[0]).toMatchObject({
      toolCalling: { status: "unknown" },
      reasoning: { status: "unknown" },
      structuredOutput: { status: "unknown" },
    });
    expect(report.tokensSpent).toBe(0);
  });
});

describe("tools marked strict", () => {
  test.each([
    [true, "yes", /^marked strict, a tool is refused when no grammar can be made of its schema/],
    [false, "no", /^a tool that is marked strict is accepted with a schema/],
  ] as const)("a server that makes a grammar of them (%s): %s", async (strict, value, evidence) => {
    const fetch = serve({ toolParser: true, reasoningParser: true, strict });
    const [model] = (await discoverServer({ baseUrl, fetch, probe: "active" })).models;
    expect(model?.profile.strictTools).toEqual({
      value,
      source: "probed",
      evidence: expect.stringMatching(evidence),
    });
    const [entry] = toModelEntries([model!], { host: "coderclaw" });
    expect(entry?.compat?.supportsStrictMode).toBe(value === "yes");
  });

  test("a server that cannot make the grammar: the mark does harm", () => {
    const refused = { kind: "refused", status: 400, message: GRAMMAR, tokens: 0 } as const;
    const accepted = { kind: "accepted", tokens: 0 } as const;
    expect(readStrictRuns({ sound: refused, impossible: refused, unmarked: accepted })).toMatchObject({
      status: "no",
      evidence: expect.stringContaining("triggers"),
    });
    const failed = { kind: "failed", why: "no answer", tokens: 0 } as const;
    expect(readStrictRuns({ sound: accepted, impossible: failed, unmarked: accepted }).status).toBe("unknown");
    expect(readStrictRuns({ sound: failed, impossible: refused, unmarked: accepted }).status).toBe("unknown");
  });

  test.each([
    ["that holds every call to its schema", { toolParser: true, strict: "all" }],
    ["without a tool parser", { toolParser: false }],
  ] as const)("a server %s: nothing is said", async (_, shape) => {
    const fetch = serve({ reasoningParser: true, ...shape });
    const [model] = (await discoverServer({ baseUrl, fetch, probe: "active" })).models;
    expect(model?.profile).not.toHaveProperty("strictTools");
  });
});

describe("a model that does not chat", () => {
  const models = Response.json({
    object: "list",
    data: [{ id: "m", root: "m", owned_by: "vllm", max_model_len: 512 }],
  });
  const vllm = (version: string) => ({ "GET /v1/models": models, "GET /version": Response.json({ version }) });
  const missing = Response.json({ detail: "Method Not Allowed" }, { status: 405 });
  const usage = { prompt_tokens: 2, total_tokens: 2 };

  test.each([
    ["embedding", "/v1/embeddings", { data: [{ embedding: [0.1, 0.2, 0.3] }], usage }, /a vector of 3 numbers/],
    ["rerank", "/v1/rerank", { results: [{ relevance_score: 0.5 }], usage }, /a score/],
    ["classification", "/classify", { data: [{ probs: [0.5, 0.5], num_classes: 2 }], usage }, /2 classes/],
  ] as const)("%s, known by its route: asked for it", async (task, path, body, evidence) => {
    const fetch = playFetch({ ...vllm("0.32.0"), [`GET ${path}`]: missing, [`POST ${path}`]: Response.json(body) });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(report.models[0]).toMatchObject({ task, taskEvidence: expect.stringMatching(evidence) });
    expect(report.tokensSpent).toBe(2);
    expect(chats(fetch)).toEqual([]);
    expect(toModelEntries(report.models)).toEqual([]);
    expect(report.findings).toContainEqual(expect.objectContaining({ code: "MODEL_NOT_CHAT", model: "m" }));
  });

  // vLLM up to 0.12 has every route, and says with status 200 that the model cannot: `0.10.2/small/embeddings`, the other way round.
  test("on an old vLLM, where the routes tell nothing: asked until it answers", async () => {
    const refusal = (what: string) =>
      Response.json({
        object: "error",
        message: `The model does not support ${what} API`,
        type: "BadRequestError",
        code: 400,
      });
    const fetch = playFetch({
      ...vllm("0.10.2"),
      "GET /v1/chat/completions": missing,
      "POST /v1/chat/completions": refusal("Chat Completions"),
      "POST /v1/embeddings": recorded("0.10.2/small/embeddings"),
      "POST /v1/rerank": Response.json({ results: [{ relevance_score: 0.5 }], usage }),
    });
    const report = await discoverServer({ baseUrl, fetch, probe: "active" });
    expect(report.models[0]).toMatchObject({
      task: "rerank",
      taskEvidence: "POST /v1/rerank answered a score",
      toolCalling: { status: "unknown" },
    });
    expect(toModelEntries(report.models)).toEqual([]);
  });

  test("a busy server is not asked, and one that answers nothing stays what its route says", async () => {
    const shape = { ...vllm("0.32.0"), "GET /v1/embeddings": missing };
    const busy = playFetch({ ...shape, "GET /metrics": new Response("vllm:num_requests_running 1\n") });
    await discoverServer({ baseUrl, fetch: busy, probe: "active" });
    expect(busy.seen.map(({ method, path }) => `${method} ${path}`)).not.toContain("POST /v1/embeddings");
    const silent = playFetch(shape);
    const { models: found } = await discoverServer({ baseUrl, fetch: silent, probe: "active" });
    expect(silent.seen.map(({ method, path }) => `${method} ${path}`)).toContain("POST /v1/embeddings");
    expect(found[0]).toMatchObject({ task: "embedding", taskEvidence: expect.stringContaining("405") });
  });
});

describe("readDryRun", () => {
  test.each([
    [answer(400, { error: { message: ACCEPTED } }), { kind: "accepted", tokens: 0 }],
    [
      answer(400, { error: { message: NO_TOOL_PARSER } }),
      { kind: "refused", status: 400, message: NO_TOOL_PARSER, tokens: 0 },
    ],
    [answer(200, { choices: [], usage: { total_tokens: 9 } }), { kind: "answered", tokens: 9 }],
    [answer(200, {}), { kind: "answered", tokens: 0 }],
    [
      answer(200, { object: "error", message: "The model does not support Chat Completions API", code: 400 }),
      { kind: "refused", status: 400, message: "The model does not support Chat Completions API", tokens: 0 },
    ],
    [answer(503, ""), { kind: "failed", why: "it answers 503", tokens: 0 }],
    [TIMEOUT, { kind: "failed", why: "no answer in time", tokens: 0 }],
  ])("%#", (outcome, run) => {
    expect(readDryRun(outcome)).toEqual(run);
  });

  test("an old server that answers instead shows a tool parser, and nothing about reasoning", () => {
    expect(readToolRun({ kind: "answered", tokens: 9 }).status).toBe("yes");
    expect(readBudgetRun({ kind: "answered", tokens: 9 }).status).toBe("unknown");
  });

  test("a refusal for another reason is no verdict", () => {
    expect(readToolRun({ kind: "refused", status: 400, message: "max_tokens is too large", tokens: 0 }).status).toBe(
      "unknown",
    );
    expect(readBudgetRun({ kind: "refused", status: 400, message: "max_tokens is too large", tokens: 0 }).status).toBe(
      "unknown",
    );
  });
});
