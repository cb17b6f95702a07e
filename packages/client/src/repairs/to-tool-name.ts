const NAMESPACE = "functions.";

/**
 * The tool of the request that a name with markup around it can only mean: `name<|channel|>commentary` and `functions.name` (gpt-oss),
 * `functions.name:0` (Kimi). Names of tools have no `<`. Undefined for a name that is fine as it is, and for one that means no tool.
 */
export function toToolName(name: string, tools: readonly string[]): string | undefined {
  if (tools.length === 0 || tools.includes(name)) return undefined;
  const markup = name.indexOf("<");
  const bare = markup < 0 ? name : name.slice(0, markup).trim();
  if (tools.includes(bare)) return bare;
  if (!bare.startsWith(NAMESPACE)) return undefined;
  const inner = bare.slice(NAMESPACE.length);
  return [inner, inner.replace(/:\d+$/, "")].find((each) => tools.includes(each));
}
