interface Range {
  readonly field: string;
  /** Names of the recorded refusal. */
  readonly recordings: readonly string[];
  /** How vLLM prints the number: Python writes 5.0 where JSON says 5. */
  readonly isWhole?: boolean;
  isOutside(value: number): boolean;
}

/** The numbers that vLLM's own checks refuse, in their order. They come last, once the prompt is rendered and known to fit. */
const ranges: readonly Range[] = [
  { field: "n", recordings: ["n-zero"], isWhole: true, isOutside: (n) => n < 1 },
  { field: "presence_penalty", recordings: ["refused-presence-penalty-small"], isOutside: (n) => n < -2 || n > 2 },
  { field: "frequency_penalty", recordings: ["refused-frequency-penalty-big"], isOutside: (n) => n < -2 || n > 2 },
  { field: "repetition_penalty", recordings: ["refused-repetition-penalty-zero"], isOutside: (n) => n <= 0 },
  { field: "temperature", recordings: ["temperature-negative"], isOutside: (n) => n < 0 },
  { field: "temperature", recordings: ["refused-temperature-big"], isOutside: (n) => n > 2 },
  { field: "top_p", recordings: ["refused-top-p-big"], isOutside: (n) => n <= 0 || n > 1 },
  { field: "top_k", recordings: ["refused-top-k-negative"], isWhole: true, isOutside: (n) => n < -1 },
  { field: "min_p", recordings: ["refused-min-p-big"], isOutside: (n) => n < 0 || n > 1 },
  { field: "max_completion_tokens", recordings: ["max-tokens-zero"], isWhole: true, isOutside: (n) => n < 1 },
  { field: "max_tokens", recordings: ["max-tokens-zero"], isWhole: true, isOutside: (n) => n < 1 },
];

/** The first number of a request that is out of its range, and the recording that says so. */
export function findOutOfRange(
  request: Readonly<Record<string, unknown>>,
): { recordings: readonly string[]; printed: string } | undefined {
  for (const { field, recordings, isWhole = false, isOutside } of ranges) {
    const value = request[field];
    if (typeof value !== "number" || !isOutside(value) || (isWhole && !Number.isInteger(value))) continue;
    return { recordings, printed: !isWhole && Number.isInteger(value) ? `${value}.0` : String(value) };
  }
  return undefined;
}
