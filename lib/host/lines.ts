import type {Readable} from 'node:stream'
import {XbuildError} from '../core/errors.js'

/** Characters of a line of a protocol: two paths, each of whose bytes is written as three. */
const LONGEST = 2 ** 16

/** The lines of a stream, until that or the signal ends them. Throws `usage` where one has no end. */
export async function* linesOf(stream: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const end = () => void stream.destroy()
  signal.addEventListener('abort', end)
  let rest = ''
  try {
    for await (const text of stream.setEncoding('utf8')) {
      const lines = (rest + String(text)).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LONGEST) throw new XbuildError('usage', `a line has more than ${LONGEST} characters`)
      yield* lines
    }
    if (rest !== '') yield rest
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', end)
  }
}
