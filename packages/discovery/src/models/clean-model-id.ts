import { escapeUnsafe, isSafe } from "../text/safe-text.ts";

/** A served id as it may be used, or why it may not. Blanks around it are cut (agent rule: ids are trimmed). */
export function cleanModelId(value: unknown): { id: string } | { shown: string; why: string } {
  if (typeof value !== "string") return { shown: value === null ? "null" : `a ${typeof value}`, why: "is not a text" };
  const id = value.trim();
  if (id === "") return { shown: '""', why: "is blank" };
  if (!isSafe(id)) return { shown: escapeUnsafe(id), why: "holds control characters" };
  if (id.length > LONGEST) return { shown: `${id.slice(0, 60)}…`, why: `is longer than ${LONGEST} characters` };
  return { id };
}

const LONGEST = 512;
