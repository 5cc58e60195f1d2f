// The stock OpenAI client. An order is {base_url, key, call, body, retries, timeout_s}.
import OpenAI, { toFile } from 'openai'
import { carryOut, openaiError } from './orders.mjs'

const LIMIT_S = 60

const calls = {
  async 'images.generate'(client, body) {
    const { data: made, response } = await client.images.generate(body).withResponse()
    const extra = { created: made.created, usage: made.usage ?? null, data_is_missing: !made.data }
    return { images: made.data ?? [], headers: Object.fromEntries(response.headers), extra }
  },
  async 'images.edit'(client, body) {
    const image = await toFile(Buffer.from('\x89PNG', 'latin1'), 'image.png', { type: 'image/png' })
    const { data } = await client.images.edit({ image, ...body })
    return { images: data }
  },
  async 'models.list'(client) {
    const models = []
    for await (const { id } of client.models.list()) models.push(id)
    return { extra: { models } }
  },
}

async function handle({ base_url, key, call = 'images.generate', body = {}, retries = 0, timeout_s = LIMIT_S }) {
  const client = new OpenAI({ baseURL: base_url, apiKey: key, maxRetries: retries, timeout: timeout_s * 1000 })
  return calls[call](client, body)
}

carryOut(handle, openaiError)
