import {XbuildError} from '../core/errors.js'

/** What a user may have a bounded number of, and what to do: getrlimit(2), RLIMIT_NOFILE and RLIMIT_NPROC. */
const RESOURCES = {
  descriptors: 'let this process have more files open, 1024 or more: ulimit -n 1024',
  processes: 'end other processes of this user, or allow more: ulimit -u',
} as const

/** The error where there is no more of something that is bounded for this process, or for its user. */
export const usedUp = (what: keyof typeof RESOURCES, message: string, cause?: unknown) =>
  new XbuildError('used-up', message, {hint: RESOURCES[what], cause})
