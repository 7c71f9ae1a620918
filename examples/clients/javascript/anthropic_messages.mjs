// @anthropic-ai/sdk: environment variables say everything; see docs/clients/anthropic.md.
import Anthropic from '@anthropic-ai/sdk'

export async function call() {
  const message = await new Anthropic().messages.create({
    model: 'house-model',
    max_tokens: 64,
    messages: [{ role: 'user', content: 'Who am I?' }],
  })
  return message.content[0].text
}
