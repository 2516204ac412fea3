import {type Finding, missing, ok, warning} from './facts.js'

/** What a node says of itself. */
export interface NodeReport {
  /** Of the program that is there. */
  version: string
  /** What `doctor` finds there, by name. */
  results: readonly (Finding & {name: string})[]
  /** Of the disk on which it builds. */
  disk: {path: string; kind: 'own' | 'network'; free: number}
  /** Whether it finds in the shared directory what was put there, and may write. */
  shared: {kind: 'works'} | {kind: 'fails'; why: string}
}

/** What came of asking a node. `busy`: it had no place for the question. */
export type NodeAnswer =
  | {kind: 'report'; report: NodeReport}
  | {kind: 'busy'}
  | {kind: 'down'; state: string; why: string | undefined}
  | {kind: 'failed'; why: string}

type Named = Finding & {name: string}

/** Of what `doctor` looks at, what a node needs: environments are made elsewhere. */
const NEEDED = new Set([
  'node',
  'architecture',
  'shims',
  'kernel',
  'container',
  'user namespaces',
  'ids',
  'id programs',
  'data directory',
  'free space',
  'overlayfs',
  'tmpfs',
  'binds',
  'binfmt_misc',
  'session',
  'flock',
])

/** Bytes: an environment, and a build of some size. */
const ENOUGH = 10 * 2 ** 30

/** What one node lacks, or that it lacks nothing. `version`: this machine's. */
export function diagnoseNode(node: string, answer: NodeAnswer, version: string): Named[] {
  const named = (what: string, finding: Finding): Named => ({name: `${node}: ${what}`, ...finding})
  switch (answer.kind) {
    case 'busy':
      return [
        named('node', warning('it is busy: it was not asked', 'ask again when its jobs have ended: xbuild-env doctor --engine slurm')),
      ]
    case 'down': {
      const why = answer.why === undefined ? '' : `: ${answer.why}`
      return [
        named(
          'node',
          warning(`it takes no jobs (${answer.state}${why})`, `when it is mended: scontrol update NodeName=${node} State=RESUME`),
        ),
      ]
    }
    case 'failed':
      return [
        named(
          'node',
          missing(`nothing could be run there: ${answer.why}`, 'xbuild-env and node have to be there at the same path as here'),
        ),
      ]
    case 'report': {
      const {report} = answer
      const own = report.results.filter(({name, state}) => NEEDED.has(name) && state !== 'ok')
      const found = [
        ...own.map(({name, ...finding}) => named(name, finding)),
        ...[checkVersion(report, version), checkDisk(report), checkShared(report)].flatMap(([what, finding]) =>
          finding.state === 'ok' ? [] : [named(what, finding)],
        ),
      ]
      return found.length > 0 ? found : [named('node', ok(`can build: sessions work, ${gib(report.disk.free)} GiB on a disk of its own`))]
    }
  }
}

const gib = (bytes: number) => Math.floor(bytes / 2 ** 30)

const checkVersion = ({version: there}: NodeReport, here: string): [string, Finding] => [
  'version',
  there === here ? ok(there) : missing(`xbuild-env is ${there} there, and ${here} here`, 'install the same on all nodes'),
]

function checkDisk({disk: {path, kind, free}}: NodeReport): [string, Finding] {
  const name = 'disk'
  if (kind === 'network') {
    return [
      name,
      missing(
        `${path} is on a network's file system, which knows no subordinate ids`,
        "name a directory of the node's own disk: --node-data DIR",
      ),
    ]
  }
  return [
    name,
    free >= ENOUGH ? ok(path) : warning(`${path} has ${gib(free)} GiB free`, 'free some, or name a larger disk: --node-data DIR'),
  ]
}

const checkShared = ({shared}: NodeReport): [string, Finding] => [
  'shared directory',
  shared.kind === 'works'
    ? ok('works')
    : missing(shared.why, 'name a directory that all nodes see at the same path, and may write: --shared DIR'),
]
