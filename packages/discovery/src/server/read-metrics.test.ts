import { growthOf } from "@vllm-tooling/contract";
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../../test/outcomes.ts";
import { readMetrics } from "./read-metrics.ts";

function recordedText(id: string): string {
  const outcome = outcomeOf(id);
  return outcome.kind === "answer" ? outcome.body : "";
}

describe("readMetrics", () => {
  test("vLLM 0.32.0", () => {
    expect(readMetrics(recordedText("0.32.0/api-key/metrics-no-key"))).toEqual({
      engines: 1,
      kvCacheTokens: 4194304,
      fullWindowRequests: 1024,
      kvCacheUsage: 0,
      running: 0,
      waiting: 0,
      prefixCaching: true,
      prefixCacheQueries: 32,
      prefixCacheHits: 0,
      preemptions: 0,
      promptTokens: 32,
      generationTokens: 22,
      meanTimeToFirstToken: expect.closeTo(0.0282, 3),
      firstTokens: 2,
      firstTokenSeconds: expect.closeTo(0.0565, 3),
      isSleeping: false,
      startedAt: 1795362586050,
    });
  });

  // As vLLM 0.32.0 with --data-parallel-size 2 had them: no gauge before the first request, then one of the engine that answered it.
  test.each([
    ["before the first request", ""],
    ["after it", 'vllm:num_requests_running{engine="0",model_name="lab/tiny"} 0.0\n'],
  ])("engines with data parallel, %s", (_name, gauges) => {
    const caches = ["0", "1"].map(
      (engine) =>
        `vllm:cache_config_info{block_size="128",enable_prefix_caching="True",engine="${engine}",kv_cache_size_tokens="100"} 1.0\n`,
    );
    expect(readMetrics(`${caches.join("")}${gauges}`)).toMatchObject({ engines: 2, kvCacheTokens: 200 });
  });

  test("vLLM 0.24.0 says as much, 0.10.2 less", () => {
    expect(readMetrics(recordedText("0.24.0/api-key-no-tool-parser/metrics-no-key"))).toMatchObject({
      kvCacheTokens: 4194304,
      prefixCaching: true,
      running: 0,
    });
    expect(readMetrics(recordedText("0.10.2/api-key-no-tool-parser/metrics-no-key"))).toMatchObject({
      kvCacheTokens: undefined,
      fullWindowRequests: undefined,
      isSleeping: undefined,
      running: 0,
      prefixCacheQueries: 32,
    });
  });

  test("several engines are added up, the fullest cache counts", () => {
    const text = [
      'vllm:num_requests_running{engine="0"} 3.0',
      'vllm:num_requests_running{engine="1"} 2.0',
      'vllm:num_requests_waiting{engine="0"} 1.0',
      'vllm:num_requests_waiting{engine="1"} 0.0',
      'vllm:kv_cache_usage_perc{engine="0"} 0.25',
      'vllm:kv_cache_usage_perc{engine="1"} 0.75',
      'vllm:cache_config_info{engine="0",kv_cache_size_tokens="100",kv_cache_max_concurrency="1.5",enable_prefix_caching="False"} 1.0',
      'vllm:cache_config_info{engine="1",kv_cache_size_tokens="100",kv_cache_max_concurrency="1.5",enable_prefix_caching="False"} 1.0',
    ].join("\n");
    expect(readMetrics(text)).toMatchObject({
      engines: 2,
      running: 5,
      waiting: 1,
      kvCacheUsage: 0.75,
      kvCacheTokens: 200,
      fullWindowRequests: 3,
      prefixCaching: false,
    });
  });

  test.each(["weights_offloaded", "discard_all"])("an engine that sleeps (%s)", (state) => {
    const text = `vllm:num_requests_running 0\nvllm:engine_sleep_state{sleep_state="awake"} 0.0\nvllm:engine_sleep_state{sleep_state="${state}"} 1.0`;
    expect(readMetrics(text)?.isSleeping).toBe(true);
  });

  test.each([
    "",
    "# HELP nothing",
    "sglang:num_running_reqs 0",
    "<html></html>",
    'vllm:num_requests_running{engine="0"} NaN',
  ])("%j has no line of vLLM's", (text) => {
    expect(readMetrics(text)).toBeUndefined();
  });

  test("labels named like an Object's own keys harm nothing", () => {
    expect(readMetrics('vllm:num_requests_running{__proto__="x",constructor="y",engine="0"} 1')).toMatchObject({
      running: 1,
    });
  });
});

test.each(["a", '"', "\\", 'a="', 'a="b",', "{", " "])("labels full of %j are read in linear time", (atom) => {
  const read = (text: string) => readMetrics(`vllm:num_requests_running{${text}} 1.0\n`);
  expect(growthOf(read, atom)).toBeLessThan(8);
});
