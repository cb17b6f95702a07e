import type { AST } from "@eslint-community/regexpp";
import { parseRegExpLiteral } from "@eslint-community/regexpp";

/** A regular expression as states, with the characters that lead from one to the next. */
export interface Automaton {
  start: number;
  /** For each state: where each class of characters leads. Steps that read nothing are gone. */
  steps: readonly (readonly Step[])[];
  /** A character of each class. */
  alphabet: readonly string[];
}

export interface Step {
  /** Index into the alphabet. */
  character: number;
  to: number;
}

/** A repetition with a higher limit counts as one without: the difference is only how long the text must be. */
const MOST_COPIES = 250;
/** Besides the characters of the pattern itself. */
const PROBES = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ..."\u00a0éß\u0660\u2028\u200b\ufeff｜▁漢",
];

/**
 * The automaton of a pattern. Where a pattern may begin anywhere, a state that reads everything stands in front of it, because an
 * engine that finds nothing at one place tries the next. It accepts too much at look-arounds: what is found with it is tried out.
 *
 * @param place "anywhere", or "start": only at the beginning of the text
 */
export function toAutomaton(pattern: RegExp, place: "start" | "anywhere"): Automaton {
  return new Builder(pattern, place).build();
}

class Builder {
  private readonly tree: AST.RegExpLiteral;
  private readonly place: "start" | "anywhere";
  private readonly flags: string;
  private readonly reads: { from: number; element: string; to: number }[] = [];
  private readonly skips: number[][] = [];
  private readonly start: number;

  constructor(pattern: RegExp, place: "start" | "anywhere") {
    this.tree = parseRegExpLiteral(pattern);
    this.place = place;
    this.flags = pattern.flags.replace(/[gymd]/g, "");
    this.start = this.newState();
  }

  build(): Automaton {
    if (this.place === "anywhere") this.read(this.start, "[^]", this.start);
    this.alternatives(this.tree.pattern.alternatives, this.start);
    const { alphabet, members } = this.classes();
    const own = this.skips.map((): Step[] => []);
    for (const { from, element, to } of this.reads) {
      for (const character of members.get(element) ?? []) own[from]?.push({ character, to });
    }
    const steps = this.skips.map((_, state) => {
      const unique = new Map<string, Step>();
      for (const near of this.closure(state))
        for (const step of own[near] ?? []) unique.set(`${step.character} ${step.to}`, step);
      return [...unique.values()];
    });
    return { start: this.start, steps, alphabet };
  }

  private newState(): number {
    return this.skips.push([]) - 1;
  }

  private read(from: number, element: string, to = this.newState()): number {
    this.reads.push({ from, element, to });
    return to;
  }

  private skip(from: number, to: number): void {
    this.skips[from]?.push(to);
  }

  private alternatives(alternatives: readonly AST.Alternative[], from: number): number {
    const end = this.newState();
    for (const { elements } of alternatives) {
      let at: number | undefined = from;
      for (const element of elements) at = at === undefined ? undefined : this.element(element, at);
      if (at !== undefined) this.skip(at, end);
    }
    return end;
  }

  /** Undefined where the pattern cannot go on. */
  private element(element: AST.Element, from: number): number | undefined {
    switch (element.type) {
      case "Group":
      case "CapturingGroup":
        return this.alternatives(element.alternatives, from);
      case "Quantifier":
        return this.repeat(element, from);
      case "Backreference": {
        const group = Array.isArray(element.resolved) ? element.resolved[0] : element.resolved;
        return group === undefined ? from : this.alternatives(group.alternatives, from);
      }
      case "Assertion":
        return this.assertion(element, from);
      default:
        return this.read(from, element.raw);
    }
  }

  private repeat({ element, min, max }: AST.Quantifier, from: number): number | undefined {
    let at: number | undefined = from;
    const isEndless = max > MOST_COPIES;
    for (let count = 0; count < min && count < MOST_COPIES && at !== undefined; count += 1)
      at = this.element(element, at);
    if (at === undefined) return min === 0 ? from : undefined;
    const end = this.newState();
    this.skip(at, end);
    if (isEndless) {
      const round = this.newState();
      this.skip(at, round);
      const next = this.element(element, round);
      if (next !== undefined) {
        this.skip(next, round);
        this.skip(next, end);
      }
      return end;
    }
    for (let count = min; count < max; count += 1) {
      const next: number | undefined = this.element(element, at);
      if (next === undefined) break;
      at = next;
      this.skip(at, end);
    }
    return end;
  }

  private assertion(assertion: AST.Assertion, from: number): number | undefined {
    const isFirst = from === this.start;
    if (assertion.kind === "start") {
      if (this.place === "start") return isFirst ? from : undefined;
      if (!this.tree.flags.multiline) return undefined;
      return isFirst ? this.read(from, String.raw`\n`) : from;
    }
    if (assertion.kind === "lookahead") {
      this.alternatives(assertion.alternatives, from);
      return from;
    }
    if (assertion.kind !== "lookbehind" || !isFirst || this.place === "start") return from;
    // In front of the pattern: what stands there is read as a part of it.
    const [only, ...others] = assertion.alternatives.flatMap(({ elements }) => elements);
    if (only === undefined || others.length > 0 || only.type === "Quantifier") return from;
    return this.read(from, assertion.negate ? `(?!${only.raw})[^]` : only.raw);
  }

  private closure(state: number): Set<number> {
    const found = new Set([state]);
    for (const each of found) for (const next of this.skips[each] ?? []) found.add(next);
    return found;
  }

  /** Characters that no part of the pattern tells apart are one class. */
  private classes(): { alphabet: string[]; members: Map<string, number[]> } {
    const elements = [...new Set(this.reads.map(({ element }) => element))];
    const tests = elements.map((element) => new RegExp(`^(?:${element})$`, this.flags));
    const classes = new Map<string, string>();
    for (const character of new Set([...this.tree.raw, ...PROBES])) {
      const signature = tests.map((test) => (test.test(character) ? "1" : "0")).join("");
      // A letter makes a report that can be read.
      if (!classes.has(signature) || /[a-z]/.test(character)) classes.set(signature, character);
    }
    const signatures = [...classes.keys()];
    const members = new Map(
      elements.map((element, at) => [
        element,
        signatures.flatMap((signature, index) => (signature[at] === "1" ? [index] : [])),
      ]),
    );
    return { alphabet: [...classes.values()], members };
  }
}
