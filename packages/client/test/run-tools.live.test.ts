import { createVllmClient, defineTool } from "@vllm/client";
import { runTools } from "@vllm/client/run";
import { isLabSupported, startLab, type Lab, type StartLabOptions } from "@vllm-tooling/vllm-lab";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

const isWanted = process.env["VLLM_LIVE_BASE_URL"] !== undefined && (await isLabSupported()).supported;
/** Tokens of one block of the prefix cache: only whole blocks can hit. */
const BLOCK = 32;
const PAGE = "The history of the lighthouse goes on with another paragraph about its keepers and the storms they saw. ";

const readPage = defineTool({
  name: "read_page",
  description: "One page of the book.",
  parameters: z.object({ page: z.string() }),
  execute: ({ page }) => `Page ${page}: ${PAGE.repeat(6)}`,
});

describe.runIf(isWanted).each<[string, StartLabOptions]>([
  ["a model that thinks", { model: "tiny-r" }],
  ["a model that does not", { model: "tiny" }],
])("a loop of ten steps with %s", (name, options) => {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await startLab({ ...options, flags: ["--enable-prompt-tokens-details", "--block-size", String(BLOCK)] });
  });
  afterAll(() => lab?.stop());

  test("has at least 95 % of the cacheable tokens of its prompts from the prefix cache", async () => {
    const client = createVllmClient({ baseUrl: lab?.baseUrl, apiKey: "", model: "lab/tiny" });
    const { steps, stoppedBy, text, messages } = await runTools(client, {
      messages: [
        { role: "system", content: "You read books." },
        { role: "user", content: "Read ten pages" },
      ],
      tools: [readPage],
      temperature: 0,
    }).result();
    expect({ stoppedBy, text: text.trim() }).toEqual({ stoppedBy: undefined, text: "All ten pages are read." });
    expect(steps).toHaveLength(11);
    expect(steps.every(({ thinking }) => (thinking === "") === (options.model === "tiny"))).toBe(true);
    expect(messages).toHaveLength(2 + 10 * 2 + 1);
    let cacheable = 0;
    let cached = 0;
    for (const [index, { usage }] of steps.entries()) {
      const before = steps[index - 1]?.usage;
      if (before === undefined || usage === undefined) continue;
      // All that the server has seen: the prompt before, and the answer to it.
      const seen = before.prompt_tokens + (before.completion_tokens ?? 0);
      cacheable += Math.floor(Math.min(seen, usage.prompt_tokens - 1) / BLOCK) * BLOCK;
      cached += usage.prompt_tokens_details?.cached_tokens ?? 0;
    }
    console.log(`${name}: ${cached} of ${cacheable} cacheable prompt tokens came from the prefix cache`);
    expect(cached / cacheable).toBeGreaterThanOrEqual(0.95);
  });
});
