/** `run`: go on · `answer`: tell the model instead of running it again · `stop`: it does not listen, end the turn. */
type LoopVerdict = "run" | "answer" | "stop";

/** Which repetition is answered, and which one ends the turn. */
const ANSWER_AT = 3;
const STOP_AT = 6;

export interface LoopGuard {
  check(name: string, givenArguments: unknown): LoopVerdict;
}

/** Notices when a model makes the same call again and again, which small ones do. One guard for one turn. */
export function createLoopGuard(): LoopGuard {
  let last = "";
  let inARow = 0;
  return {
    check(name, givenArguments) {
      const call = `${name} ${canonicalJson(givenArguments)}`;
      inARow = call === last ? inARow + 1 : 1;
      last = call;
      if (inARow >= STOP_AT) return "stop";
      return inARow >= ANSWER_AT ? "answer" : "run";
    },
  };
}

/** What the model is told instead of a result. */
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
