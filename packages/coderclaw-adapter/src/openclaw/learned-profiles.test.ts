import { describe, expect, test } from "vitest";
import { createLearnedProfiles, profileFor } from "./learned-profiles.ts";
import type { AgentModelRow } from "./stream-types.ts";

const row: AgentModelRow = { id: "m", provider: "vllm-plus", api: "openai-completions", baseUrl: "http://h:1/v1" };

describe("a model that nobody has looked at yet", () => {
  test("what its row says is the user's", () => {
    const profile = profileFor(createLearnedProfiles(), {
      ...row,
      contextWindow: 4096,
      input: ["text", "image", "smell"],
    });
    expect(profile).toMatchObject({
      id: "m",
      contextWindow: { value: 4096, source: "user", evidence: "contextWindow in the configuration" },
      input: { value: ["text", "image"], source: "user", evidence: "input in the configuration" },
      toolCalling: { value: "unknown", source: "assumed" },
      reasoning: { value: "unknown", source: "assumed" },
    });
  });

  test("what its row leaves out is assumed, and says so", () => {
    expect(profileFor(createLearnedProfiles(), row)).toMatchObject({
      contextWindow: {
        value: 128_000,
        source: "assumed",
        evidence: "the configuration has no contextWindow for it",
      },
      input: { value: ["text"], source: "assumed", evidence: "the configuration has no input for it" },
    });
  });
});

test("what was learned at one address counts there alone, whether or not the address ends with a slash", () => {
  const profiles = createLearnedProfiles();
  const learned = {
    ...profileFor(profiles, row),
    toolCalling: { value: "yes", source: "learned", evidence: "it did" },
  } as const;
  profiles.set("http://h:1/v1/", learned);
  expect(profileFor(profiles, row)).toBe(learned);
  expect(profileFor(profiles, { ...row, baseUrl: "http://h:2/v1" }).toolCalling.value).toBe("unknown");
});
