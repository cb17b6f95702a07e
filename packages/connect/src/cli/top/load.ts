import type { ServerCapacity } from "@vllm/discovery";

/** `/metrics` at one moment. */
export interface Sample {
  /** ms, from any fixed point. */
  at: number;
  capacity: ServerCapacity;
}

/** What a server does, from two samples; what they do not show is undefined. */
export interface Load {
  running: number | undefined;
  waiting: number | undefined;
  engines: number;
  /** Per second. */
  promptTokens: number | undefined;
  generationTokens: number | undefined;
  /** 0 to 1. */
  kvCacheUsage: number | undefined;
  kvCacheTokens: number | undefined;
  /** 0 to 1: of the prompt tokens in between; since the start when there were none. */
  prefixHitRate: number | undefined;
  /** Mean of the requests in between, in seconds; since the start when there were none. */
  firstTokenSeconds: number | undefined;
  /** Since the server's start. */
  preemptions: number | undefined;
  isSleeping: boolean | undefined;
}

export function toLoad(earlier: Sample, { at, capacity }: Sample): Load {
  const seconds = (at - earlier.at) / 1000;
  // A server that was started again counts from zero.
  const before = capacity.startedAt === earlier.capacity.startedAt ? earlier.capacity : undefined;
  const grown = (name: "promptTokens" | "generationTokens" | RatioPart): number | undefined =>
    difference(capacity[name], before?.[name]);
  const perSecond = (tokens: number | undefined): number | undefined =>
    tokens === undefined || seconds <= 0 ? undefined : tokens / seconds;
  const ratio = (part: RatioPart, whole: RatioPart): number | undefined =>
    quotient(grown(part), grown(whole)) ?? quotient(capacity[part], capacity[whole]);
  const { running, waiting, engines, kvCacheUsage, kvCacheTokens, preemptions, isSleeping } = capacity;
  return {
    running,
    waiting,
    engines,
    promptTokens: perSecond(grown("promptTokens")),
    generationTokens: perSecond(grown("generationTokens")),
    kvCacheUsage,
    kvCacheTokens,
    prefixHitRate: ratio("prefixCacheHits", "prefixCacheQueries"),
    firstTokenSeconds: ratio("firstTokenSeconds", "firstTokens"),
    preemptions,
    isSleeping,
  };
}

type RatioPart = "prefixCacheHits" | "prefixCacheQueries" | "firstTokenSeconds" | "firstTokens";

function difference(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined || before === undefined || now < before ? undefined : now - before;
}

function quotient(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}
