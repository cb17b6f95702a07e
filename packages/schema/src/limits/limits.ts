import { VllmError } from "../errors/vllm-error.ts";

/**
 * How large an answer may be. One that is larger is not read any further, and ends the request with `RESPONSE_TOO_LARGE`.
 * Bytes are counted after decompression. Each limit is a whole number from 1; `docs/limits.md` is the table.
 */
export interface LimitOptions {
  /** Status line and headers, in bytes. Default 65 536 (64 KiB). Over `fetch` the runtime's own limit applies. */
  headBytes?: number | undefined;
  /** One event of a stream, in bytes. Default 16 777 216 (16 MiB). */
  eventBytes?: number | undefined;
  /** An answer that is one JSON value, in bytes. Default 67 108 864 (64 MiB). */
  answerBytes?: number | undefined;
  /** An answer of another route (`/v1/models`, `/tokenize`, …), in bytes. Default 8 388 608 (8 MiB). */
  auxiliaryBytes?: number | undefined;
  /** The body of an error status, in bytes. The rest of a larger one is ignored. Default 262 144 (256 KiB). */
  errorBytes?: number | undefined;
  /** The arguments of one tool call, in characters. Default 16 777 216 (16 Mi). */
  argumentsLength?: number | undefined;
  /**
   * Levels of JSON inside JSON. A deeper answer ends the request with `STREAM_MALFORMED`; a call with deeper arguments has a
   * `parseError`. Default 1000.
   */
  nesting?: number | undefined;
}

/** All limits, none left out. */
export type Limits = Readonly<Record<keyof LimitOptions, number>>;

/** What holds where nothing else is said; bytes, characters and levels as in {@link LimitOptions}. */
export const DEFAULT_LIMITS: Limits = {
  headBytes: 64 * 1024,
  eventBytes: 16 * 1024 * 1024,
  answerBytes: 64 * 1024 * 1024,
  auxiliaryBytes: 8 * 1024 * 1024,
  errorBytes: 256 * 1024,
  argumentsLength: 16 * 1024 * 1024,
  nesting: 1000,
};

/**
 * The option `limits` → every limit.
 *
 * @throws {VllmError} `CONFIG_INVALID` when one is not a whole number from 1, or has another name
 */
export function parseLimits(given: LimitOptions = {}): Limits {
  const limits: Record<keyof LimitOptions, number> = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(limits, name)) throw unknownLimit(name);
    if (value === undefined) continue;
    if (!isLimit(value)) throw notALimit(name as keyof LimitOptions);
    limits[name as keyof LimitOptions] = value;
  }
  return limits;
}

export function isLimit(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function unknownLimit(name: string): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `limits.${name} does not exist.`,
    hint: `The limits are ${Object.keys(DEFAULT_LIMITS).join(", ")}.`,
  });
}

function notALimit(name: keyof LimitOptions): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `limits.${name} is not a whole number from 1.`,
    hint: `Change it, for example to ${DEFAULT_LIMITS[name]}, or leave it out.`,
  });
}
