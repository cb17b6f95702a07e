import { growthOf } from "@vllm-tooling/contract";
import { describe, expect, test } from "vitest";
import { CALL_FAMILIES, writable } from "../../test/families/call-families.ts";
import { describePieces, readPieces } from "../../test/families/read-pieces.ts";
import { recordedDeltas } from "../../test/families/recorded-deltas.ts";
import { SAMPLE_TURNS } from "../../test/families/sample-calls.ts";

const NOW = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>';
const families = Object.entries(CALL_FAMILIES);

describe.each(families)("calls of %s", (_, family) => {
  test.each(Object.entries(SAMPLE_TURNS))("%s", (_turn, calls) => {
    const intended = writable(family, calls);
    if (intended.length === 0) return;
    const text = family.write(intended);
    const whole = readPieces(text);
    const byCharacter = readPieces([...text]);
    expect(byCharacter).toEqual(whole);
    const found = whole.map((piece) =>
      piece.type === "toolcall"
        ? { name: piece.name, arguments: JSON.parse(piece.argumentsText) as unknown, format: piece.format }
        : piece,
    );
    expect(found).toEqual(
      intended.map((call) => ({ name: call.name, arguments: call.arguments, format: family.format })),
    );
  });

  test("text before and after is kept, blanks next to prose included", () => {
    const text = family.write(SAMPLE_TURNS["one"] ?? []);
    const pieces = describePieces(`Let me look.\n\n${text}\nThat was it.`);
    const call = 'get_weather {"city":"Paris"}';
    expect(pieces).toEqual(
      family.allowsText
        ? ['text "Let me look.\\n\\n"', call, 'text "\\nThat was it."']
        : [`text ${JSON.stringify(`Let me look.\n\n${text}\nThat was it.`)}`],
    );
  });

  test("a name that is not in the request is text", () => {
    const text = family.write([{ name: "delete_all", arguments: { city: "Paris" } }]);
    expect(describePieces(text)).toEqual([`text ${JSON.stringify(text)}`]);
  });

  test("without tools everything is text", () => {
    const text = family.write(SAMPLE_TURNS["two"] ?? []);
    expect(describePieces(text, { tools: [], thinkTags: false })).toEqual([`text ${JSON.stringify(text)}`]);
    expect(describePieces(text, { toolCallText: false, thinkTags: false })).toEqual([`text ${JSON.stringify(text)}`]);
  });

  test("a call that is cut anywhere is never a call", () => {
    const text = family.write(SAMPLE_TURNS["one"] ?? []);
    // A marker at the end may be missing where the JSON is the end of the call.
    const end = family.endsWithJson === true ? text.lastIndexOf("}") : text.length - 1;
    const isClosedBefore =
      /(?:<\/(?:seed:)?tool_call>|<\/(?:minimax:tool_call|｜DSML｜[^>]*)>|<｜tool▁calls▁end｜>|<\|tool_calls_section_end\|>)$/;
    const inner = text.replace(isClosedBefore, "").trimEnd();
    const lastPossible = ["hermes", "glm"].includes(family.format) ? end : Math.min(end, inner.length - 1);
    for (let length = 1; length <= lastPossible; length += 1) {
      for (const reason of ["length", "stop", null]) {
        const pieces = describePieces(text.slice(0, length), {}, reason);
        expect(
          pieces.filter((piece) => !piece.startsWith("text")),
          `${length} ${text.slice(0, length)}`,
        ).toEqual([]);
      }
    }
  });

  test("in a code fence or backticks it is talk", () => {
    const text = family.write(SAMPLE_TURNS["one"] ?? []);
    const fenced = `So it is written:\n\`\`\`xml\n${text}\n\`\`\`\nSee?`;
    expect(describePieces(fenced)).toEqual([`text ${JSON.stringify(fenced)}`]);
    const inline = `Write \`${text}\` for that.`;
    expect(describePieces(inline)).toEqual([`text ${JSON.stringify(inline)}`]);
  });
});

describe("calls", () => {
  test("of several formats in one answer come in order", () => {
    const text = `${NOW}\n<function=now>\n</function>[TOOL_CALLS]now{}`;
    expect(readPieces(text).map((piece) => (piece.type === "toolcall" ? piece.format : piece))).toEqual([
      "hermes",
      "qwen-xml",
      "mistral",
    ]);
  });

  test("are given as soon as they are closed", () => {
    const pieces = readPieces([]);
    expect(pieces).toEqual([]);
    const section =
      "<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0<|tool_call_argument_begin|>{}<|tool_call_end|>";
    const half = `${section}<|tool_call_begin|>functions.get_weather:1<|tool_call_argument_begin|>{"city": "Pa`;
    expect(describePieces(half, {}, "length")).toEqual([
      "now {}",
      'text "<|tool_call_begin|>functions.get_weather:1<|tool_call_argument_begin|>{\\"city\\": \\"Pa"',
    ]);
  });

  test("the closing tag is needed even when the JSON is whole", () => {
    const text = '<tool_call>\n{"name": "now", "arguments": {}}';
    expect(describePieces(text)).toEqual([`text ${JSON.stringify(text)}`]);
  });

  test("whose JSON is broken stay text", () => {
    for (const json of [
      '{"name": "now", "arguments": {,}}',
      '{"name": "now" "arguments": {}}',
      "{name: now}",
      '{"name": "now"',
    ]) {
      const text = `<tool_call>\n${json}\n</tool_call>`;
      expect(describePieces(text)).toEqual([`text ${JSON.stringify(text)}`]);
    }
  });

  test("a broken one does not hide the next", () => {
    const text = `<tool_call> is the tag, as in <tool_call>{"name": "nope"}</tool_call>. ${NOW}`;
    expect(describePieces(text)).toEqual([
      'text "<tool_call> is the tag, as in <tool_call>{\\"name\\": \\"nope\\"}</tool_call>. "',
      "now {}",
    ]);
  });

  test("arguments that are missing, null or empty are an empty object", () => {
    for (const inner of ['{"name": "now"}', '{"name": "now", "arguments": null}', '{"name": "now", "arguments": ""}']) {
      expect(describePieces(`<tool_call>${inner}</tool_call>`)).toEqual(["now {}"]);
    }
  });

  test("arguments written as JSON inside a string are taken out", () => {
    const text = '<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}</tool_call>';
    expect(describePieces(text)).toEqual(['get_weather {"city":"Paris"}']);
  });

  test("the model's own JSON is kept to the character", () => {
    const json = '{ "city":"Paris" ,"days": 9007199254740993, "ratio": 1.10}';
    const [piece] = readPieces(`<tool_call>{"name": "get_weather", "arguments": ${json}}</tool_call>`);
    expect(piece).toMatchObject({ argumentsText: json });
  });

  test("the longest name wins", () => {
    const tools = [{ name: "get" }, { name: "get_weather" }, { name: "get_weather_now" }];
    const text = "<tool_call>get_weather</tool_call><function=get_weather_now></function>[TOOL_CALLS]get{}";
    expect(describePieces(text, { tools })).toEqual(["get_weather {}", "get_weather_now {}", "get {}"]);
    expect(describePieces([...text], { tools })).toEqual(["get_weather {}", "get_weather_now {}", "get {}"]);
  });

  test("names with characters of patterns are names", () => {
    const tools = [{ name: "a.b+c" }, { name: "$^" }];
    expect(describePieces("<tool_call>a.b+c</tool_call><tool_call>$^</tool_call>", { tools })).toEqual([
      "a.b+c {}",
      "$^ {}",
    ]);
    expect(describePieces("<tool_call>aXbbc</tool_call>", { tools })).toEqual(['text "<tool_call>aXbbc</tool_call>"']);
  });

  test("keys of objects that JavaScript knows do no harm", () => {
    const text =
      "<tool_call>get_weather<arg_key>__proto__</arg_key><arg_value>1</arg_value><arg_key>constructor</arg_key><arg_value>x</arg_value></tool_call>";
    expect(readPieces(text)).toEqual([
      { type: "toolcall", name: "get_weather", argumentsText: '{"__proto__": "1", "constructor": "x"}', format: "glm" },
    ]);
  });

  test("values of references and unknown properties", () => {
    const tools = [
      {
        name: "book",
        parameters: {
          type: "object",
          properties: { seat: { $ref: "#/$defs/Seat" }, loop: { $ref: "#/$defs/Loop" }, far: { $ref: "https://x/y" } },
          $defs: { Seat: { type: "integer" }, Loop: { $ref: "#/$defs/Loop" } },
        },
      },
    ];
    const inner = ["seat", "loop", "far", "other"].map((key) => `<arg_key>${key}</arg_key><arg_value>5</arg_value>`);
    expect(describePieces(`<tool_call>book${inner.join("")}</tool_call>`, { tools })).toEqual([
      'book {"seat":5,"loop":"5","far":"5","other":"5"}',
    ]);
  });
});

describe("formats without a marker", () => {
  const LLAMA = '{"name": "get_weather", "parameters": {"city": "Paris"}}';

  test("count when they are the whole answer", () => {
    expect(describePieces(`\n${LLAMA}\n`)).toEqual(['get_weather {"city":"Paris"}']);
    expect(describePieces("[now()]")).toEqual(["now {}"]);
    expect(describePieces('[{"name": "now", "arguments": {}}]')).toEqual(["now {}"]);
    expect(describePieces('get_weather{"city": "Paris"}now{}')).toEqual(['get_weather {"city":"Paris"}', "now {}"]);
  });

  test("count after a thought", () => {
    expect(describePieces(`<think>hm</think>\n\n${LLAMA}`)).toEqual(['thinking "hm"', 'get_weather {"city":"Paris"}']);
  });

  test.each([
    ["text after", `${LLAMA} is how it is written.`],
    ["text before", `Like this: ${LLAMA}`],
    ["another member", '{"name": "get_weather", "parameters": {}, "temperature": 18}'],
    ["no arguments", '{"name": "now"}'],
    ["a name of no tool", '{"name": "Bob", "parameters": {}}'],
    ["JSON of another kind", '{"city": "Paris", "temperature": 18}'],
    ["a list of numbers", "[1, 2, 3]"],
    ["a footnote", "[1] says so."],
    ["a link", "[now](https://example.com)"],
    ["a name at the beginning", "now is the time"],
    ["a call in prose", "now() returns the time."],
  ])("%s: stays text", (_, text) => {
    expect(describePieces(text)).toEqual([`text ${JSON.stringify(text)}`]);
    expect(describePieces([...text])).toEqual([`text ${JSON.stringify(text)}`]);
  });

  test("an answer that was cut is not the whole answer", () => {
    expect(describePieces(LLAMA, {}, "length")).toEqual([`text ${JSON.stringify(LLAMA)}`]);
    expect(describePieces(LLAMA, {}, null)).toEqual([`text ${JSON.stringify(LLAMA)}`]);
  });

  test("text is let go as soon as it cannot be a call", () => {
    expect(readPieces(['{"name": "Bob"', ""]).length).toBe(1);
    const first = readPieces(['{"city": "Paris"'], {}, "stop");
    expect(first).toEqual([{ type: "text", text: '{"city": "Paris"' }]);
  });

  test("Kimi's call is known without its special tokens", () => {
    expect(describePieces('I look. functions.get_weather:0 {"city": "Paris"} functions.now:1{}')).toEqual([
      'text "I look. "',
      'get_weather {"city":"Paris"}',
      "now {}",
    ]);
    const code = "Call my.functions.now:0{} or functions.now() or functions.nope:1{}";
    expect(describePieces(code)).toEqual([`text ${JSON.stringify(code)}`]);
  });
});

describe("thoughts", () => {
  test.each([
    ["<think>", "</think>"],
    ["[THINK]", "[/THINK]"],
    ["<seed:think>", "</seed:think>"],
    ["<mm:think>", "</mm:think>"],
    ["<|channel>thought\n", "<channel|>"],
    ["<|channel>thought", "<channel|>"],
    ["<|open|>think<|sep|>", "<|close|>think<|sep|>"],
    ["<|START_THINKING|>", "<|END_THINKING|>"],
    ["<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>"],
    ["<ifm|think_fast>", "</ifm|think_fast>"],
    ["Here is my thought process:", "Here is my response:"],
    ["Here's my thought process:", "Here's my response:"],
  ])("%s", (open, close) => {
    const text = `${open} I should greet. ${close}\n\nHello!`;
    const expected = ['thinking " I should greet. "', 'text "\\n\\nHello!"'];
    expect(describePieces(text)).toEqual(expected);
    expect(describePieces([...text])).toEqual(expected);
    expect(describePieces(text, { thinkTags: false })).toEqual([`text ${JSON.stringify(text)}`]);
  });

  test.each([
    [
      "0.32.0/no-reasoning-parser/hello",
      ['thinking "\\nThe user greets me. I greet back.\\n"', 'text "\\n\\nHello there! How can I help you today?"'],
    ],
    [
      "0.32.0/no-reasoning-parser/think-length",
      ['thinking "\\nI should think some more about the number. I should think so"'],
    ],
    [
      "0.32.0/no-reasoning-parser/think-not-opened",
      ['text "I was thinking already.\\n</think>\\n\\nThe answer is 4."'],
    ],
  ])("recorded: %s", (id, expected) => {
    const { deltas, finishReason } = recordedDeltas(id);
    expect(describePieces(deltas, {}, finishReason)).toEqual(expected);
  });

  test("recorded: a thought that the template opened", () => {
    const { deltas } = recordedDeltas("0.32.0/no-reasoning-parser/think-not-opened");
    expect(describePieces(deltas, { startsInReasoning: true })).toEqual([
      'thinking "I was thinking already.\\n"',
      'text "\\n\\nThe answer is 4."',
    ]);
  });

  test("the template opened it, and the model writes the tag again", () => {
    for (const text of ["<think>\nhm</think>Hi", "\n<think>\nhm</think>Hi"]) {
      expect(describePieces([...text], { startsInReasoning: true })).toEqual(['thinking "\\nhm"', 'text "Hi"']);
    }
    expect(describePieces(["a <think> b</think>"], { startsInReasoning: true })).toEqual(['thinking "a <think> b"']);
  });

  test("the template opened it, and the answer never leaves it", () => {
    expect(describePieces([..."All of it."], { startsInReasoning: true })).toEqual(['thinking "All of it."']);
    expect(describePieces([], { startsInReasoning: true })).toEqual([]);
    expect(describePieces(["  \n"], { startsInReasoning: true })).toEqual(['thinking "  \\n"']);
  });

  test("a tag in the middle of the answer is talk", () => {
    const text = "Use <think> and </think> around it.";
    expect(describePieces(text)).toEqual([`text ${JSON.stringify(text)}`]);
  });

  test("a second thought right after the first", () => {
    expect(describePieces("<think>a</think>\n<think>b</think>c")).toEqual(['thinking "ab"', 'text "c"']);
  });

  test("a second end tag is dropped, a later one is text", () => {
    expect(describePieces("<think>a</think></think>\n\nb </think>")).toEqual([
      'thinking "a"',
      'text "\\n\\nb </think>"',
    ]);
  });

  test("no call is made in a thought", () => {
    expect(describePieces(`<think>I could ${NOW}</think>No.`)).toEqual([
      `thinking ${JSON.stringify(`I could ${NOW}`)}`,
      'text "No."',
    ]);
  });

  test("nor in one that stays text", () => {
    const thought = `<think>I could ${NOW}`;
    expect(describePieces(`${thought}</think>\n\n${NOW}`, { thinkTags: false })).toEqual([
      `text ${JSON.stringify(`${thought}</think>`)}`,
      "now {}",
    ]);
    expect(describePieces(`I could ${NOW}</think>No.`, { thinkTags: false, startsInReasoning: true })).toEqual([
      `text ${JSON.stringify(`I could ${NOW}</think>No.`)}`,
    ]);
    const analysis = `<|channel|>analysis<|message|>I could ${NOW}<|end|>`;
    expect(describePieces(analysis, { thinkTags: false })).toEqual([`text ${JSON.stringify(analysis)}`]);
  });

  test("a call may follow", () => {
    expect(describePieces(`<think>a</think>\n\n${NOW}\n`)).toEqual(['thinking "a"', "now {}"]);
  });

  test("only blanks remain blanks", () => {
    expect(describePieces(["\n", "\n"])).toEqual(['text "\\n\\n"']);
  });
});

describe("gpt-oss", () => {
  const ANALYSIS = "<|channel|>analysis<|message|>I look it up.<|end|>";

  test("analysis is thought, final is text", () => {
    expect(describePieces(`${ANALYSIS}<|start|>assistant<|channel|>final<|message|>It is 18 °C.<|return|>`)).toEqual([
      'thinking "I look it up."',
      'text "It is 18 °C."',
    ]);
  });

  test("commentary without a recipient is text, with one a call", () => {
    const text = `${ANALYSIS}<|start|>assistant<|channel|>commentary<|message|>One moment.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>`;
    expect(describePieces([...text])).toEqual([
      'thinking "I look it up."',
      'text "One moment."',
      'get_weather {"city":"Paris"}',
    ]);
  });

  test.each([
    '<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Paris"}',
    '<|channel|>commentary to=functions.get_weather<|message|>{"city": "Paris"}',
    '<|channel|>analysis to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>',
    'commentary to=functions.get_weather json{"city": "Paris"}',
  ])("%s", (text) => {
    expect(describePieces(text)).toEqual(['get_weather {"city":"Paris"}']);
  });

  test("another recipient, or calls without thoughts asked for", () => {
    const browser = '<|channel|>commentary to=browser.search<|message|>{"query": "x"}';
    expect(describePieces(browser)).toEqual([`text ${JSON.stringify(browser)}`]);
    expect(describePieces(ANALYSIS, { thinkTags: false })).toEqual([`text ${JSON.stringify(ANALYSIS)}`]);
    const call = "<|start|>assistant<|channel|>commentary to=functions.now<|message|>{}";
    expect(describePieces(`${ANALYSIS}${call}`, { thinkTags: false })).toEqual([
      `text ${JSON.stringify(ANALYSIS)}`,
      "now {}",
    ]);
  });

  test("an end marker that no header began is text", () => {
    expect(describePieces("The token <|end|> ends it.")).toEqual(['text "The token <|end|> ends it."']);
  });
});

describe("recorded leaks", () => {
  test.each([
    "0.10.2/api-key-no-tool-parser/tools-none",
    "0.24.0/api-key-no-tool-parser/tools-none",
    "0.32.0/no-tool-parser/tools-none",
    "0.32.0/no-tool-parser/leak-tool-call",
  ])("%s", (id) => {
    const { deltas, finishReason } = recordedDeltas(id);
    expect(describePieces(deltas, {}, finishReason)).toEqual([
      'text "Let me check. "',
      'get_weather {"city":"Paris","unit":"celsius"}',
    ]);
  });
});

describe("beginnings that come to nothing", () => {
  test.each([
    ["at the end of the answer", "<function=get_weather><parameter=city>", ""],
    ["in the middle of it", "<function=get_weather><parameter=city>", "</parameter>x"],
    ["with JSON that is none", '<tool_call>{"name": "get_weather", "arguments": ["', '",x'],
    ["in gpt-oss's channels", "<|channel|>final<|message|>{", ""],
  ])("are not read again and again: %s", (_, beginning, end) => {
    expect(growthOf((text) => readPieces([text + end]), beginning)).toBeLessThan(8);
  });

  test("after many of them a call is text; after a few it is found", () => {
    const beginning = "<tool_call><function=get_weather><parameter=city>";
    const call = '<tool_call>{"name": "get_weather", "arguments": {}}</tool_call>';
    const isFound = (count: number) =>
      readPieces([`${`${beginning}</parameter>x`.repeat(count)}${call}`]).some((piece) => piece.type === "toolcall");
    expect(isFound(20)).toBe(true);
  });

  test("values that are nested deeper than 1,000 times are text", () => {
    const answer = (depth: number) => `[get_weather(city=${"[".repeat(depth)}${"]".repeat(depth)})]`;
    expect(readPieces([answer(500)])).toMatchObject([{ type: "toolcall" }]);
    expect(readPieces([answer(20_000)])).toEqual([{ type: "text", text: answer(20_000) }]);
  });
});
