import {XbuildError} from './errors.js'

/** `emulated`: the same as `hybrid`, but nothing is routed. */
export type Mode = 'hybrid' | 'emulated'

export function parseMode(text: string | undefined): Mode {
  if (text === undefined || text === 'hybrid' || text === 'emulated') return text ?? 'hybrid'
  throw new XbuildError('usage', `--mode ${text}: there is no such mode`, {hint: 'hybrid (the default) or emulated'})
}
