import type { ServerCapacity } from "../report/server-capacity.ts";

interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Reads the lines of vLLM's `/metrics` that matter, in one pass; undefined when there is no line of vLLM's. */
export function readMetrics(text: string): ServerCapacity | undefined {
  const samples = readSamples(text);
  const all = (...names: string[]) => names.map((name) => samples.get(name)).find((found) => found !== undefined) ?? [];
  const sum = (...names: string[]) => total(all(...names).map((sample) => sample.value));
  const running = all("vllm:num_requests_running");
  const caches = all("vllm:cache_config_info").map((sample) => sample.labels);
  if (running.length === 0 && caches.length === 0) return undefined;
  const usage = all("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc").map((sample) => sample.value);
  const asleep = all("vllm:engine_sleep_state").filter((sample) => sample.labels["sleep_state"] !== "awake");
  const firstTokens = sum("vllm:time_to_first_token_seconds_count");
  const firstTokenSeconds = sum("vllm:time_to_first_token_seconds_sum");
  const startedAt = all("process_start_time_seconds")[0]?.value;
  return {
    // With data parallel an engine has gauges from its first request on; what is said of its cache is there from the start.
    engines: Math.max(countEngines(running.map(({ labels }) => labels)), countEngines(caches), 1),
    kvCacheTokens: total(caches.map((labels) => Number(labels["kv_cache_size_tokens"] ?? Number.NaN))),
    fullWindowRequests: total(caches.map((labels) => Number(labels["kv_cache_max_concurrency"] ?? Number.NaN))),
    kvCacheUsage: usage.length === 0 ? undefined : Math.max(...usage),
    running: total(running.map((sample) => sample.value)),
    waiting: sum("vllm:num_requests_waiting"),
    prefixCaching: toBoolean(caches[0]?.["enable_prefix_caching"]),
    prefixCacheQueries: sum("vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"),
    prefixCacheHits: sum("vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"),
    preemptions: sum("vllm:num_preemptions_total"),
    promptTokens: sum("vllm:prompt_tokens_total"),
    generationTokens: sum("vllm:generation_tokens_total"),
    meanTimeToFirstToken:
      firstTokens === undefined || firstTokens === 0 || firstTokenSeconds === undefined
        ? undefined
        : firstTokenSeconds / firstTokens,
    firstTokens,
    firstTokenSeconds,
    isSleeping: samples.has("vllm:engine_sleep_state") ? asleep.some((sample) => sample.value > 0) : undefined,
    startedAt: startedAt === undefined ? undefined : Math.round(startedAt * 1000),
  };
}

function countEngines(labels: readonly Readonly<Record<string, string>>[]): number {
  return new Set(labels.map(({ engine = "0" }) => engine)).size;
}

const WANTED = /^(?:vllm:[a-z_]+|process_start_time_seconds)(?=[ {])/;
const SKIPPED = /(?:_bucket|_created)$/;

function readSamples(text: string): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split("\n")) {
    const name = WANTED.exec(line)?.[0];
    if (name === undefined || SKIPPED.test(name)) continue;
    const value = Number(line.slice(line.lastIndexOf(" ") + 1));
    if (!Number.isFinite(value)) continue;
    const sample = { labels: readLabels(line.slice(name.length)), value };
    const known = samples.get(name);
    if (known === undefined) samples.set(name, [sample]);
    else known.push(sample);
  }
  return samples;
}

const LABEL = /(?<!\w)([A-Za-z_]\w*)="([^"\\]*(?:\\.[^"\\]*)*)"/g;

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  if (!text.startsWith("{")) return labels;
  for (const [, name, value] of text.matchAll(LABEL)) {
    if (name !== undefined && value !== undefined) labels[name] = value;
  }
  return labels;
}

function total(values: readonly number[]): number | undefined {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}

function toBoolean(text: string | undefined): boolean | undefined {
  return text === "True" ? true : text === "False" ? false : undefined;
}
