// The stock OpenAI client for Node works with nothing changed but base URL and key (AIV-02).
// Usage: node check.mjs OPENAI_BASE_URL AIVENE_BASE_URL
import assert from 'node:assert/strict'
import { test } from 'node:test'
import OpenAI from 'openai'

const [openaiUrl, aiveneUrl] = process.argv.slice(2)
const providers = { openai: openaiUrl, aivene: aiveneUrl }

async function control(baseURL, path, body) {
  const method = body === undefined ? 'GET' : 'POST'
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(baseURL.replace(/\/v1$/, `/__admin${path}`), { method, headers, body: JSON.stringify(body) })
  assert.ok(response.ok, `control plane: ${response.status}`)
  return response.json()
}

async function caller(baseURL, { account = {}, maxRetries = 0 } = {}) {
  const { id, key } = await control(baseURL, '/accounts', account)
  return { id, client: new OpenAI({ baseURL, apiKey: key, maxRetries }) }
}

function generate(client, changes = {}) {
  return client.images.generate({ model: 'dall-e-2', prompt: 'a lighthouse at dawn', size: '256x256', ...changes })
}

/** Width and height of a PNG file. */
function sizeOf(file) {
  const bytes = Buffer.from(file)
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG')
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
}

for (const [profile, baseURL] of Object.entries(providers)) {
  test(`${profile}: images come as urls that anybody can download`, async () => {
    const { client } = await caller(baseURL)
    const { data, created } = await generate(client, { n: 2 })
    assert.equal(data.length, 2)
    assert.ok(Number.isInteger(created))
    for (const { url } of data) {
      const response = await fetch(url)
      assert.equal(response.status, 200)
      assert.deepEqual(sizeOf(await response.arrayBuffer()), [256, 256])
    }
  })

  test(`${profile}: images come as base64 when asked for`, async () => {
    const { client } = await caller(baseURL)
    const { data } = await generate(client, { model: 'dall-e-3', size: '1792x1024', response_format: 'b64_json' })
    assert.deepEqual(sizeOf(Buffer.from(data[0].b64_json, 'base64')), [1792, 1024])
  })

  const classes = [
    [{ size: '1x1' }, OpenAI.BadRequestError],
    [{ prompt: 'mock:content_policy a lighthouse' }, OpenAI.BadRequestError],
    [{ prompt: 'mock:unauthorized a lighthouse' }, OpenAI.AuthenticationError],
    [{ prompt: 'mock:forbidden a lighthouse' }, OpenAI.PermissionDeniedError],
    [{ prompt: 'mock:rate_limited a lighthouse' }, OpenAI.RateLimitError],
    [{ prompt: 'mock:server_error a lighthouse' }, OpenAI.InternalServerError],
  ]
  for (const [changes, kind] of classes) {
    test(`${profile}: ${Object.values(changes)[0]} is a ${kind.name}`, async () => {
      const { client } = await caller(baseURL)
      await assert.rejects(generate(client, changes), (error) => error.constructor === kind)
    })
  }

  test(`${profile}: the client's own retry succeeds at the third request`, async () => {
    const { id, client } = await caller(baseURL, { maxRetries: 2 })
    const { data } = await generate(client, { prompt: 'mock:rate_limited=2 a lighthouse' })
    assert.equal(data.length, 1)
    const { requests } = await control(baseURL, `/requests?account=${id}`)
    assert.deepEqual(requests.map((line) => line.status), [429, 429, 200])
  })
}

test('openai: gpt-image answers in base64 and with usage', async () => {
  const { client } = await caller(openaiUrl)
  const { data, usage } = await generate(client, { model: 'gpt-image-1', size: '1024x1536', quality: 'low' })
  assert.deepEqual(sizeOf(Buffer.from(data[0].b64_json, 'base64')), [1024, 1536])
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens)
})

test('aivene: a key without the scope is denied', async () => {
  const { client } = await caller(aiveneUrl, { account: { scopes: ['models:read'] } })
  await assert.rejects(generate(client), (error) => error.constructor === OpenAI.PermissionDeniedError)
})

test('aivene: an empty wallet is a plain status error', async () => {
  const { client } = await caller(aiveneUrl, { account: { balance: '0.00' } })
  await assert.rejects(generate(client), (error) => error.constructor === OpenAI.APIError && error.status === 402)
})
