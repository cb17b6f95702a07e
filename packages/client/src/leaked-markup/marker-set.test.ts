import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MarkerSet } from "./marker-set.ts";

const MARKERS = ["<think>", "<tool_call>", "<tool", "[TOOL_CALLS]", "◁think▷", "aab"];
/** Pieces of markers and text between them, in any order. */
const text = fc
  .array(fc.constantFrom(...MARKERS.flatMap((marker) => [marker, marker.slice(0, 3), marker.slice(2)]), "a", "<", " x"))
  .map((pieces) => pieces.join(""));
const place = fc.nat({ max: 12 });

describe("is what its markers say", () => {
  const set = new MarkerSet(MARKERS);

  test("openEnd: the first place from which the rest could become a marker", () => {
    const plain = (all: string, from: number) => {
      for (let index = from; index < all.length; index += 1) {
        const rest = all.slice(index);
        if (MARKERS.some((marker) => marker.length > rest.length && marker.startsWith(rest))) return index;
      }
      return all.length;
    };
    fc.assert(fc.property(text, place, (all, from) => void expect(set.openEnd(all, from)).toBe(plain(all, from))));
  });

  test("find: the first marker, the longest of those that begin there", () => {
    const plain = (all: string, from: number) => {
      for (let index = from; index < all.length; index += 1) {
        const [marker] = MARKERS.filter((each) => all.startsWith(each, index)).toSorted((a, b) => b.length - a.length);
        if (marker !== undefined) return { marker, index };
      }
      return undefined;
    };
    fc.assert(fc.property(text, place, (all, from) => void expect(set.find(all, from)).toEqual(plain(all, from))));
  });
});

test("no markers: nothing is found and nothing is open", () => {
  const none = new MarkerSet([]);
  expect([none.find("<think>"), none.openEnd("<thi")]).toEqual([undefined, 4]);
});
