import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isEnd} from '../core/bulk/journal.js'
import type {AttemptResult} from '../core/bulk/result.js'
import {parseJson} from '../core/json.js'

export const RESULT_FILE = 'result.json'
export const LOG_FILE = 'log.txt'
/** What an attempt prints, among its phases, where it has no place to leave a result. */
export const NO_SPACE = 'no-space'
export const HANG_FILE = 'hang.txt'

/** What an attempt left; undefined where it is not whole, or a power cut has damaged it. */
export function readResult(directory: string): AttemptResult | undefined {
  const path = join(directory, RESULT_FILE)
  if (!existsSync(path)) return undefined
  const result = parseJson(readFileSync(path, 'utf8')) as AttemptResult | undefined
  return isEnd(result?.end) ? result : undefined
}
