/** By the request's `user-agent`. */
export function isClaudeCode(userAgent = ""): boolean {
  return /^claude-(?:cli|code)\//.test(userAgent);
}
