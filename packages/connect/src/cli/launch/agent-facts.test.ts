import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { discoverServer } from "@vllm/discovery";
import type { DiscoveredModel } from "@vllm/discovery";
import { expect, test } from "vitest";
import { toAgentFacts } from "./agent-facts.ts";

const start = useFakeServers();

test.each([
  ["a quarter of the window", undefined, undefined, 8192],
  ["what the server ends every answer at", 40, undefined, 40],
  ["the user's, where it is smaller still", 4000, 1000, 1000],
  ["no more than is useful", 1_000_000, 1_000_000, 8192],
])("an agent may ask for %s", async (_what, ofServer, ofUser, expected) => {
  const { baseUrl } = await start();
  const [found] = (await discoverServer({ baseUrl, probe: "list" })).models;
  const fact = ofServer === undefined ? undefined : ({ value: ofServer, source: "server", evidence: "" } as const);
  const model: DiscoveredModel = { ...found!, profile: { ...found!.profile, maxOutputTokens: fact } };
  const facts = toAgentFacts(model, { baseUrl, needsKey: false, budget: { maxOutput: ofUser } });
  expect(facts.maxOutput).toBe(expected);
});
