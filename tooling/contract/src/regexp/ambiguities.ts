import type { Automaton, Step } from "./automaton.ts";

/** A text that an engine may read in many ways: `before`, then `pump` any number of times. */
export interface Ambiguity {
  before: string;
  pump: string;
}

/** Pairs of states beyond that are not looked at; a pattern as large should be written otherwise. */
const MOST_TUPLES = 200_000;

/**
 * Texts over which a backtracking engine may need more than linear time (Weber and Seidl, 1991):
 * - polynomial: a word leads from a state p back to p, from p to another state q, and from q back to q
 * - exponential: a word leads from a state back to it in two ways
 */
export function findAmbiguities(automaton: Automaton): Ambiguity[] {
  const loops = findLoops(automaton);
  const found: Ambiguity[] = [];
  const before = wordsTo(automaton);
  const report = (state: number, word: string | undefined): void => {
    const start = before.get(state);
    if (word !== undefined && start !== undefined) found.push({ before: start, pump: word });
  };
  // Of several words only one may keep the pattern from matching, so two are found: with the alphabet in either order.
  for (const order of [[...automaton.alphabet.keys()], [...automaton.alphabet.keys()].toReversed()]) {
    for (const p of loops.keys()) {
      report(p, findTwoWays(automaton, order, p, loops));
      for (const q of loops.keys()) if (q !== p) report(p, findWord(automaton, order, p, q, loops));
    }
  }
  return found;
}

/** The number of the loop that each state is a part of; states that cannot come again have none. */
type Loops = ReadonlyMap<number, number>;

function findLoops({ steps }: Automaton): Loops {
  const reach = steps.map((_, state) => reachable(steps, state));
  const loops = new Map<number, number>();
  for (const [state, others] of reach.entries()) {
    if (!others.has(state)) continue;
    loops.set(state, Math.min(...[...others].filter((other) => reach[other]?.has(state))));
  }
  return loops;
}

function reachable(steps: Automaton["steps"], state: number): Set<number> {
  const found = new Set((steps[state] ?? []).map(({ to }) => to));
  for (const each of found) for (const { to } of steps[each] ?? []) found.add(to);
  return found;
}

function wordsTo({ start, steps, alphabet }: Automaton): Map<number, string> {
  const words = new Map([[start, ""]]);
  for (const [state, word] of words)
    for (const { character, to } of steps[state] ?? [])
      if (!words.has(to)) words.set(to, word + (alphabet[character] ?? ""));
  return words;
}

/** A word that leads from p to p, from p to q and from q to q. */
function findWord(
  automaton: Automaton,
  order: readonly number[],
  p: number,
  q: number,
  loops: Loops,
): string | undefined {
  return search(automaton, order, [p, p, q], {
    isEnd: ([first, second, third]) => first === p && second === q && third === q,
    mayVisit: ([first, , third]) => loops.get(first ?? -1) === loops.get(p) && loops.get(third ?? -1) === loops.get(q),
  });
}

/** A word that leads from p to p in two ways; the third number remembers that the ways were apart. */
function findTwoWays(automaton: Automaton, order: readonly number[], p: number, loops: Loops): string | undefined {
  return search(automaton, order, [p, p], {
    isEnd: ([first, second], wereApart) => wereApart && first === p && second === p,
    mayVisit: (states) => states.every((state) => loops.get(state) === loops.get(p)),
  });
}

interface Limits {
  isEnd(states: readonly number[], wereApart: boolean): boolean;
  mayVisit(states: readonly number[]): boolean;
}

/** Breadth first over tuples of states that one word reaches together. */
function search(
  { steps, alphabet }: Automaton,
  order: readonly number[],
  from: readonly number[],
  limits: Limits,
): string | undefined {
  interface Place {
    states: readonly number[];
    wereApart: boolean;
    word: string;
  }
  const places: Place[] = [{ states: from, wereApart: false, word: "" }];
  const seen = new Set<string>();
  for (const { states, wereApart, word } of places) {
    if (places.length > MOST_TUPLES) return undefined;
    for (const character of order) {
      for (const next of combine(states.map((state) => targets(steps[state] ?? [], character)))) {
        const apart = wereApart || next.some((state) => state !== next[0]);
        const key = `${next.join(" ")} ${apart}`;
        if (seen.has(key) || !limits.mayVisit(next)) continue;
        seen.add(key);
        if (limits.isEnd(next, apart)) return word + (alphabet[character] ?? "");
        places.push({ states: next, wereApart: apart, word: word + (alphabet[character] ?? "") });
      }
    }
  }
  return undefined;
}

function targets(steps: readonly Step[], character: number): number[] {
  return steps.flatMap((step) => (step.character === character ? [step.to] : []));
}

function combine(choices: readonly number[][]): number[][] {
  return choices.reduce<number[][]>(
    (tuples, choice) => tuples.flatMap((tuple) => choice.map((each) => [...tuple, each])),
    [[]],
  );
}
