import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHostConfig, safeParseHostConfig } from "../index.ts";
import { variableReference } from "../internal.ts";

type Env = Record<string, string | undefined>;

/** What becomes of a text in the config. */
function substituted(text: string, env: Env = {}): unknown {
  return (parseHostConfig(JSON.stringify({ gateway: { text } }), { env })["gateway"] as { text: unknown }).text;
}

function missing(config: unknown, env?: Env): [string, string][] {
  const { error } = safeParseHostConfig(JSON.stringify(config), { env });
  return (error?.issues ?? []).map(({ path, received }) => [path, received]);
}

describe("${VAR} by the agent's rules", () => {
  test.each<[string, string]>([
    ["${A}", "1"],
    ["x${A}y${B_2}z", "x1y2z"],
    ["${_C}${A}${A}", "311"],
    ["$${A}", "${A}"],
    ["$$${A}", "$${A}"],
    ["$$$${A}", "$$${A}"],
    ["$${UNSET}", "${UNSET}"],
    ["$A", "$A"],
    ["$$A", "$$A"],
    ["${lower}", "${lower}"],
    ["$${lower}", "$${lower}"],
    ["${A:-d}", "${A:-d}"],
    ["${ A }", "${ A }"],
    ["${}", "${}"],
    ["${1X}", "${1X}"],
    ["${A", "${A"],
    ["$", "$"],
    ["${A}}", "1}"],
    ["${${A}}", "${1}"],
  ])("%s becomes %s", (text, expected) => {
    expect(substituted(text, { A: "1", B_2: "2", _C: "3" })).toBe(expected);
  });

  test("what was put in is not looked at again", () => {
    expect(substituted("${A}", { A: "${B} $& $1 $${B}", B: "no" })).toBe("${B} $& $1 $${B}");
  });

  test("at any depth, in lists too, but not in keys", () => {
    const config = { gateway: { "${A}": ["${A}", { deep: [["${A}"]] }] } };
    expect(parseHostConfig(JSON.stringify(config), { env: { A: "1" } })).toEqual({
      gateway: { "${A}": ["1", { deep: [["1"]] }] },
    });
  });

  test("values that are no texts stay what they are", () => {
    expect(parseHostConfig("{ gateway: [1, null, true, -0, Infinity] }")["gateway"]).toEqual([
      1,
      null,
      true,
      -0,
      Infinity,
    ]);
  });

  test("texts without ${ are never touched", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("${"));
        expect(substituted(text, { A: "1" })).toBe(text);
      }),
    );
  });

  test("the value is put in as it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (value, around) => {
        fc.pre(!around.includes("$"));
        expect(substituted(`${around}\${A}${around}`, { A: value })).toBe(`${around}${value}${around}`);
      }),
    );
  });
});

describe("variables that are not there", () => {
  test("unset, undefined and empty ones are problems with their path; blank ones are values", () => {
    const config = {
      models: { providers: { vllm: { baseUrl: "${A}", apiKey: "${B}", models: [{ id: "${C}", name: "${D}" }] } } },
    };
    expect(missing(config, { B: "", C: undefined, D: "  " })).toEqual([
      ["models.providers.vllm.baseUrl", `"\${A}", and A is not set`],
      ["models.providers.vllm.apiKey", `"\${B}", and B is empty`],
      ["models.providers.vllm.models[0].id", `"\${C}", and C is not set`],
    ]);
  });

  test("without an environment every variable is missing", () => {
    expect(missing({ gateway: { a: "${PATH}" } })).toEqual([["gateway.a", `"\${PATH}", and PATH is not set`]]);
    expect(safeParseHostConfig("{}", { env: undefined, path: undefined }).success).toBe(true);
  });

  test("the same variable twice in a text is one problem, two in a text are two", () => {
    expect(missing({ a: "${A}${A}${B}" }, {})).toHaveLength(2);
  });

  test("nothing else is said about a value that is not known", () => {
    expect(missing({ models: { mode: "${MODE}" } }, {})).toEqual([["models.mode", `"\${MODE}", and MODE is not set`]]);
  });

  test("a key that needs quotes is quoted in the path", () => {
    expect(missing({ agents: { defaults: { models: { "vllm/a b": { alias: "${A}" } } } } }, {})[0]?.[0]).toBe(
      `agents.defaults.models["vllm/a b"].alias`,
    );
  });
});

describe("variables from the config's own env", () => {
  const read = (env: unknown, given: Env) =>
    (parseHostConfig(JSON.stringify({ env, gateway: { text: "${A}" } }), { env: given })["gateway"] as { text: string })
      .text;

  test.each<[string, unknown, Env, string]>([
    ["env.vars", { vars: { A: "vars" } }, {}, "vars"],
    ["another key of env", { A: "direct" }, {}, "direct"],
    ["env.vars comes first", { A: "direct", vars: { A: "vars" } }, {}, "vars"],
    ["the environment wins", { vars: { A: "vars" } }, { A: "given" }, "given"],
    ["a blank variable counts as unset", { vars: { A: "vars" } }, { A: " " }, "vars"],
    ["an empty variable counts as unset", { vars: { A: "vars" } }, { A: "" }, "vars"],
    ["a blank value of env.vars is passed over", { vars: { A: " " }, A: "direct" }, {}, "direct"],
    ["values are taken as they are written", { vars: { A: "$${B}" } }, {}, "$${B}"],
  ])("%s", (_, env, given, expected) => {
    expect(read(env, given)).toBe(expected);
  });

  test("a value that is no text is none", () => {
    const problem = ["gateway", `"\${A}", and A is not set`];
    expect(missing({ env: { vars: { A: 5 }, A: { b: 1 } }, gateway: "${A}" }, {})).toContainEqual(problem);
    expect(missing({ env: "A=1", gateway: "${A}" }, {})).toContainEqual(problem);
  });
});

describe("$include", () => {
  test.each<[string, unknown, string]>([
    ["of the whole document", { $include: "base.json5", models: 5 }, "$include"],
    ["of models", { models: { $include: ["a.json5", "b.json5"], nonsense: 1 } }, "models.$include"],
    ["of one provider", { models: { providers: { vllm: { $include: "a.json5" } } } }, "models.providers.vllm.$include"],
    [
      "in a model",
      { models: { providers: { vllm: { baseUrl: "x", models: [{ $include: "a" }] } } } },
      "models.providers.vllm.models[0].$include",
    ],
    ["of agents", { agents: { $include: "a" } }, "agents.$include"],
    ["of agents.defaults", { agents: { defaults: { $include: "a" } } }, "agents.defaults.$include"],
    ["of auth", { auth: { $include: "a" } }, "auth.$include"],
    ["of env, which could hold variables", { env: { $include: "a" } }, "env.$include"],
  ])("%s is a problem, and nothing below is judged", (_, config, path) => {
    const { error } = safeParseHostConfig(JSON.stringify(config), { env: {} });
    expect(error?.issues).toEqual([
      expect.objectContaining({
        path,
        received: expect.stringContaining("not resolved here"),
        accepted: "the values themselves",
        line: 1,
      }),
    ]);
  });

  test.each([
    { gateway: { $include: "a" } },
    { agents: { list: [{ $include: "a" }] } },
    { plugins: { entries: { $include: "a" } } },
  ])("where nothing about models can be, it is kept: %j", (config) => {
    expect(parseHostConfig(JSON.stringify(config))).toEqual(config);
  });

  test("problems beside it are told all the same", () => {
    const config = { models: { providers: { a: { $include: "x" }, b: { baseUrl: 1, models: [] } } } };
    expect(missing(config).map(([path]) => path)).toEqual([
      "models.providers.a.$include",
      "models.providers.b.baseUrl",
    ]);
  });
});

test.each<[string, string | undefined]>([
  ["${A_1}", "A_1"],
  ["$${A}", undefined],
  ["${A} ", undefined],
  ["${A}${B}", undefined],
  ["${a}", undefined],
  ["A", undefined],
  ["", undefined],
])("%j as a reference to one variable: %s", (text, expected) => {
  expect(variableReference(text)).toBe(expected);
});
