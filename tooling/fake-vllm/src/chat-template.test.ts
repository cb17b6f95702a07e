import { describe, expect, test } from "vitest";
import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { renderPrompt } from "./chat-template.ts";
import type { ChatRequestLike } from "./chat-request.ts";

interface TokenizeAnswer {
  token_strs?: string[];
  error?: { message: string };
}

/** The bytes behind the letters that a byte-level tokenizer prints: printable ones stand for themselves, the rest from U+0100 on. */
const byteOfLetter = new Map<string, number>();
for (let byte = 0, next = 256; byte < 256; byte++) {
  const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  byteOfLetter.set(String.fromCodePoint(isPrintable ? byte : next++), byte);
}

/** The prompt that vLLM really rendered, from its tokens. Tokens such as <|im_start|> stand for their own text. */
function readPrompt(tokens: readonly string[]): string {
  const bytes = tokens.flatMap((token) => [...token].map((letter) => byteOfLetter.get(letter) ?? Number.NaN));
  return Buffer.from(bytes).toString("utf8");
}

const recorded = listFixtures({ config: "lab", name: /^template-/ }).map(({ id }) => {
  const fixture = loadFixture(id);
  const answer = JSON.parse(new TextDecoder().decode(fixture.response.body)) as TokenizeAnswer;
  return { id, request: fixture.request.body as ChatRequestLike, answer };
});

const isAboutMedia = (message: string | undefined) => message === undefined || message.includes("multimodal");

describe("renderPrompt", () => {
  test.each(recorded.filter(({ answer }) => answer.token_strs))("renders $id as vLLM did", ({ request, answer }) => {
    expect(renderPrompt(request)).toEqual({ prompt: readPrompt(answer.token_strs!) });
  });

  test.each(recorded.filter(({ answer }) => !isAboutMedia(answer.error?.message)))(
    "refuses $id in vLLM's words",
    ({ request, answer }) => {
      expect(renderPrompt(request)).toEqual({ refusal: answer.error!.message });
    },
  );

  test("there are recordings of both", () => {
    expect(recorded.filter(({ answer }) => answer.token_strs).length).toBeGreaterThanOrEqual(18);
    expect(recorded.filter(({ answer }) => answer.error).length).toBeGreaterThanOrEqual(5);
  });
});
