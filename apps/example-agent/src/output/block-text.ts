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
      const text = held + piece;
      const begun = hasBegun ? text : text.trimStart();
      const shown = begun.trimEnd();
      hasBegun ||= shown !== "";
      held = hasBegun ? begun.slice(shown.length) : "";
      return shown;
    },
  };
}
