// Orders come as JSON lines on stdin, replies go as JSON lines to stdout; several may be under way at a time.
import { createInterface } from 'node:readline'

/** Carry out every order with `handle`, which returns a reply; what it throws becomes one through `refused`. */
export function carryOut(handle, refused) {
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const { number, ...order } = JSON.parse(line)
    const reply = await handle(order).catch(refused)
    process.stdout.write(JSON.stringify({ number, ...reply }) + '\n')
  })
}

/** The reply to an error of the OpenAI client, which LangChain passes on as it is. */
export function openaiError(error) {
  const { status = null, code = null, type = null, message, headers } = error
  return { error: error.constructor.name, status, code, type, message, headers: Object.fromEntries(headers ?? []) }
}
