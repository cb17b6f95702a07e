/** OpenClaw's rule for `agents.defaults.modelPolicy.allow`: `vllm/*` and `vllm/org/*` allow what begins so, no list or an empty one everything. */
export function isAllowed(allow: unknown, modelRef: string): boolean {
  if (!Array.isArray(allow) || allow.length === 0) return true;
  return allow
    .map(String)
    .some((pattern) => (pattern.endsWith("/*") ? modelRef.startsWith(pattern.slice(0, -1)) : pattern === modelRef));
}
