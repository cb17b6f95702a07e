/** What a chat's `/model` directive can spell (agent rule: `auto-reply/model.ts`): plain parts with slashes between them. */
export function canBeTyped(modelId: string): boolean {
  return /^[A-Za-z0-9_.:-]+(\/[A-Za-z0-9_.:-]+)*$/.test(modelId);
}

/** An alias that the agent accepts for an id that cannot be typed: `@org/My Model+v2` → `My-Model-v2`. */
export function toAlias(modelId: string, taken: readonly string[] = []): string {
  const last = modelId.split("/").findLast((part) => part.trim() !== "") ?? modelId;
  const base = last.replace(/[^A-Za-z0-9_.:-]+/g, "-").replace(/^-+|(?<!-)-+$/g, "") || "vllm-model";
  const isTaken = (alias: string): boolean => taken.some((other) => other.toLowerCase() === alias.toLowerCase());
  for (let number = 1; ; number += 1) {
    const alias = number === 1 ? base : `${base}-${number}`;
    if (!isTaken(alias)) return alias;
  }
}
