/** What can begin or end code, and what stands in between. */
const PIECES = /\n+|`+|~+|[^\n`~]+/g;
const MARK = /[\n`~]/;
const FENCE = /^ {0,3}(?:```|~~~)/;
/** Only so many characters of a line say whether it is a fence. */
const LINE_START = 8;

/** Follows the code of a Markdown text that comes in pieces: fenced blocks, and spans in backticks. */
export class CodeFence {
  /** The last character so far. */
  last = "";
  private inBlock = false;
  private line = "";
  private isFenceLine = false;
  /** Length of the run of backticks that opened a span; 0 outside of one. */
  private span = 0;
  private run = 0;

  /** True where what comes next is code. */
  get isOpen(): boolean {
    return this.inBlock || this.isFenceLine || this.spanAfterRun() > 0;
  }

  follow(text: string): void {
    if (!MARK.test(text)) {
      if (text !== "") this.prose(text);
    } else {
      for (const piece of text.match(PIECES) ?? []) {
        if (piece.startsWith("\n")) this.endLines(piece.length);
        else if (piece.startsWith("`") || piece.startsWith("~")) this.mark(piece);
        else this.prose(piece);
      }
    }
    this.last = text.at(-1) ?? this.last;
  }

  private endLines(count: number): void {
    // A span does not go on behind an empty line.
    this.span = count > 1 || this.line.trim() === "" ? 0 : this.spanAfterRun();
    this.run = 0;
    this.line = "";
    this.isFenceLine = false;
  }

  private mark(marks: string): void {
    this.growLine(marks);
    if (this.isFenceLine) return;
    if (FENCE.test(this.line)) {
      this.isFenceLine = true;
      this.inBlock = !this.inBlock;
      this.span = 0;
      this.run = 0;
    } else if (!this.inBlock && marks.startsWith("`")) this.run += marks.length;
    else this.endRun();
  }

  private prose(text: string): void {
    this.growLine(text);
    this.endRun();
  }

  /** Only its beginning counts. */
  private growLine(text: string): void {
    if (this.line.length < LINE_START) this.line += text.slice(0, LINE_START);
  }

  private endRun(): void {
    if (this.inBlock || this.isFenceLine) return;
    this.span = this.spanAfterRun();
    this.run = 0;
  }

  /** A run of backticks opens a span, and one as long as it closes it. */
  private spanAfterRun(): number {
    if (this.run === 0) return this.span;
    if (this.span === 0) return this.run;
    return this.span === this.run ? 0 : this.span;
  }
}
