import { describe, expect, test } from "vitest";
import { playFetch, recorded } from "../../test/play.ts";
import type { SeenRequest } from "../../test/play.ts";
import { loadRecordedTemplate, playTemplate } from "../../test/recorded-template.ts";
import { discoverServer, toModelEntries } from "../index.ts";

const baseUrl = "http://127.0.0.1:8000/v1";
const WINDOW = 8192;

interface Limits {
  most?: number;
  unasked?: number;
  version?: string;
  /** Tokens of a prompt, without and with the template. */
  overhead?: number;
}

/** vLLM 0.32.0, started with `--override-generation-config '{"max_new_tokens": 40}'`, answers so to more min_tokens; recorded live. */
const refusal = (limit: number) =>
  Response.json(
    {
      error: {
        message: `min_tokens must be less than or equal to max_tokens=${limit}, got 1000000000.`,
        type: "BadRequestError",
        param: null,
        code: 400,
      },
    },
    { status: 400 },
  );

function serve({ most = Infinity, unasked = Infinity, version = "0.32.0", overhead = 30 }: Limits) {
  const play = playTemplate(loadRecordedTemplate("Qwen-Qwen3-0.6B"));
  const render = ({ path, body }: SeenRequest) => {
    if (path === "/detokenize") return play(path, body as Record<string, unknown>);
    const { messages } = body as { messages: { content: string }[] };
    const tokens = Array.from(messages.map(({ content }) => content).join(" "), (letter) => letter.codePointAt(0));
    return Response.json({ count: tokens.length, max_model_len: WINDOW, tokens });
  };
  const lengthOf = (text: string) => Math.ceil(text.length / 6);
  return playFetch({
    "GET /v1/models": Response.json({ data: [{ id: "m", root: "r", owned_by: "vllm", max_model_len: WINDOW }] }),
    "GET /version": Response.json({ version }),
    "GET /health": recorded("0.32.0/hermes-qwen3/health"),
    "GET /v1/chat/completions": Response.json({}, { status: 405 }),
    "POST /tokenize": render,
    "POST /detokenize": render,
    "POST /v1/completions": ({ body }) => {
      const { prompt, max_tokens } = body as { prompt: string; max_tokens: number };
      return refusal(Math.min(max_tokens, most, WINDOW - lengthOf(prompt)));
    },
    "POST /invocations": ({ body }) => {
      const [message] = (body as { messages: { content: string }[] }).messages;
      return refusal(Math.min(most, unasked, WINDOW - overhead - lengthOf(message!.content)));
    },
  });
}

describe("the server's own limit of an answer", () => {
  test.each<[string, Limits, object, number]>([
    ["none", {}, {}, 2048],
    ["a template with a long prompt of its own is none", { overhead: 3000 }, {}, 2048],
    ["whatever is asked for", { most: 40 }, { maxOutputTokens: { value: 40, source: "server" } }, 40],
    ["nearly the window", { most: 8000 }, { maxOutputTokens: { value: 8000 } }, 2048],
    ["when nothing is asked for", { unasked: 512 }, { defaultOutputTokens: { value: 512, source: "server" } }, 2048],
  ])("%s", async (_name, limits, profile, maxTokens) => {
    const fetch = serve(limits);
    const report = await discoverServer({ baseUrl, fetch });
    expect(report.models[0]?.profile).toMatchObject(profile);
    const isLimited = Object.keys(profile).length > 0;
    expect(report.findings.some(({ code }) => code === "OUTPUT_LIMITED")).toBe(isLimited);
    expect(["maxOutputTokens", "defaultOutputTokens"].some((key) => key in report.models[0]!.profile)).toBe(isLimited);
    expect(toModelEntries(report.models)[0]?.maxTokens).toBe(maxTokens);
    expect(report.tokensSpent).toBe(0);
    const asked = fetch.seen.filter(({ path }) => path === "/v1/completions" || path === "/invocations");
    expect(asked.every(({ headers }) => headers.get("x-data-parallel-rank") === "999999")).toBe(true);
  });

  test("is not asked of a version that might write the answer", async () => {
    const fetch = serve({ most: 40, version: "0.9.2" });
    const report = await discoverServer({ baseUrl, fetch });
    expect(fetch.seen.filter(({ path }) => path === "/v1/completions" || path === "/invocations")).toEqual([]);
    expect(report.models[0]?.profile).not.toHaveProperty("maxOutputTokens");
  });

  test("is remembered with the template", async () => {
    const known = await discoverServer({ baseUrl, fetch: serve({ most: 40 }) });
    const fetch = serve({ most: 40 });
    const again = await discoverServer({ baseUrl, fetch, known });
    expect(fetch.seen.some(({ path }) => path === "/v1/completions")).toBe(false);
    expect(again.models[0]?.profile.maxOutputTokens?.value).toBe(40);
  });
});
