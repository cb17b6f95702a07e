"""A vLLM logits processor that makes a random-weight model say chosen text.

LAB_SCRIPT names a JSON file, a list of {"when": regular expression, "say": text or null}. The first expression that is found in the
prompt's text wins; its text is then the most likely token at every step. null, or no match: the model's own (random) tokens.
A grammar is stronger than the script, since it has taken the other tokens away before this runs.

In "say": {{1}}, {{2}} are the expression's groups, {{result 1}}, {{result 2}} the tool results since the user last spoke,
{{results}} how many there are.
"""

import json
import os
import re

import torch
from tokenizers import Tokenizer
from vllm.v1.sample.logits_processor import LogitsProcessor, MoveDirectionality

LEAD = 30.0  # added to the best logit: far ahead at any sensible temperature
SHOWN = 200  # characters of a tool result that are repeated in an answer


def since_user_spoke(prompt):
    turns = [turn.start() for turn in re.finditer(r"<\|im_start\|>user\n(?!<tool_response>)", prompt)]
    return prompt[turns[-1] :] if turns else prompt


def fill(say, match, results):
    def value(placeholder):
        name = placeholder.group(1)
        if name == "results":
            return str(len(results))
        if name.startswith("result "):
            number = int(name.split()[1])
            return results[number - 1].strip()[:SHOWN] if number <= len(results) else "nothing"
        return match.group(int(name)) or ""

    return re.sub(r"\{\{(results|result \d+|\d+)\}\}", value, say)


class Scripted(LogitsProcessor):
    def __init__(self, vllm_config, device, is_pin_memory):
        self.tokenizer = Tokenizer.from_file(os.path.join(vllm_config.model_config.tokenizer, "tokenizer.json"))
        self.end = self.tokenizer.token_to_id("<|im_end|>")
        self.thought_end = self.tokenizer.token_to_id("</think>")
        with open(os.environ["LAB_SCRIPT"], encoding="utf-8") as file:
            self.script = [(re.compile(rule["when"], re.S), rule["say"]) for rule in json.load(file)]
        self.rows = {}

    @classmethod
    def validate_params(cls, sampling_params):
        return None

    def is_argmax_invariant(self):
        return False

    def reply(self, prompt):
        text = since_user_spoke(self.tokenizer.decode(prompt or [], skip_special_tokens=False))
        for when, say in self.script:
            match = when.search(text)
            if match is None:
                continue
            if say is None:
                return None
            say = fill(say, match, re.findall(r"<tool_response>\n(.*?)\n?</tool_response>", text, re.S))
            if re.search(r"</think>\s*$", text):  # the template has closed the thinking (enable_thinking false)
                say = re.sub(r"^<think>.*?</think>\s*", "", say, flags=re.S)
            return self.tokenizer.encode(say, add_special_tokens=False).ids + [self.end]
        return None

    def update_state(self, update):
        if update is None:
            return
        for row in update.removed:
            self.rows.pop(row, None)
        for row, _, prompt, output in update.added:
            said = self.reply(prompt)
            self.rows.pop(row, None)
            if said is not None:
                self.rows[row] = (said, output)
        for source, target, direction in update.moved:
            from_source, from_target = self.rows.pop(source, None), self.rows.pop(target, None)
            if from_source is not None:
                self.rows[target] = from_source
            if direction == MoveDirectionality.SWAP and from_target is not None:
                self.rows[source] = from_target

    def wanted(self, said, output):
        position = len(output)
        if self.thought_end in said and self.thought_end in output:
            # vLLM may have ended the thought early (thinking_token_budget): go on behind it
            position += max(0, said.index(self.thought_end) - output.index(self.thought_end))
        return said[position] if position < len(said) else self.end

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        for row, (said, output) in self.rows.items():
            token = self.wanted(said, output)
            if torch.isfinite(logits[row, token]):
                logits[row, token] = logits[row].max() + LEAD
        return logits
