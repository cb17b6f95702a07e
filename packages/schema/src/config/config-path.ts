/** Keys and indexes from the root of a document to a value. */
export type ConfigPath = readonly (string | number)[];

/** `["models", "providers", "vllm", "models", 0, "id"]` → `models.providers.vllm.models[0].id`; keys that need it are quoted. */
export function formatConfigPath(path: ConfigPath): string {
  return path
    .map((part, at) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[\w$-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return at === 0 ? part : `.${part}`;
    })
    .join("");
}

export function startsWith(path: ConfigPath, prefix: ConfigPath): boolean {
  return prefix.every((part, at) => path[at] === part);
}

/** The value at a path, or undefined where there is none. Own keys only, so `__proto__` finds nothing that was not written. */
export function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
