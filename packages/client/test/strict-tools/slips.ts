import type { FunctionTool } from "@vllm/client";

export const TOOLS: readonly FunctionTool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather in a city",
      parameters: {
        type: "object",
        properties: {
          city: { type: "string" },
          unit: { type: "string", enum: ["celsius", "fahrenheit"] },
          days: { type: "integer" },
        },
        required: ["city", "unit"],
        additionalProperties: false,
      },
    },
  },
  {
    type: "function",
    function: {
      name: "write_note",
      description: "Writes a note",
      parameters: {
        type: "object",
        properties: { text: { type: "string" } },
        required: ["text"],
        additionalProperties: false,
      },
    },
  },
];

const CITIES = ["Paris", "Rome", "Lima", "Oslo", "Cairo", "Quito", "Tokyo", "Berlin", "Madrid", "Vienna"];
const weather = (city: string) => ({ name: "get_weather", arguments: { city, unit: "celsius" } as object });

/** As Hermes models write JSON, with a blank behind commas and colons: a grammar allows no other way. */
export function spaced(value: object): string {
  return JSON.stringify(value, undefined, 1).replace(/\n\s*/g, " ").replaceAll("{ ", "{").replaceAll(" }", "}");
}

/** Slips of models that public reports tell of, each as the JSON of a Hermes call. */
const SLIPS: Readonly<Record<string, (city: string) => string>> = {
  "a tool that does not exist": (city) => spaced({ ...weather(city), name: "get_forecast" }),
  "a name in other letters": (city) => spaced({ ...weather(city), name: "getWeather" }),
  "a number for a string": (city) => spaced({ name: "get_weather", arguments: { city: city.length, unit: "celsius" } }),
  "a string for an integer": (city) =>
    spaced({ name: "get_weather", arguments: { city, unit: "celsius", days: "three" } }),
  "a value that the enum lacks": (city) => spaced({ name: "get_weather", arguments: { city, unit: "kelvin" } }),
  "a required property left out": (city) => spaced({ name: "get_weather", arguments: { city } }),
  "a property that does not exist": (city) =>
    spaced({ name: "get_weather", arguments: { city, unit: "celsius", lang: "fr" } }),
  "raw line breaks in a string": (city) => `{"name": "write_note", "arguments": {"text": "From ${city}\nWith love"}}`,
  "a quote that is missing": (city) => `{"name": "get_weather", "arguments": {"city": "${city}, "unit": "celsius"}}`,
  "a bracket too many": (city) => `{"name": "get_weather", "arguments": {"city": "${city}", "unit": "celsius"}}}`,
};

export interface Slip {
  kind: string;
  text: string;
}

/** A hundred calls with a slip, ten of each kind. */
export const CALLS_WITH_SLIPS: readonly Slip[] = Object.entries(SLIPS).flatMap(([kind, write]) =>
  CITIES.map((city) => ({ kind, text: write(city) })),
);

/** As many without: what a grammar must not change. */
export const GOOD_CALLS: readonly Slip[] = CITIES.map((city) => ({
  kind: "none",
  text: spaced(weather(city)),
}));

/** A call that fits no tool of {@link TOOLS} was handed over, or none was. */
export function isBroken(calls: readonly { name: string; arguments: Record<string, unknown> | undefined }[]): boolean {
  return calls.length !== 1 || calls.some((call) => !fits(call.name, call.arguments));
}

function fits(name: string, given: Record<string, unknown> | undefined): boolean {
  if (given === undefined) return false;
  const keys = Object.keys(given);
  if (name === "write_note") return keys.length === 1 && typeof given["text"] === "string";
  const { city, unit, days } = given;
  return (
    name === "get_weather" &&
    keys.every((key) => ["city", "unit", "days"].includes(key)) &&
    typeof city === "string" &&
    (unit === "celsius" || unit === "fahrenheit") &&
    (days === undefined || Number.isInteger(days))
  );
}
