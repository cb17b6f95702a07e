import type { IntendedCall } from "./call-families.ts";

/** Turns that every family writes in its own way. */
export const SAMPLE_TURNS: Readonly<Record<string, readonly IntendedCall[]>> = {
  one: [{ name: "get_weather", arguments: { city: "Paris" } }],
  typed: [
    {
      name: "get_weather",
      arguments: {
        city: "Tōkyō 東京 🌞",
        unit: "celsius",
        days: 3,
        ratio: 0.25,
        exact: true,
        note: null,
        tags: ["a", "b"],
      },
    },
  ],
  nested: [{ name: "get_weather", arguments: { city: "Rome", options: { deep: { level: 2 } } } }],
  textThatLooksTyped: [{ name: "get_weather", arguments: { city: "42", note: "true" } }],
  quotes: [{ name: "get_weather", arguments: { city: 'He said "no", it\'s \\n not {"a": [1]}' } }],
  lines: [{ name: "get_weather", arguments: { city: "line one\nline two\n\nline four" } }],
  markup: [{ name: "get_weather", arguments: { city: "<b>bold</b> & </tool> [x](y) <|end" } }],
  none: [{ name: "now", arguments: {} }],
  two: [
    { name: "get_weather", arguments: { city: "Paris", days: 1 } },
    { name: "now", arguments: {} },
  ],
  dash: [{ name: "search-web", arguments: { query: "vLLM", limit: 5 } }],
};
