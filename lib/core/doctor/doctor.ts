import type {Facts, Finding} from './facts.js'
import {checkBinds, checkBinfmt, checkEntries, checkKernel, checkMemory, checkOverlay} from './kernel.js'
import {
  checkApt,
  checkArchitecture,
  checkCompiler,
  checkData,
  checkFlock,
  checkKeys,
  checkMmdebstrap,
  checkNode,
  checkShims,
  checkSpace,
} from './programs.js'
import {checkContainer, checkIdPrograms, checkIds, checkNamespaces, checkSession} from './rights.js'

/** What a host can and cannot do, judged from facts. */

export interface Result extends Finding {
  name: string
}

/** In the order in which they are to be mended. `suites`: those that roots are made of. */
export function diagnose(facts: Facts, suites: readonly string[]): Result[] {
  const checks: readonly [string, (facts: Facts) => Finding | readonly Finding[]][] = [
    ['node', checkNode],
    ['architecture', checkArchitecture],
    ['shims', checkShims],
    ['compiler', checkCompiler],
    ['kernel', checkKernel],
    ['container', checkContainer],
    ['user namespaces', checkNamespaces],
    ['ids', checkIds],
    ['id programs', checkIdPrograms],
    ['data directory', checkData],
    ['free space', checkSpace],
    ['overlayfs', checkOverlay],
    ['tmpfs', checkMemory],
    ['binds', checkBinds],
    ['binfmt_misc', checkBinfmt],
    ["system's entries", checkEntries],
    ['session', checkSession],
    ['apt', checkApt],
    ['mmdebstrap', checkMmdebstrap],
    ['flock', checkFlock],
    ["Debian's keys", known => checkKeys(known, suites)],
  ]
  return checks.flatMap(([name, check]) => [check(facts)].flat().map(finding => ({name, ...finding})))
}

export const isUsable = (results: readonly Result[]) => results.every(({state}) => state !== 'missing')
