import type { AdapterFinding } from "./adapter-finding.ts";

const NAME = "\u0000";

/** Findings that say one thing of several models become one that names them all; what is there twice comes once. For people: data keeps each. */
export function mergeAlike(findings: readonly AdapterFinding[]): AdapterFinding[] {
  const groups = new Map<string, { first: AdapterFinding; models: Set<string> }>();
  for (const finding of findings) {
    const { code, severity, model, message, fix } = finding;
    const isAbout = model !== undefined && message.startsWith(`${model}: `);
    const key = JSON.stringify([code, severity, isAbout ? message.replace(model, NAME) : message, fix]);
    const group = groups.get(key) ?? { first: finding, models: new Set<string>() };
    if (isAbout) group.models.add(model);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, models }) =>
    models.size < 2
      ? first
      : { ...first, message: first.message.replace(first.model as string, () => [...models].join(", ")) },
  );
}
