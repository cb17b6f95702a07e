import { stripTypeScriptTypes } from "node:module";
import type { Token } from "acorn";
import { tokenizer } from "acorn";

interface FoundPattern {
  line: number;
  pattern: RegExp;
}

export interface FoundPatterns {
  /** Regular expressions that are written out. */
  literals: FoundPattern[];
  /** Lines that make one of a text while the program runs. */
  made: number[];
}

/** The regular expressions of a TypeScript or JavaScript file. */
export function findPatterns(source: string, path: string): FoundPatterns {
  const script = path.endsWith(".ts") ? stripTypeScriptTypes(source) : source;
  const found: FoundPatterns = { literals: [], made: [] };
  const tokens = tokenizer(script, {
    ecmaVersion: "latest",
    sourceType: "module",
    locations: true,
    allowHashBang: true,
  });
  // acorn forgets `value` in its types.
  for (const { type, value, loc } of tokens as Iterable<Token & { value: unknown }>) {
    const line = loc?.start.line ?? 0;
    if (type.label === "regexp") {
      const { pattern, flags } = value as { pattern: string; flags: string };
      found.literals.push({ line, pattern: new RegExp(pattern, flags) });
    } else if (type.label === "name" && value === "RegExp") found.made.push(line);
  }
  return found;
}
