import { readMetrics } from "@vllm/discovery";
import type { ServerCapacity } from "@vllm/discovery";
import { expect, test } from "vitest";
import { toLoad } from "./load.ts";

function metrics(values: Record<string, number>): ServerCapacity {
  const lines = Object.entries(values).map(([name, value]) => `${name}{engine="0"} ${value}`);
  return readMetrics(`vllm:num_requests_running{engine="0"} 2\n${lines.join("\n")}`) as ServerCapacity;
}

const BEFORE = metrics({
  "vllm:prompt_tokens_total": 1000,
  "vllm:generation_tokens_total": 100,
  "vllm:prefix_cache_queries_total": 1000,
  "vllm:prefix_cache_hits_total": 0,
  "vllm:time_to_first_token_seconds_count": 1,
  "vllm:time_to_first_token_seconds_sum": 5,
  process_start_time_seconds: 7,
});
const AFTER = metrics({
  "vllm:prompt_tokens_total": 3000,
  "vllm:generation_tokens_total": 150,
  "vllm:prefix_cache_queries_total": 3000,
  "vllm:prefix_cache_hits_total": 1800,
  "vllm:time_to_first_token_seconds_count": 3,
  "vllm:time_to_first_token_seconds_sum": 6,
  process_start_time_seconds: 7,
});

test("rates are of the time between two samples", () => {
  expect(toLoad({ at: 0, capacity: BEFORE }, { at: 2000, capacity: AFTER })).toMatchObject({
    running: 2,
    promptTokens: 1000,
    generationTokens: 25,
    prefixHitRate: 0.9,
    firstTokenSeconds: 0.5,
  });
});

test("an idle server shows its shares since the start, and no tokens", () => {
  expect(toLoad({ at: 0, capacity: AFTER }, { at: 1000, capacity: AFTER })).toMatchObject({
    promptTokens: 0,
    generationTokens: 0,
    prefixHitRate: 0.6,
    firstTokenSeconds: 2,
  });
});

test("a server that was started again has no rates yet", () => {
  const again = metrics({ "vllm:prompt_tokens_total": 50, process_start_time_seconds: 8 });
  expect(toLoad({ at: 0, capacity: AFTER }, { at: 1000, capacity: again })).toMatchObject({ promptTokens: undefined });
});
