/** How many letters have to be put in, left out or changed to make one text of the other (Levenshtein). Takes the product of both lengths. */
export function editDistance(one: string, other: string): number {
  // The distances between what came of `one` so far and every beginning of `other`.
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 0; at < one.length; at++) {
    const next = [at + 1];
    for (let there = 0; there < other.length; there++) {
      const change = (row[there] ?? 0) + (one[at] === other[there] ? 0 : 1);
      next.push(Math.min(change, (row[there + 1] ?? 0) + 1, (next[there] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
