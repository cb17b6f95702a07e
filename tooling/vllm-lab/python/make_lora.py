"""Makes a tiny PEFT adapter (random weights) for the models of make_model.py. Usage: make_lora.py FOLDER"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

RANK, HIDDEN, LAYERS = 4, 64, 2
OUTPUTS = {"q_proj": 64, "v_proj": 32}

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
weights = {}
for layer in range(LAYERS):
    for name, width in OUTPUTS.items():
        base = f"base_model.model.model.layers.{layer}.self_attn.{name}"
        weights[f"{base}.lora_A.weight"] = torch.randn(RANK, HIDDEN) * 0.01
        weights[f"{base}.lora_B.weight"] = torch.randn(width, RANK) * 0.01
save_file(weights, str(folder / "adapter_model.safetensors"))
(folder / "adapter_config.json").write_text(
    json.dumps(
        {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": "lab/tiny",
            "r": RANK,
            "lora_alpha": 8,
            "lora_dropout": 0.0,
            "bias": "none",
            "target_modules": list(OUTPUTS),
            "fan_in_fan_out": False,
            "inference_mode": True,
            "modules_to_save": None,
        }
    )
)
