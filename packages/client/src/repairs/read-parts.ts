/** A piece of content that came as a list of parts. */
export interface ContentPiece {
  kind: "text" | "thinking";
  text: string;
}

/**
 * Content as a list of parts, as Mistral's API and gateways send it: `{"type": "text", "text": …}`, and reasoning as
 * `{"type": "thinking", "thinking": …}`, which may hold parts itself. Other parts are skipped.
 */
export function readParts(parts: readonly unknown[]): ContentPiece[] {
  return parts.flatMap((part) => readPart(part, "text"));
}

function readPart(part: unknown, kind: ContentPiece["kind"]): ContentPiece[] {
  if (typeof part === "string") return part === "" ? [] : [{ kind, text: part }];
  if (Array.isArray(part)) return part.flatMap((each) => readPart(each, kind));
  if (typeof part !== "object" || part === null) return [];
  const { type, text, thinking, reasoning } = part as Readonly<Record<string, unknown>>;
  switch (type) {
    case "text":
    case "output_text":
      return readPart(text, kind);
    case "thinking":
    case "reasoning":
      return readPart(thinking ?? reasoning ?? text, "thinking");
    default:
      return [];
  }
}
