"""anthropic: environment variables say everything; see docs/clients/anthropic.md."""

import anthropic


def call():
    message = anthropic.Anthropic().messages.create(
        model="house-model", max_tokens=64, messages=[{"role": "user", "content": "Who am I?"}]
    )
    return message.content[0].text
