import {randomBytes} from 'node:crypto'
import {rm, writeFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {type ClusterNode, takesJobs} from '../core/bulk/cluster.js'
import {diagnoseNode, type NodeAnswer, type NodeReport} from '../core/doctor/cluster.js'
import type {Result} from '../core/doctor/doctor.js'
import {missing, ok} from '../core/doctor/facts.js'
import {parseJson} from '../core/json.js'
import {isThere} from '../host/files.js'
import {pingSlurm, runOnNode, slurm} from '../host/slurm.js'
import {openContext} from './context.js'
import {defaultNodeData} from './packages-engine.js'
import {VERSION} from './program.js'

export interface ClusterOptions {
  partition?: string
  shared?: string
  nodeData?: string
}

/** Nodes that are asked at once. */
const AT_ONCE = 16
/** Seconds that a node has to begin. */
const PATIENCE = 30

/** What a cluster can and cannot do: each of its nodes is asked, by a job of some seconds. */
export async function diagnoseCluster({partition, shared, nodeData}: ClusterOptions): Promise<Result[]> {
  const {store} = await openContext()
  const directory = resolve(shared ?? join(store.home, 'shared'))
  const ping = await pingSlurm()
  if (!ping.answers) {
    const fix = 'on the machine that controls it: systemctl start slurmctld; here: SLURM_CONF=/path/to/slurm.conf'
    return [{name: 'slurm', ...missing(`Slurm does not answer: ${ping.said}`, fix)}]
  }
  const nodes = (await slurm.nodes(partition)) ?? []
  if (nodes.length === 0)
    return [{name: 'slurm', ...missing('there are no nodes', 'choose a partition that sinfo lists: --partition NAME')}]
  if (!isThere(directory)) {
    return [
      {name: 'shared directory', ...missing(`${directory} is not there`, `make it on a disk that all nodes see: mkdir -p ${directory}`)},
    ]
  }
  const nonce = `.xbuild-env-doctor-${randomBytes(8).toString('hex')}`
  await writeFile(join(directory, nonce), nonce)
  const words = ['doctor-node', directory, nonce, '--node-data', resolve(nodeData ?? defaultNodeData())]
  try {
    const answers = await inTurns(nodes, node => askNode(node, partition, words))
    const found = answers.flatMap(([node, answer]) => diagnoseNode(node.name, answer, VERSION))
    return [{name: 'slurm', ...ok(`answers; ${nodes.length} nodes, ${nodes.filter(takesJobs).length} of which take jobs`)}, ...found]
  } finally {
    await rm(join(directory, nonce), {force: true})
  }
}

async function askNode(node: ClusterNode, partition: string | undefined, words: readonly string[]): Promise<NodeAnswer> {
  if (!takesJobs(node)) return {kind: 'down', state: node.state, why: node.reason}
  const argv = [process.execPath, process.argv[1] ?? 'xbuild-env', 'packages', ...words]
  const {exitCode, stdout, stderr} = await runOnNode(node.name, partition, argv, PATIENCE)
  const report = parseJson(stdout.trim().split('\n').at(-1) ?? '') as NodeReport | undefined
  if (exitCode === 0 && Array.isArray(report?.results)) return {kind: 'report', report}
  if (/immediate execution impossible|Unable to allocate resources|allocation (failure|revoked)/i.test(stderr)) return {kind: 'busy'}
  return {kind: 'failed', why: stderr.trim().split('\n').at(-1) || `srun ended with ${exitCode}`}
}

/** In their order, so many at once. */
async function inTurns<T, R>(all: readonly T[], use: (one: T) => Promise<R>): Promise<[T, R][]> {
  const results: [T, R][] = []
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE)
    results.push(...(await Promise.all(some.map(async (one): Promise<[T, R]> => [one, await use(one)]))))
  }
  return results
}
