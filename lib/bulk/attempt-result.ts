import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {AttemptResult} from '../core/bulk/result.js'

export const RESULT_FILE = 'result.json'
export const LOG_FILE = 'log.txt'
export const HANG_FILE = 'hang.txt'

/** What an attempt left; undefined where it is not whole. */
export function readResult(directory: string): AttemptResult | undefined {
  const path = join(directory, RESULT_FILE)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
