import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { VllmErrorCode } from "../src/index.ts";
import {
  errorFromNetwork,
  errorFromResponse,
  FACTS_OF_CODE,
  safeParseHostConfig,
  VLLM_ERROR_CODES,
} from "../src/index.ts";
import { errorFromLimit } from "../src/internal.ts";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const [introduction = "", ...parts] = page.split(/^## /m);
const sections = parts.map((text) => ({ heading: text.slice(0, text.indexOf("\n")), text }));

const chat = "http://127.0.0.1:8000/v1/chat/completions";
const answered = (status: number, body: string, url = chat, served?: string[]) =>
  errorFromResponse({ status, bodyText: body }, { url, availableModels: served, hasKey: false });
const refused = (message: string) => answered(400, JSON.stringify({ error: { message } }));

/** The errors that this package makes, each from an answer that really comes. */
const MADE: Readonly<Partial<Record<VllmErrorCode, Error | undefined>>> = {
  CONFIG_INVALID: safeParseHostConfig(
    `{ models: { providers: { vllm: { api: "openai", baseUrl: "http://x", models: [] } } } }`,
    {
      path: "coderclaw.json",
    },
  ).error,
  SERVER_UNREACHABLE: errorFromNetwork(Object.assign(new Error("x"), { code: "ECONNREFUSED" }), { url: chat }),
  SERVER_STARTING: answered(503, `{"error":"The model is currently scaling. Please try again later."}`),
  NOT_VLLM: answered(404, "<html></html>"),
  WRONG_BASE_URL: answered(404, `{"detail":"Not Found"}`, "http://127.0.0.1:8000/chat/completions"),
  AUTHENTICATION_FAILED: answered(401, `{"error":"Unauthorized"}`),
  MODEL_NOT_FOUND: answered(404, `{"error":{"message":"The model \`gpt-4o\` does not exist."}}`, chat, [
    "Qwen/Qwen3-8B",
  ]),
  CONTEXT_LENGTH_EXCEEDED: refused(
    "This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens",
  ),
  TOOL_PARSER_NOT_ENABLED: refused(
    `"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set`,
  ),
  CHAT_TEMPLATE_REJECTED: refused("System message must be at the beginning."),
  INPUT_TYPE_NOT_SUPPORTED: refused("tiny is not a multimodal model"),
  INVALID_REQUEST: refused("max_tokens must be at least 1, got 0."),
  RATE_LIMITED: answered(429, ""),
  SERVER_ERROR: answered(502, "<html></html>"),
  REQUEST_TIMEOUT: answered(504, "<html></html>"),
  RESPONSE_TOO_LARGE: errorFromLimit("auxiliaryBytes", 8 * 1024 * 1024, { url: "http://127.0.0.1:8000/v1/models" }),
  ENGINE_FAILED: answered(500, `{"error":{"message":"EngineCore encountered an issue."}}`),
  ABORTED: errorFromNetwork(new DOMException("x", "AbortError"), { url: chat }),
};

describe("docs/errors.md", () => {
  test("has one heading for each code, in the order of the table", () => {
    expect(sections.map(({ heading }) => heading)).toEqual([...VLLM_ERROR_CODES]);
  });

  test.each(sections.map(({ heading, text }) => [heading, text]))(
    "%s says what it means, shows a message and what to do",
    (_, text) => {
      expect(text).toMatch(/^\w+\n\n[A-Za-z`].+\n[\s\S]*```text\n[^`]+\n```\n\n\*\*What to do:\*\*[ \n]/);
    },
  );

  test.each(Object.entries(MADE))("the message of %s is the one that is written", (code, error) => {
    expect(error).toMatchObject({ code });
    const shown = /```text\n([\s\S]*?)\n```/.exec(sections.find(({ heading }) => heading === code)?.text ?? "")?.[1];
    expect(shown).toBe(error?.message);
  });

  test("says which facts belong to which code", () => {
    const rows = [...introduction.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\|$/gm)].map(([, code = "", facts = ""]) => [
      code,
      facts.split(", ").map((fact) => fact.replaceAll("`", "")),
    ]);
    expect(rows).toEqual(Object.entries(FACTS_OF_CODE).filter(([, facts]) => facts.length > 0));
  });

  test("names every fact of an error", () => {
    for (const fact of [
      "status",
      "requestId",
      "url",
      "reason",
      "maxModelLen",
      "promptTokens",
      "promptTokensAtLeast",
      "requestedTokens",
      "availableModels",
      "suggestion",
      "retryAfterMs",
      "issues",
      "partial",
      "cause",
    ]) {
      expect(introduction).toContain(`\`${fact}\``);
    }
  });
});
