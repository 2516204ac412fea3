import {readFileSync, statfsSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {nodeHome, UnfitError} from '../bulk/cluster/node-store.js'
import type {NodeReport} from '../core/doctor/cluster.js'
import {diagnose} from '../core/doctor/doctor.js'
import {gatherFacts} from '../host/facts.js'
import {existingPart} from '../host/mount-options.js'
import {openContext} from './context.js'
import {print} from './output.js'
import {VERSION} from './program.js'

/** What `doctor --engine slurm` runs on each node: prints what the node says of itself, as JSON. */
export async function doctorNode(shared: string, nonce: string, nodeData: string): Promise<number> {
  const {settings} = await openContext({data: nodeData})
  const node = process.env.SLURMD_NODENAME ?? hostname()
  const unfit = await nodeHome(nodeData, node).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof UnfitError) return error.unfit
      throw error
    },
  )
  const facts = await gatherFacts({data: nodeData, binfmt: settings.binfmt, profiles: []})
  const refused = unfit ? [{name: 'data directory', state: 'missing' as const, what: unfit.why, fix: unfit.hint}] : []
  const report: NodeReport = {
    version: VERSION,
    results: [...diagnose(facts, []), ...refused],
    disk: diskOf(nodeData),
    shared: await lookAtShared(shared, nonce, node),
  }
  print(JSON.stringify(report))
  return 0
}

/** NFS, SMB, CIFS, Lustre, Ceph, AFS, GPFS, FUSE (sshfs and its like), 9p: linux/magic.h, and those of the vendors. */
const NETWORK = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x0bd00bd0, 0x00c36400, 0x5346414f, 0x47504653, 0x65735546, 0x01021997])

function diskOf(path: string): NodeReport['disk'] {
  const {type, bavail, bsize} = statfsSync(existingPart(path))
  return {path, kind: NETWORK.has(type) ? 'network' : 'own', free: bavail * bsize}
}

/** Reads what was put there, and answers beside it. */
async function lookAtShared(shared: string, nonce: string, node: string): Promise<NodeReport['shared']> {
  try {
    const read = readFileSync(join(shared, nonce), 'utf8')
    if (read !== nonce) return {kind: 'fails', why: `${shared} is another directory there`}
    const answer = join(shared, `${nonce}-${node}`)
    await writeFile(answer, nonce, {flag: 'wx'})
    await rm(answer)
    return {kind: 'works'}
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    return {
      kind: 'fails',
      why: code === 'ENOENT' ? `${shared} is another directory there, or none` : `${shared} cannot be written there (${code})`,
    }
  }
}
