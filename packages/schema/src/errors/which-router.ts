/** What stands between the client and vLLM, as far as an error answer shows. */
export type RouterName = "nginx" | "haproxy" | "LiteLLM" | "vllm-router";

/** Words that only this one writes. */
const WORDS: readonly (readonly [RouterName, RegExp])[] = [
  ["LiteLLM", /\blitellm\./],
  [
    "vllm-router",
    /No available workers|No workers are currently available|^Request failed: error sending request for url|^length limit exceeded/,
  ],
  ["nginx", /<center>(?:nginx|openresty)\b/],
  ["haproxy", /No server is available to handle this request/],
];

/** Errors that a proxy makes itself; of others its `Server` header says only that the answer passed through it. */
const OWN_STATUSES = new Set([413, 502, 504]);

/**
 * Who wrote an error answer; undefined for vLLM itself, and where nothing shows it. Advice names the flags of this one, and of no
 * other.
 */
export function whichRouter(
  bodyText: string,
  status: number,
  serverHeader: string | undefined,
): RouterName | undefined {
  const start = bodyText.slice(0, 10_000);
  const byWords = WORDS.find(([, words]) => words.test(start))?.[0];
  if (byWords !== undefined) return byWords;
  return OWN_STATUSES.has(status) && /^(?:nginx|openresty)\b/i.test(serverHeader ?? "") ? "nginx" : undefined;
}
