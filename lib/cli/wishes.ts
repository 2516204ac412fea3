import type {Limited, LimitOptions} from './limits.js'

/** What a session is asked for beside what runs in it. */
export interface SessionWishes extends LimitOptions {
  trace?: string
  stats?: boolean
  dryRun?: boolean
  json?: boolean
}

export const isTraced = (wishes: SessionWishes) => wishes.trace !== undefined || wishes.stats === true

/** What few sessions need is loaded for them alone: a session's start is most of what a short command takes. */
export async function limiter(options: LimitOptions): Promise<Limited> {
  if (options.memory === undefined && options.pids === undefined && options.timeout === undefined) return session => session({})
  const {limitSessions} = await import('./limits.js')
  return limitSessions(options)
}
