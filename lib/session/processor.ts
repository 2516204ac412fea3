import {join} from 'node:path'
import {Writable} from 'node:stream'
import {contentKey} from '../core/key.js'
import type {HostPath, SessionPlan} from '../core/session/plan.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {fileIdentity} from '../host/file-identity.js'
import {isNotKept, writeFileSafely} from '../host/files.js'
import {firstProcessor, onlineProcessors, processorDescription} from '../host/processor.js'
import {runSession} from '../host/session.js'
import {makeOnce} from '../host/store.js'
import {planSession, type SessionInput} from './plan.js'

/** Raised when the text would come out otherwise. */
const FORMAT = 1

const NAME = 'cpuinfo'

/** Bytes: more than an emulator says of a thousand processors. */
const LIMIT = 2 ** 20

/** What an emulated program takes, and a hundred times more: a root that somebody else made could have one that never ends. */
const LONGEST_MS = 60_000

/**
 * The file that says of the processor what the emulator tells its programs (/proc/cpuinfo), for those that run native. Undefined
 * where it tells them what the kernel says, as most do. The emulator's depends on how many processors the machine has. All
 * environments of a root and a twin set share it, so it comes from these alone.
 */
export async function emulatorsProcessor(store: Store, record: EnvironmentRecord, input: SessionInput): Promise<HostPath | undefined> {
  if (record.programs === 'native') return undefined
  const key = `${record.twins}-${contentKey({format: FORMAT, root: record.root, online: onlineProcessors()})}`
  try {
    await makeOnce(store.processors, key, async partial => {
      const text = await ask(planAsking(store, record, input))
      const isOwn = firstProcessor(text) !== processorDescription()
      await writeFileSafely(join(partial, NAME), isOwn ? text : '')
    })
  } catch (error) {
    if (isNotKept(error)) return undefined
    throw error
  }
  const path = join(store.processors, key, NAME)
  return (fileIdentity(path)?.size ?? 0) > 0 ? path : undefined
}

/** A session of the root alone, which no other has changed, in which nothing runs native. */
const planAsking = (store: Store, record: EnvironmentRecord, input: SessionInput): SessionPlan =>
  planSession({
    ...input,
    lower: [store.rootTree(record.root)],
    upper: undefined,
    routes: store.environment(record.name).emulatedRoutes,
    binds: [],
    network: 'own',
    terminal: false,
    command: {
      kind: 'execute',
      argv: ['/usr/bin/cat', '/proc/cpuinfo'].map(argument => Buffer.from(argument)),
      variables: [],
      directory: '/',
      uid: 0,
      gid: 0,
      groups: [],
    },
  })

/** Empty where the root has no program for it yet, as those of CPUs without an archive. */
async function ask(plan: SessionPlan): Promise<string> {
  const tooMuch = new AbortController()
  const parts: Buffer[] = []
  let size = 0
  const bytes = new Writable({
    write(part: Buffer, _encoding, done) {
      size += part.length
      if (size <= LIMIT) parts.push(part)
      else tooMuch.abort()
      done()
    },
  })
  const signal = AbortSignal.any([tooMuch.signal, AbortSignal.timeout(LONGEST_MS)])
  const result = await runSession(plan, {output: {bytes}, signal})
  const isAnswer = result.kind === 'ended' && result.exitCode === 0 && size <= LIMIT
  return isAnswer ? Buffer.concat(parts).toString('latin1') : ''
}
