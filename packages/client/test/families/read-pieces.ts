import { createMarkupReader } from "../../src/leaked-markup/create-markup-reader.ts";
import { isCut, readFinish } from "../../src/stream/finish-reason.ts";
import type { MarkupPiece, MarkupReaderOptions } from "../../src/leaked-markup/markup-reader-options.ts";
import { TOOLS } from "./call-families.ts";

const DEFAULTS: MarkupReaderOptions = { thinkTags: true, toolCallText: true, tools: TOOLS, startsInReasoning: false };

/** Reads an answer that came in these pieces; neighbours of one kind are joined, so that the cuts do not show. */
export function readPieces(
  texts: string | readonly string[],
  options: Partial<MarkupReaderOptions> = {},
  finishReason: string | null = "stop",
): MarkupPiece[] {
  const recovery = createMarkupReader({ ...DEFAULTS, ...options });
  const finish = readFinish(finishReason);
  const wasCut = finish === undefined || finish.ending === "failed" || isCut(finish.ending);
  const pieces = [...[texts].flat().flatMap((text) => recovery.push(text)), ...recovery.end(wasCut)];
  const joined: MarkupPiece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (piece.type !== "toolcall" && last?.type === piece.type) last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}

/** What an answer says, as one line a piece: `text "…"`, `thinking "…"`, `name {"key": …}`. */
export function describePieces(
  texts: string | readonly string[],
  options: Partial<MarkupReaderOptions> = {},
  finishReason: string | null = "stop",
): string[] {
  return readPieces(texts, options, finishReason).map((piece) =>
    piece.type === "toolcall"
      ? `${piece.name} ${JSON.stringify(JSON.parse(piece.argumentsText))}`
      : `${piece.type} ${JSON.stringify(piece.text)}`,
  );
}
