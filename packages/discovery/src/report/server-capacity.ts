/** What vLLM's `/metrics` says about the engines behind one address, open without a key. A value that was not there is undefined. */
export interface ServerCapacity {
  /** Engines that report (more than one with `--data-parallel-size`). */
  engines: number;
  /** Tokens that the KV caches of all engines hold (`vllm:cache_config_info`, from about 0.24). */
  kvCacheTokens: number | undefined;
  /** How many requests of the full window fit at once (`kv_cache_max_concurrency`). */
  fullWindowRequests: number | undefined;
  /** Fullest KV cache, 0 to 1. */
  kvCacheUsage: number | undefined;
  /** Requests being worked on (`vllm:num_requests_running`). */
  running: number | undefined;
  /** Requests that wait for their turn; vLLM queues without a limit (`vllm:num_requests_waiting`). */
  waiting: number | undefined;
  /** Whether the beginnings of prompts are kept (`enable_prefix_caching` of `vllm:cache_config_info`). */
  prefixCaching: boolean | undefined;
  /** Prompt tokens looked up in and found in the prefix cache since the start. */
  prefixCacheQueries: number | undefined;
  prefixCacheHits: number | undefined;
  /** Times a request was put back for lack of cache, since the start. */
  preemptions: number | undefined;
  /** Prompt tokens of all requests since the start. */
  promptTokens: number | undefined;
  /** Tokens written since the start. */
  generationTokens: number | undefined;
  /** Mean seconds to the first token since the start. */
  meanTimeToFirstToken: number | undefined;
  /** Requests that have had a first token since the start, and the seconds that those took in all. */
  firstTokens: number | undefined;
  firstTokenSeconds: number | undefined;
  /** True when an engine sleeps (`/sleep`): it looks healthy and answers no chat. */
  isSleeping: boolean | undefined;
  /** Start of the API server, ms since 1970. */
  startedAt: number | undefined;
}
