import {dirname} from 'node:path'
import type {Suite} from '../config/profiles.js'
import {DISTRIBUTIONS} from '../core/distributions/distributions.js'
import {XbuildError} from '../core/errors.js'
import {NO_SPACE} from '../core/no-space.js'
import {type MakerOptions, runAsMaker} from '../host/maker.js'
import {watchSpace} from '../host/space-watch.js'

/** How mmdebstrap is called: data that --dry-run prints. man 1 mmdebstrap */
export interface Bootstrap {
  suite: string
  variant: string
  architecture: string
  include: readonly string[]
  /** Where packages come from: mirrors, or lines of sources.list; none: mmdebstrap's own default. */
  sources: readonly string[]
  /** The host's package that has the archive's keys. */
  keyring: string
  /** Steps of mmdebstrap to leave out, for --skip. */
  skip: readonly string[]
  /** Hooks as shell commands, run in this order; `$1` is the root. */
  hooks: readonly {when: 'setup' | 'extract' | 'essential' | 'customize'; command: string}[]
}

/**
 * A mirror that says nothing is given up after a minute, not after six; only while the root is made, so in the file
 * that mmdebstrap keeps outside of it. man 5 apt.conf, Acquire
 */
const BOUND_DOWNLOADS = `printf '%s\\n' 'Acquire::Retries "1";' 'Acquire::http::Timeout "15";' 'Acquire::https::Timeout "15";' >> "$MMDEBSTRAP_APT_CONFIG"`

/**
 * Runs mmdebstrap; `what` begins the message of its failure. Its temporary files lie beside the tree and go with that, also
 * where it is killed (man 1 mmdebstrap, TMPDIR).
 */
export async function bootstrapTree(what: string, bootstrap: Bootstrap, tree: string, options: MakerOptions): Promise<void> {
  const environment = {...options.variables, TMPDIR: dirname(tree)}
  const space = watchSpace(dirname(dirname(tree)))
  const signal = options.signal ? AbortSignal.any([options.signal, space.signal]) : space.signal
  const onLine = (line: string) => {
    space.heard()
    options.onLine?.(line)
  }
  const making = runAsMaker(mmdebstrapCommand(bootstrap, tree), {...options, variables: environment, signal, onLine})
  const {exitCode, tail} = await making.finally(space.stop)
  if (exitCode !== 0) throw explainBootstrapFailure(what, tail, bootstrap)
}

/**
 * Whether the mirror has what a tree is made of: its indices are read and checked, and nothing is installed. `tree` is a
 * directory for them. man 1 mmdebstrap, --simulate
 */
export async function canBootstrap(bootstrap: Bootstrap, tree: string, options: MakerOptions): Promise<boolean> {
  const [program = '', ...args] = mmdebstrapCommand({...bootstrap, hooks: []}, tree)
  const environment = {...options.variables, TMPDIR: dirname(tree)}
  const {exitCode} = await runAsMaker([program, '--simulate', ...args], {...options, variables: environment})
  return exitCode === 0
}

export function mmdebstrapCommand(bootstrap: Bootstrap, tree: string): string[] {
  return [
    'mmdebstrap',
    '--mode=root',
    '--format=directory',
    `--variant=${bootstrap.variant}`,
    `--architectures=${bootstrap.architecture}`,
    ...bootstrap.include.map(names => `--include=${names}`), // one by one: a pattern of apt's takes a comma for its own
    ...bootstrap.skip.map(step => `--skip=${step}`),
    `--setup-hook=${BOUND_DOWNLOADS}`,
    ...bootstrap.hooks.map(({when, command}) => `--${when}-hook=${command}`),
    '--', // what follows is no option, whatever it is
    bootstrap.suite,
    tree,
    ...bootstrap.sources,
  ]
}

/** What apt and mmdebstrap say when something is wrong, and what that means to a user: KEYRING is the package with the keys. First match wins. */
const FAILURES: readonly {
  pattern: RegExp
  reason: 'network' | 'archive' | 'no-space' | 'bootstrap-failed'
  message: string
  hint: string
}[] = [
  {
    pattern: NO_SPACE,
    reason: 'no-space',
    message: 'no space left on the disk',
    hint: 'free some space (about 1.5 GB for a root and its twins), or keep the data elsewhere: XBUILD_ENV_DATA=/a/larger/disk',
  },
  {
    pattern:
      /Could not resolve|Temporary failure resolving|Could not connect|Network is unreachable|Connection (refused|timed out|failed)|Cannot initiate the connection/i,
    reason: 'network',
    message: 'the mirror cannot be reached',
    hint: 'check the network, http_proxy, and the mirror (--mirror URL)',
  },
  {
    pattern: /Error reading from server|Connection (closed|reset)|Data socket timed out/i,
    reason: 'network',
    message: 'the connection to the mirror broke',
    hint: 'try again; if it goes on, check the network, or use another mirror (--mirror URL)',
  },
  {
    pattern:
      /Hash Sum mismatch|unexpected size|Mirror sync in progress|Splitting up .* failed|lzma error|corrupted (filesystem )?(tarfile|archive)|Clearsigned file isn't valid/i,
    reason: 'archive',
    message: 'the mirror gave a file that does not match its index',
    hint: 'the mirror is damaged or being updated: try again later, or use another with --mirror URL',
  },
  {
    pattern: /GPG error|NO_PUBKEY|signatures? (were|was|couldn't)|BADSIG|EXPKEYSIG|Release file .* (expired|not valid)/i,
    reason: 'archive',
    message: "the mirror's index is not signed by a key that this host trusts",
    hint: 'install or update KEYRING, or use another mirror; verification is never switched off',
  },
  {
    // Of a suite that is not there apt says first that its Release is not: 404.
    pattern: /does not have a Release file|\/Release(\.gpg)? +404 +Not Found/i,
    reason: 'archive',
    message: 'the mirror does not have this suite',
    hint: 'check the mirror (--mirror URL) and the suite (--suite)',
  },
  {
    pattern: /404 +Not Found/i,
    reason: 'archive',
    message: 'the mirror does not have a file that its index names: 404',
    hint: 'it is being updated, or is a partial mirror: try again later, or use another with --mirror URL',
  },
  {
    pattern: /Failed to fetch/i,
    reason: 'archive',
    message: 'the mirror did not give a file',
    hint: 'try again later, or use another mirror (--mirror URL)',
  },
  {
    // After the others: apt says it also where the signature is missing or wrong.
    pattern: /is not signed/i,
    reason: 'archive',
    message: "the mirror's index has no signature",
    hint: 'use another mirror (--mirror URL); verification is never switched off',
  },
  {
    pattern: /Unable to locate package|has no installation candidate|Couldn't find any package/i,
    reason: 'archive',
    message: 'the suite does not have one of the packages',
    hint: 'check the names given with --include',
  },
]

/** Packages that apt cannot have together with the others that are asked for. */
export class UnmetPackages extends XbuildError {
  readonly packages: readonly string[]

  constructor(message: string, packages: readonly string[]) {
    super('bootstrap-failed', message, {hint: 'run it again with --verbose to see all that mmdebstrap says'})
    this.packages = packages
  }
}

/** As apt lists what it cannot have: a package, then what of it cannot be. cmdline/apt-private, ShowBroken */
const UNMET = /^\s*([a-z0-9][a-z0-9+.-]+)(?::[a-z0-9-]+)? : (?:Pre-?Depends|Depends|Conflicts|Breaks): /

const unmetIn = (tail: readonly string[]) => [...new Set(tail.flatMap(line => UNMET.exec(line)?.[1] ?? []))]

/** One clear error from what mmdebstrap printed last; apt's own `E:` lines name the address. */
export function explainBootstrapFailure(what: string, tail: readonly string[], {keyring}: Pick<Bootstrap, 'keyring'>): XbuildError {
  for (const {pattern, reason, message, hint} of FAILURES) {
    const line = tail.find(text => /^[EW]:/.test(text) && pattern.test(text)) ?? tail.find(text => pattern.test(text))
    if (line) return new XbuildError(reason, `${what}: ${message} (${line.trim()})`, {hint: hint.replace('KEYRING', keyring)})
  }
  const line = causeOf(tail)
  const unmet = unmetIn(tail)
  if (unmet.length > 0) return new UnmetPackages(`${what}: ${line.trim()}`, unmet)
  return new XbuildError('bootstrap-failed', `${what}: ${line.trim()}`, {
    hint: 'run it again with --verbose to see all that mmdebstrap says',
  })
}

/** What mmdebstrap's parent says when its child has said why. */
const ECHO = /^E: mmdebstrap failed to run/

/** Where in a program of ours an error was thrown that nobody foresaw. */
const STACK = /^ +at |^Node\.js v|^\s*$/

/** The first error with the line before it, in which the command that failed has said why; else what was said last. */
function causeOf(tail: readonly string[]): string {
  const at = tail.findIndex(text => /^E:/.test(text) && !ECHO.test(text))
  const [before, error] = [tail.slice(0, Math.max(at, 0)).findLast(text => !STACK.test(text)), tail[at]]
  if (error === undefined) return tail.findLast(text => /error/i.test(text)) ?? tail.at(-1) ?? 'it printed nothing'
  return before === undefined || /^[EIW]:/.test(before) ? error : `${before.trim()} (${error.trim()})`
}

/** Where a suite's packages come from, for architectures of it. */
export function archiveOf(
  suite: Suite,
  architectures: readonly string[],
  mirror: string | undefined,
): Pick<Bootstrap, 'sources' | 'keyring'> {
  const {sources, keys} = DISTRIBUTIONS[suite.distribution]
  return {sources: sources({suite: suite.suite, architectures, mirror}), keyring: keys.package}
}
