"""Makes a tiny chat model (its configuration, tokenizer and chat template) for vLLM's --load-format dummy.

Usage: make_model.py FOLDER [--reasoning] [--vision]

Qwen3 with 2 layers, 64 wide; with --vision BLIP-2, whose image processor needs Pillow only. The weights are random and mean
nothing: what the model says is chosen by scripted.py.
"""

import json
import pathlib
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

WINDOW = 131072  # tokens; the lab serves less (--max-model-len)

# One token each, as in the models whose tool-call or thinking format uses them.
SPECIAL_TOKENS = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>",
    "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "[THINK]", "[/THINK]",
    "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>",
    "<|tool_call_begin|>", "<|tool_call_end|>", "<|tool_call_argument_begin|>",
    "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<image>",
]  # fmt: skip
# One token too, but text all the same: vLLM's skip_special_tokens must not take them out. DeepSeek's bars are U+FF5C.
PLAIN_TOKENS = [
    "<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
    "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>",
    "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>", "<｜tool▁sep｜>",
]  # fmt: skip

# What the tokenizer learns its words from: the kinds of text that the scripts say.
CORPUS = """The quick brown fox jumps over the lazy dog. Let me think about that: the user wants to know the time and the
result of a calculation, so I call two tools. {"name": "calculator", "arguments": {"expression": "17 * 23"}}
{"name": "clock", "arguments": {"timezone": "Europe/Paris"}} It is sunny and 18 degrees in Paris, 24 degrees in Tokyo.
<function=get_weather><parameter=city>Paris</parameter></function> {"query": "context window", "limit": 5}
for (const line of text.split("\\n")) { if (line.includes(query)) matches.push({ path, line }); } return matches;
A server streams its answer token by token as server-sent events; the last event says how many tokens were used.
The folder holds these files: README.md, package.json, src/index.ts. I have read the file and here is the summary.
Hello there! How can I help you today? This is line one of the story about a small robot that learned to read."""

CHAT_TEMPLATE = """{%- if tools -%}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}# Tools
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% elif messages[0].role == 'system' -%}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif -%}
{%- for message in messages -%}
{%- if message.role == 'system' and loop.first -%}{# written above #}
{%- elif message.role == 'system' -%}{{ raise_exception('System message must be at the beginning.') }}
{%- elif message.role == 'tool' -%}<|im_start|>user
<tool_response>
{{ message.content }}
</tool_response><|im_end|>
{% elif message.role == 'assistant' -%}<|im_start|>assistant
{% if message.reasoning is defined and message.reasoning %}<think>
{{ message.reasoning }}
</think>

{% endif %}{{ message.content or '' }}{% for call in message.tool_calls or [] %}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% else -%}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}<|im_start|>assistant
{% if REASONING %}{% if enable_thinking is defined and enable_thinking is false %}<think>

</think>

{% endif %}{% endif %}{%- endif -%}"""


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=1200, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([CORPUS] * 4, trainer)
    for tokens, special in ((SPECIAL_TOKENS, True), (PLAIN_TOKENS, False)):
        tokenizer.add_tokens([AddedToken(token, special=special, normalized=False) for token in tokens])
    return tokenizer


def text_model(vocabulary, end, padding):
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 32,
        "vocab_size": vocabulary,
        "max_position_embeddings": WINDOW,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "attention_bias": False,
        "bos_token_id": None,
        "eos_token_id": end,
        "pad_token_id": padding,
        "use_sliding_window": False,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
    }


def vision_model(vocabulary, end, padding, image):
    return {
        "architectures": ["Blip2ForConditionalGeneration"],
        "model_type": "blip-2",
        "image_token_index": image,
        "num_query_tokens": 4,
        "torch_dtype": "bfloat16",
        "use_decoder_only_language_model": True,
        "eos_token_id": end,
        "text_config": {
            "architectures": ["OPTForCausalLM"],
            "model_type": "opt",
            "hidden_size": 64,
            "word_embed_proj_dim": 64,
            "ffn_dim": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "vocab_size": vocabulary,
            "max_position_embeddings": WINDOW,
            "do_layer_norm_before": True,
            "eos_token_id": end,
            "bos_token_id": padding,
            "pad_token_id": padding,
            "tie_word_embeddings": True,
            "torch_dtype": "bfloat16",
        },
        "vision_config": {
            "model_type": "blip_2_vision_model",
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 28,
            "patch_size": 14,
        },
        "qformer_config": {
            "model_type": "blip_2_qformer",
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "encoder_hidden_size": 64,
            "vocab_size": 100,
        },
    }


IMAGE_PROCESSOR = {
    "image_processor_type": "BlipImageProcessor",
    "processor_class": "Blip2Processor",
    "do_resize": True,
    "size": {"height": 28, "width": 28},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "do_convert_rgb": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "resample": 3,
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    reasoning, vision = "--reasoning" in sys.argv, "--vision" in sys.argv

    def write(name, value):
        (folder / name).write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")

    tokenizer = make_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    vocabulary = (tokenizer.get_vocab_size() + 63) // 64 * 64
    end, padding = tokenizer.token_to_id("<|im_end|>"), tokenizer.token_to_id("<|endoftext|>")
    write(
        "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "model_max_length": WINDOW,
            "clean_up_tokenization_spaces": False,
            "chat_template": CHAT_TEMPLATE.replace("REASONING", "true" if reasoning else "false"),
        },
    )
    if vision:
        write("config.json", vision_model(vocabulary, end, padding, tokenizer.token_to_id("<image>")))
        write("preprocessor_config.json", IMAGE_PROCESSOR)
        write("processor_config.json", {"processor_class": "Blip2Processor", "num_query_tokens": 4})
    else:
        write("config.json", text_model(vocabulary, end, padding))
    write("generation_config.json", {"eos_token_id": [end, padding], "temperature": 0.7, "top_p": 0.8, "top_k": 20})


main()
