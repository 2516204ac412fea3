/**
 * What is said before distcc's own protocol, a line each way: nothing is compiled between two that have other compilers, nor between
 * one of these and a distcc that does not ask.
 *
 * ```
 * client: xbuild-env-farm 1 KEY        KEY: of its compilers
 * server: ok JOBS                      from here on it is distcc's
 *         other-key KEY                its own; and that was all
 *         not-allowed ADDRESS          the client's, as the server sees it; likewise
 * ```
 */
export type Answer =
  /** `jobs`: how many it compiles at once. */
  {kind: 'ok'; jobs: number} | {kind: 'other-key'; key: string} | {kind: 'not-allowed'; address: string}

/** Bytes of a line, either way. */
export const LONGEST_LINE = 128

export const encodeGreeting = (key: string): string => `xbuild-env-farm 1 ${key}\n`

/** The key; undefined for what is no greeting of this version. */
export const parseGreeting = (line: string): string | undefined => /^xbuild-env-farm 1 ([0-9a-f]{16})$/.exec(line)?.[1]

export function encodeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'ok':
      return `ok ${answer.jobs}\n`
    case 'other-key':
      return `other-key ${answer.key}\n`
    case 'not-allowed':
      return `not-allowed ${answer.address}\n`
  }
}

/** undefined for what is no answer of this version: anybody may be there. */
export function parseAnswer(line: string): Answer | undefined {
  const [, kind, value = ''] = /^(ok|other-key|not-allowed) ([0-9a-zA-Z.:%_-]{1,64})$/.exec(line) ?? []
  switch (kind) {
    case 'ok':
      return /^[1-9]\d{0,3}$/.test(value) ? {kind, jobs: Number(value)} : undefined
    case 'other-key':
      return {kind, key: value}
    case 'not-allowed':
      return {kind, address: value}
    default:
      return undefined
  }
}
