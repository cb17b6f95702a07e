import { array, assert, constantFrom, property, stringMatching, webQueryParameters } from "fast-check";
import { expect, test } from "vitest";
import { toUpstreamPath } from "./upstream-path.ts";

const ROOT = "/team-a";

/** How servers and proxies read a path: how often they decode it, what else they take for a slash, whether they drop parameters. */
interface Reader {
  decodings: number;
  readsBackslash: boolean;
  dropsParameters: boolean;
}

const READERS: readonly Reader[] = [0, 1, 2, 3].flatMap((decodings) =>
  [false, true].flatMap((readsBackslash) =>
    [false, true].map((dropsParameters) => ({ decodings, readsBackslash, dropsParameters })),
  ),
);

/** The path that a reader serves, dot segments resolved. */
function resolve(path: string, { decodings, readsBackslash, dropsParameters }: Reader): string {
  let text = path.replace(/[?#].*$/s, "");
  for (let time = 0; time < decodings; time++)
    text = text.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  const kept: string[] = [];
  for (const segment of text.split(readsBackslash ? /[/\\]/ : "/")) {
    const name = dropsParameters ? segment.replace(/;.*$/s, "") : segment;
    if (name === "..") kept.pop();
    else if (name !== "." && name !== "") kept.push(name);
  }
  return `/${kept.join("/")}`;
}

const PIECES = [
  ..."/ / \\ . .. .. ... ; ;x=1 ? # % %2e %2E %2f %2F %5c %5C %3b %25 %252e %252f 2e 2f 5c 25".split(" "),
  ..."%00 %0d%0a %20 %c0%ae %C3%BC a v1 /v1 admin models Qwen".split(" "),
];

test("no reader is led out of the upstream's path by a target that is accepted", () => {
  let accepted = 0;
  const safe = property(array(constantFrom(...PIECES), { minLength: 1, maxLength: 14 }), (pieces) => {
    const target = `/${pieces.join("")}`;
    let path: string;
    try {
      path = toUpstreamPath(ROOT, target);
    } catch {
      return;
    }
    accepted++;
    expect(path).toBe(ROOT + target);
    for (const reader of READERS) expect(`${resolve(path, reader)}/`).toMatch(/^\/team-a\//);
    expect(`${new URL(path, "http://gateway").pathname}/`).toMatch(/^\/team-a\//);
    // A reference that begins with two slashes would name another server.
    expect(new URL(toUpstreamPath("", target), "http://gateway").host).toBe("gateway");
  });
  assert(safe, { numRuns: 5000 });
  expect(accepted).toBeGreaterThan(100);
});

test("a target without anything to resolve is always accepted, as it is", () => {
  const segment = stringMatching(/^(?:[\w~!$&'()*+,=:@-]|%[2-7][\dA-F]|%C3%BC)+$/).filter(
    (text) => !/%(?:2E|2F|5C|3B|25|7F)/.test(text),
  );
  const accepted = property(array(segment, { minLength: 1, maxLength: 6 }), webQueryParameters(), (segments, query) => {
    const target = `/${segments.join("/")}?${query}`;
    expect(toUpstreamPath(ROOT, target)).toBe(ROOT + target);
  });
  assert(accepted);
});
