/** V8 gives an array room for 17 at the first push. With 64, what waits to be joined was most of what outlived a collection. */
const PIECES_AT_ONCE = 16;

/**
 * Builds a long text from many short pieces. They are joined by and by, and what was joined is joined again: `+=` would keep a tree
 * node for every piece, several times the text's own size, and each piece the network read it was cut from.
 */
export class TextBuilder {
  /** What was joined when the text was last asked for. */
  private before = "";
  /** Pieces as they came, then texts of 16 pieces, then texts of 16 such texts, and so on. */
  private levels: string[][] = [];
  private pieces: string[] = [];

  append(piece: string): void {
    if (this.pieces.push(piece) < PIECES_AT_ONCE) return;
    this.carry(this.pieces.join(""));
    this.pieces = [];
  }

  /** Asked for again, it is the same string: a long answer stands in its last event and in the result. */
  toString(): string {
    if (this.levels.length > 0 || this.pieces.length > 0) {
      const older = this.levels.toReversed().map((texts) => texts.join(""));
      this.before += older.join("") + this.pieces.join("");
      this.levels = [];
      this.pieces = [];
    }
    return this.before;
  }

  private carry(joined: string): void {
    let text = joined;
    for (let level = 0; ; level += 1) {
      const texts = (this.levels[level] ??= []);
      if (texts.push(text) < PIECES_AT_ONCE) return;
      text = texts.join("");
      this.levels[level] = [];
    }
  }
}
