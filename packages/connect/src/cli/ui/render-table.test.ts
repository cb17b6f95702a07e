import { describe, expect, test } from "vitest";
import { createColors } from "../terminal/colors.ts";
import { renderTable } from "./render-table.ts";

const plain = { colors: createColors(false), width: 40 };

describe("renderTable", () => {
  test("aligns columns by what a terminal shows, not by characters", () => {
    const rows = [
      ["模型", "1"],
      ["e\u0301", "20"],
    ];
    expect(renderTable([{ title: "Id" }, { title: "N", align: "right" }], rows, plain)).toBe(
      "Id     N\n模型   1\ne\u0301     20",
    );
  });

  test("wraps the widest column between words", () => {
    const rows = [["a", "one two three four five six seven eight nine"]];
    const lines = renderTable([{ title: "Id" }, { title: "Text" }], rows, plain).split("\n");
    expect(lines).toEqual(["Id  Text", "a   one two three four five six seven", "    eight nine"]);
  });

  test("breaks a text between words before it breaks a word of another column, and keeps indentation", () => {
    const rows = [["  compat.supportsStore", "vLLM keeps no answers at all"]];
    expect(renderTable([{ title: "  Field" }, { title: "Because" }], rows, plain).split("\n")).toEqual([
      "  Field                 Because",
      "  compat.supportsStore  vLLM keeps no",
      "                        answers at all",
    ]);
  });

  test("cuts nothing off an id that is too long: it goes on in the next line", () => {
    const id = `org/${"x".repeat(70)}`;
    const lines = renderTable([{ title: "Id" }], [[id]], plain)
      .split("\n")
      .slice(1);
    expect(lines.join("")).toBe(id);
    expect(Math.max(...lines.map((line) => line.length))).toBe(40);
  });

  test("breaks no word: where a row does not fit, it is a list", () => {
    const id = `org/${"x".repeat(40)}`;
    const columns = [{ title: "Model" }, { title: "Window", align: "right" }, { title: "Takes" }] as const;
    const lines = renderTable(columns, [[id, "32,768", "text, image"]], plain).split("\n");
    expect(lines).toEqual([id, "    Window: 32,768", "    Takes: text, image"]);
  });

  test("colours do not change the shape", () => {
    const cell = { text: "one two three four five six seven eight", paint: createColors(true).red };
    const columns = [{ title: "Id" }, { title: "Text" }];
    const painted = renderTable(columns, [["a", cell]], plain);
    // oxlint-disable-next-line no-control-regex -- the escapes are what is removed
    expect(painted.replace(/\u001b\[\d+m/g, "")).toBe(renderTable(columns, [["a", cell.text]], plain));
    expect(painted).toContain("\u001b[31m");
  });
});
