/** Finds the first of many fixed texts, also one of which only the beginning has arrived. */
export class MarkerSet {
  readonly longest: number;
  private readonly pattern: RegExp;
  private readonly beginnings: ReadonlySet<string>;
  private readonly firstCharacters: ReadonlySet<number>;

  constructor(markers: readonly string[]) {
    // Longer ones first: one marker may be the beginning of another.
    const ordered = [...new Set(markers)].toSorted((one, other) => other.length - one.length);
    const alternatives = ordered.map((marker) => marker.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    this.pattern = new RegExp(ordered.length === 0 ? "(?!)" : alternatives.join("|"), "g");
    this.longest = ordered[0]?.length ?? 0;
    this.beginnings = new Set(ordered.flatMap((marker) => [...marker].map((_, index) => marker.slice(0, index))));
    this.firstCharacters = new Set(ordered.map((marker) => marker.charCodeAt(0)));
  }

  /** The first marker at or after `from`. */
  find(text: string, from = 0): { marker: string; index: number } | undefined {
    this.pattern.lastIndex = from;
    const match = this.pattern.exec(text);
    return match === null ? undefined : { marker: match[0], index: match.index };
  }

  /** Where the end of `text` could be the beginning of a marker; the length of `text` when it could not. */
  openEnd(text: string, from = 0): number {
    for (let index = Math.max(from, text.length - this.longest + 1); index < text.length; index += 1) {
      // Asked for every piece of an answer: few places are worth cutting out and looking up.
      if (this.firstCharacters.has(text.charCodeAt(index)) && this.beginnings.has(text.slice(index))) return index;
    }
    return text.length;
  }
}

const known = new Map<string, MarkerSet>();

/** The set of these markers, made once: which ones are looked for is fixed, and making their pattern costs more than a short answer. */
export function markerSetOf(markers: readonly string[]): MarkerSet {
  const key = markers.join("\0");
  let set = known.get(key);
  if (set === undefined) {
    set = new MarkerSet(markers);
    known.set(key, set);
  }
  return set;
}
