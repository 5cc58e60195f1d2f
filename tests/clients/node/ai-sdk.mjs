// The AI SDK. An order is {base_url, key, adapter, model, prompt, n, size, most_per_call, options, retries}.
// `adapter` is the package, without @ai-sdk/.
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { RetryError, generateImage } from 'ai'
import { carryOut } from './orders.mjs'

globalThis.AI_SDK_LOG_WARNINGS = false

const adapters = {
  openai: (baseURL, apiKey, model) => createOpenAI({ baseURL, apiKey }).image(model),
  'openai-compatible': (baseURL, apiKey, model) =>
    createOpenAICompatible({ name: 'mock', baseURL, apiKey }).imageModel(model),
}

async function handle(order) {
  const { base_url, key, adapter, model, prompt, n, size, most_per_call, options, retries = 0 } = order
  const made = await generateImage({
    model: adapters[adapter](base_url, key, model),
    prompt,
    n,
    size,
    maxImagesPerCall: most_per_call,
    // each adapter reads the options under its own name
    providerOptions: options && { [adapter === 'openai' ? 'openai' : 'mock']: options },
    maxRetries: retries,
  })
  return {
    images: made.images.map(({ base64 }) => ({ b64_json: base64 })),
    extra: { metadata: made.providerMetadata },
  }
}

function refused(error) {
  const last = RetryError.isInstance(error) ? error.lastError : error
  const told = last.data?.error ?? {}
  return {
    error: error.name,
    status: last.statusCode ?? null,
    message: error.message,
    code: told.code ?? null,
    type: told.type ?? null,
    headers: last.responseHeaders ?? {},
    extra: { retryable: last.isRetryable ?? null, last: last.name },
  }
}

carryOut(handle, refused)
