/** Pieces of a block → what to write now: no white space before its first character, none after its last. */
export interface BlockText {
  next(piece: string): string;
}

/** vLLM does not trim the white space around tags: answers begin with `\n\n`, thoughts end with `\n`. */
export function createBlockText(): BlockText {
  let hasBegun = false;
  let held = "";
  return {
    next(piece) {
      const shown = piece.trimEnd();
      if (shown === "") {
        if (hasBegun) held += piece;
        return "";
      }
      const text = hasBegun ? held + shown : shown.trimStart();
      hasBegun = true;
      held = piece.slice(shown.length);
      return text;
    },
  };
}
