import type { TargetName } from "../targets.ts";

/** Where a test asks: one of the contract's servers, or recorded bytes and servers of its own. */
export type Place = TargetName | "own";

/** The requirements that the tests of one file verify, and where. */
export function findVerifications(path: string, text: string): [id: string, place: Place][] {
  const isLive = path.endsWith(".live.test.ts");
  return toBlocks(text).flatMap(({ body, places }) =>
    citedIds(body).flatMap((id) => (isLive ? ["real" as const] : places).map((place): [string, Place] => [id, place])),
  );
}

/** The ids in `verifies("a", ...)`, `verifies(["a", "b"], ...)` and `verifies.each("a", ...)`. */
export function citedIds(text: string): string[] {
  return [...text.matchAll(/\bverifies(?:\.each)?(?:<[^<>]*>)?\(\s*([["])/g)].flatMap((call) => {
    const from = call.index + call[0].length;
    if (call[1] === '"') return [text.slice(from, text.indexOf('"', from))];
    return [...text.slice(from, text.indexOf("]", from)).matchAll(/"([^"]*)"/g)].map((id) => id[1]!);
  });
}

/** `describeTargets` stands at the outermost level, and ends with the next line that begins with a bracket. */
function toBlocks(text: string): { body: string; places: Place[] }[] {
  const blocks: { body: string; places: Place[] }[] = [{ body: "", places: ["own"] }];
  for (const line of text.split("\n")) {
    const names = /^describeTargets\(\[([^\]]*)\]/.exec(line)?.[1];
    if (names !== undefined)
      blocks.push({ body: "", places: [...names.matchAll(/"(\w+)"/g)].map((name) => name[1] as Place) });
    blocks.at(-1)!.body += `${line}\n`;
    if (line.startsWith("});")) blocks.push({ body: "", places: ["own"] });
  }
  return blocks;
}
