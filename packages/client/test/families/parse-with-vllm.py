"""What vLLM's own tool parsers make of texts: a list of [parser, text] on stdin, a list of results on stdout.

Run with the Python of an environment that has vLLM (the one of tooling/vllm-lab), see record-parsed.ts.
"""

import json
import os
import sys

os.environ["VLLM_LOGGING_LEVEL"] = "CRITICAL"

from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest  # noqa: E402
from vllm.tool_parsers import ToolParserManager  # noqa: E402

MARKERS = """
<think> </think> <tool_call> </tool_call> <seed:tool_call> </seed:tool_call> <seed:think> </seed:think>
<longcat_tool_call> </longcat_tool_call> <｜tool▁calls▁begin｜> <｜tool▁calls▁end｜> <｜tool▁call▁begin｜>
<｜tool▁call▁end｜> <｜tool▁sep｜> <|tool_calls_section_begin|> <|tool_calls_section_end|> <|tool_call_begin|>
<|tool_call_argument_begin|> <|tool_call_end|> <|python_tag|> [TOOL_CALLS] <|tool_call> <tool_call|> <|channel>
<channel|> <|tool_call|> <minimax:tool_call> </minimax:tool_call> <|im_start|> <|im_end|> <|turn> <turn|>
<|tool_response> <|python_start|> <|python_end|> <|tool_call_start|> <|tool_call_end|> <|"|>
""".split()


class Tokenizer:
    """All that the parsers ask of a tokenizer."""

    chat_template = None
    all_special_ids: list = []
    all_special_tokens: list = []

    def __init__(self, markers):
        self.vocabulary = {marker: 1000 + index for index, marker in enumerate(markers)}

    def get_vocab(self):
        return self.vocabulary

    def encode(self, text, **_):
        return [ord(character) for character in text]

    def decode(self, ids, **_):
        return "".join(chr(number) for number in ids)


def parse(parser, text, tools):
    markers = MARKERS if parser == "mistral-list" else [*MARKERS, "[ARGS]"]
    request = ChatCompletionRequest(
        model="model",
        messages=[{"role": "user", "content": "x"}],
        tools=tools,
        tool_choice="auto",
        chat_template_kwargs={"enable_thinking": False, "thinking": False},
    )
    name = "mistral" if parser == "mistral-list" else parser
    parsed = ToolParserManager.get_tool_parser(name)(Tokenizer(markers), request.tools).extract_tool_calls(text, request)
    calls = [{"name": call.function.name, "arguments": call.function.arguments} for call in parsed.tool_calls]
    return {"content": parsed.content, "calls": calls}


question = json.load(sys.stdin)
json.dump([parse(parser, text, question["tools"]) for parser, text in question["texts"]], sys.stdout, ensure_ascii=False)
