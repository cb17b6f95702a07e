"""The lab's scripted model, for an agent that puts messages of its own behind the user's: rules see the whole prompt."""

import scripted
from scripted import Scripted  # noqa: F401, named in --logits-processors

scripted.since_user_spoke = lambda prompt: prompt
