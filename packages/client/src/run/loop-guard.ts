/** `run`: go on · `answer`: tell the model instead of running it again · `stop`: it does not listen, end the run. */
type LoopVerdict = "run" | "answer" | "stop";

/** Which repetition is not run any more. The next one ends the run. */
const ANSWER_AT = 3;

/** Notices when a model makes the same call again and again, which small ones do. */
export class LoopGuard {
  private last = "";
  private inARow = 0;

  check(name: string, args: unknown): LoopVerdict {
    const call = `${name} ${canonicalJson(args)}`;
    this.inARow = call === this.last ? this.inARow + 1 : 1;
    this.last = call;
    if (this.inARow > ANSWER_AT) return "stop";
    return this.inARow === ANSWER_AT ? "answer" : "run";
  }
}

/** What the model gets instead of a result. */
export function toLoopAnswer(name: string): string {
  return `Not run: you made this same ${name} call ${ANSWER_AT} times in a row, and the result would be the same. Use the earlier result, or try something else.`;
}

/** JSON with sorted keys: `{"b":1,"a":2}` and `{"a":2,"b":1}` are the same call. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
