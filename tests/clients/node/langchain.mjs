// LangChain's DallEAPIWrapper. An order is {base_url, key, prompt, fields}, where `fields` are the wrapper's own.
import { DallEAPIWrapper } from '@langchain/openai'
import { carryOut, openaiError } from './orders.mjs'

async function handle({ base_url, key, prompt, fields = {} }) {
  const tool = new DallEAPIWrapper({ baseUrl: base_url, apiKey: key, ...fields })
  const made = await tool.invoke(prompt)
  return { images: typeof made === 'string' ? [imageOf(made)] : made.map(({ image_url }) => imageOf(image_url)) }
}

/** One image is a bare string of either format; several are urls, or objects that hold base64 under `url`. */
function imageOf(made) {
  if (typeof made === 'object') return { b64_json: made.url }
  return made.startsWith('http') ? { url: made } : { b64_json: made }
}

carryOut(handle, openaiError)
