import {parseUpgrades, type Upgrade} from '../core/debian/upgrades.js'
import {XbuildError} from '../core/errors.js'
import {contentKey} from '../core/key.js'
import type {EmulatedRecord, EnvironmentRecord} from '../environment/record.js'
import {renewTwins} from '../environment/update.js'
import {runSession} from '../host/session.js'
import {statusTime} from './files.js'
import type {Lasting} from './hold.js'
import type {HeldPlace} from './place.js'
import {planScript, type Script} from './script.js'
import {withTree} from './twins.js'

/** What is upgraded: all that can be without removing anything. man 8 apt-get */
const UPGRADE = 'apt-get --quiet --yes --with-new-pkgs'

const script = (lasting: Lasting, text: string): Script => ({
  lasting,
  variables: {DEBIAN_FRONTEND: 'noninteractive'},
  argv: ['sh', '-c', text],
})

/** `output`: where what apt-get says goes. */
export const upgradeScript = (output: 'stdout' | 'stderr'): Script =>
  script('lasting', `${output === 'stderr' ? 'exec >&2; ' : ''}exec ${UPGRADE} upgrade`)

/** Reads the archive's lists, and returns of which packages it has newer ones. */
export async function findUpgrades(
  place: HeldPlace,
  lasting: Lasting,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Upgrade[]> {
  const lines: string[] = []
  const take = (line: string) => {
    lines.push(line)
    onLine(line)
  }
  const plan = await planScript(place, script(lasting, `apt-get --quiet update && ${UPGRADE} --simulate upgrade`))
  const result = await runSession(plan, {output: {lines: take}, locks: place.locks, signal})
  signal.throwIfAborted()
  if (result.kind === 'ended' && result.exitCode === 0) return parseUpgrades(lines)
  const why = lines.find(line => line.startsWith('E: ')) ?? lines.at(-1) ?? 'apt-get ended without a message'
  throw new XbuildError('archive', `the archive's lists cannot be fetched: ${why.replace(/^E: /, '')}`, {
    hint: 'the mirrors of the environment must be reachable: try again later',
  })
}

/** The twins of what will come: the programs of packages that are upgraded run native from their first moment. */
export function fetchComingTwins(
  place: HeldPlace & {record: EmulatedRecord},
  upgrades: readonly Upgrade[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<EnvironmentRecord> {
  const {store, record} = place
  const generation = contentKey({before: record.generation, upgrades})
  return withTree(place, tree => renewTwins(store, record, {tree, time: statusTime(store, record)}, generation, {onLine, signal}))
}
