/** What is left of one quota. */
export interface RateLimitQuota {
  limit?: number | undefined;
  remaining?: number | undefined;
  /** Until the quota is whole again, in ms. */
  resetMs?: number | undefined;
}

/** What a gateway says of its quotas in `x-ratelimit-*` headers (LiteLLM, OpenAI, others). vLLM itself has none. */
export interface RateLimit {
  requests?: RateLimitQuota | undefined;
  tokens?: RateLimitQuota | undefined;
}

type Header = (name: string) => string | undefined;

/** Undefined where no header says anything. */
export function parseRateLimit(header: Header): RateLimit | undefined {
  // Gateways that count only requests have no word for what is counted.
  const requests = readQuota(header, "-requests") ?? readQuota(header, "");
  const tokens = readQuota(header, "-tokens");
  if (requests === undefined && tokens === undefined) return undefined;
  return { ...(requests === undefined ? {} : { requests }), ...(tokens === undefined ? {} : { tokens }) };
}

function readQuota(header: Header, suffix: string): RateLimitQuota | undefined {
  const limit = readCount(header(`x-ratelimit-limit${suffix}`));
  const remaining = readCount(header(`x-ratelimit-remaining${suffix}`));
  if (limit === undefined && remaining === undefined) return undefined;
  const resetMs = readReset(header(`x-ratelimit-reset${suffix}`));
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  };
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}

const DURATION = /^(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?$/;
/** Seconds above this are seconds since 1970. */
const LEAST_EPOCH_SECONDS = 1_000_000_000;

/** OpenAI writes `6m0s`, others seconds, or the second since 1970 at which the quota is whole. */
function readReset(text = ""): number | undefined {
  const written = text.trim();
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(written)) {
    const seconds = Number(written);
    return Math.max(0, Math.round(seconds * 1000 - (seconds >= LEAST_EPOCH_SECONDS ? Date.now() : 0)));
  }
  const parts = written === "" ? null : DURATION.exec(written);
  if (parts === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return Math.round(((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds);
}
