/**
 * Exit codes of xbuild-env itself; a guest's own status passes through. 125 to 127 as docker and podman have them,
 * 2 for a wrong command line as in most Unix tools, 124 for a time that is over as timeout(1) has it.
 */
export const EXIT = {usage: 2, timeout: 124, ours: 125, cannotExecute: 126, notFound: 127} as const

export type ErrorReason =
  | 'usage'
  | 'unknown-profile'
  | 'unknown-suite'
  | 'unknown-environment'
  | 'no-environment'
  | 'unknown-run'
  | 'unknown-package'
  | 'ambiguous-environment'
  | 'bad-name'
  | 'name-taken'
  | 'environment-damaged'
  | 'newer-format'
  | 'older-format'
  | 'in-use'
  | 'unknown-session'
  | 'cannot-join'
  | 'bad-settings'
  | 'bad-config'
  | 'no-config'
  | 'bad-profile'
  | 'missing-program'
  | 'missing-package'
  | 'missing-shims'
  | 'no-subordinate-ids'
  | 'namespaces-forbidden'
  | 'kernel-too-old'
  | 'programs-taken'
  | 'unsupported-host'
  | 'unknown-user'
  | 'bad-directory'
  | 'bad-bind'
  | 'bad-entry'
  | 'unknown-entry'
  | 'bad-trace'
  | 'bad-output'
  | 'bad-artifact'
  | 'bad-archive'
  | 'bad-source'
  | 'watch-failed'
  | 'no-control-group'
  | 'no-space'
  | 'used-up'
  | 'unreadable'
  | 'read-only'
  | 'network'
  | 'no-farm'
  | 'archive'
  | 'bootstrap-failed'
  | 'install-failed'
  | 'build-failed'
  | 'session-failed'
  | 'cannot-execute'
  | 'not-found'
  | 'interrupted'

export interface ErrorDetails {
  /** What to do about it, as a full clause. */
  hint?: string
  exitCode?: number
  cause?: unknown
}

/** What is wrong with the command line itself, or with the project's configuration. */
const WRONG_INPUT: readonly ErrorReason[] = ['usage', 'bad-name', 'bad-bind', 'bad-entry', 'bad-config', 'no-config']

/** A failure that is expected: it has a reason that code can ask for, and a hint that a user can follow. */
export class XbuildError extends Error {
  readonly reason: ErrorReason
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(reason: ErrorReason, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
    this.name = 'XbuildError'
    this.reason = reason
    this.hint = details.hint
    this.exitCode = details.exitCode ?? (WRONG_INPUT.includes(reason) ? EXIT.usage : EXIT.ours)
  }
}
