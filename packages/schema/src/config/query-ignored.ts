/** What is said of an address whose query no request carries. The query itself may be a key, and is not shown. */
export const QUERY_IGNORED = {
  message: "The base URL has a query, which is left out of every request.",
  fix: "Remove everything from the question mark on. A key belongs in apiKey (VLLM_API_KEY), anything else in headers.",
} as const;
