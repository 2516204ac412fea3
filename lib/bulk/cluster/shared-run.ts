import {mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {jobName} from '../../core/bulk/cluster.js'
import type {Phase, Way} from '../../core/bulk/events.js'
import {PHASES} from '../../core/bulk/log.js'
import type {BulkPlan, PlannedPackage} from '../../core/bulk/plan.js'
import type {Job} from '../../core/bulk/queue.js'
import type {AttemptResult} from '../../core/bulk/result.js'
import {XbuildError} from '../../core/errors.js'
import {parseJson} from '../../core/json.js'
import {isThere, makeDirectoryAtOnce, writeFileAtOnce} from '../../host/files.js'
import {readResult} from '../attempt-result.js'
import type {RunDirectory} from '../run-directory.js'

/** How a run is built on a cluster: the run's own engine.json. */
export interface ClusterChoice {
  format: 1
  engine: 'slurm'
  /** Of this run, among all that share the cluster. */
  id: string
  /** A directory that all nodes and this machine see. */
  shared: string
  /** Where nodes keep environments and build: on a disk of their own. */
  nodeData: string
  partition: string | undefined
  /** Processors of an attempt. */
  processors: number
  /** Attempts at once; undefined: as many as the nodes have processors for. */
  slots: number | undefined
}

const choicePath = ({path}: RunDirectory) => join(path, 'engine.json')

export const writeChoice = (directory: RunDirectory, choice: ClusterChoice): void =>
  writeFileAtOnce(choicePath(directory), `${JSON.stringify(choice)}\n`)

/** undefined: on this machine. */
export function readChoice(directory: RunDirectory): ClusterChoice | undefined {
  const path = choicePath(directory)
  if (!isThere(path)) return undefined
  const choice = parseJson(readFileSync(path, 'utf8')) as ClusterChoice | undefined
  if (choice?.format === 1 && choice.engine === 'slurm') return choice
  throw new XbuildError('unreadable', `${path} cannot be read: where the run is built is not known`, {
    hint: 'use the xbuild-env that made it',
  })
}

/** What nodes have to know of a run. */
export interface SharedPlan {
  plan: BulkPlan
  choice: ClusterChoice
  /** Of the names of environments: the file that each comes from, and its key. */
  environments: Readonly<Record<string, {file: string; key: string}>>
}

/** What nodes have to know of an attempt. */
export interface AttemptOrder {
  planned: PlannedPackage
  attempt: number
  way: Way
  /** Build profiles of this attempt alone. */
  profiles: readonly string[]
  /** The number of the attempt whose packages it is compared with. */
  hybrid?: number
  /** The index of what the run has built, by its name. */
  feed?: string
}

/** What a node says where it cannot build anything. */
export interface UnfitNode {
  why: string
  hint: string
}

/** A run's part of the directory that all nodes see. */
export class SharedRun {
  readonly path: string
  readonly attempts: string

  constructor(path: string) {
    this.path = path
    this.attempts = join(path, 'attempts')
  }

  attempt = (name: string, number: number): string => join(this.attempts, name, String(number))
  result = (name: string, number: number): AttemptResult | undefined => readResult(this.attempt(name, number))
  coming = (): string => join(this.path, 'coming.json')
  #order = (name: string, attempt: number) => join(this.path, 'orders', `${name}.${attempt}`)
  #told = (name: string, attempt: number) => join(this.path, 'told', `${name}.${attempt}`)
  #feed = (name: string) => join(this.path, 'feeds', name)
  #plan = () => join(this.path, 'plan.json')
  #unfit = () => join(this.path, 'unfit')

  /** Whether it can be seen at the moment. */
  isThere = (): boolean => isThere(this.#plan())

  create(plan: SharedPlan, coming: string | undefined): void {
    for (const name of ['attempts', 'orders', 'told', 'feeds', 'unfit']) makeDirectoryAtOnce(join(this.path, name))
    if (coming !== undefined) writeFileAtOnce(this.coming(), coming)
    writeFileAtOnce(this.#plan(), `${JSON.stringify(plan)}\n`)
  }

  plan(): SharedPlan {
    const plan = parseJson(readFileSync(this.#plan(), 'utf8')) as SharedPlan | undefined
    if (plan?.choice?.format === 1) return plan
    throw new XbuildError('unreadable', `${this.#plan()} is damaged`, {hint: 'begin the run anew'})
  }

  putOrder(order: AttemptOrder): void {
    writeFileAtOnce(this.#order(order.planned.name, order.attempt), JSON.stringify(order))
  }

  order(name: string, attempt: number): AttemptOrder {
    const path = this.#order(name, attempt)
    const order = parseJson(readFileSync(path, 'utf8')) as AttemptOrder | undefined
    if (order?.planned?.name === name) return order
    throw new XbuildError('unreadable', `${path} is damaged`, {hint: 'go on with the run: xbuild-env packages resume'})
  }

  /** Under its own sum: what is the same is written once. */
  putFeed(name: string, index: string): void {
    if (!isThere(this.#feed(name))) writeFileAtOnce(this.#feed(name), index)
  }

  feed = (name: string): string => readFileSync(this.#feed(name), 'utf8')

  /** For whoever looks at the run: a phase that could not be told is nobody's loss. */
  tellPhase(name: string, attempt: number, phase: Phase): void {
    try {
      writeFileAtOnce(this.#told(name, attempt), phase)
    } catch {}
  }

  /** Why an attempt left no result; as far as that can be told. */
  tellTrouble(name: string, attempt: number, why: string): void {
    try {
      writeFileAtOnce(this.#told(name, attempt), `! ${why}`)
    } catch {}
  }

  told(name: string, attempt: number): {kind: 'phase'; phase: Phase} | {kind: 'trouble'; why: string} | undefined {
    const path = this.#told(name, attempt)
    try {
      const text = readFileSync(path, 'utf8')
      if (text.startsWith('! ')) return {kind: 'trouble', why: text.slice(2)}
      return Object.hasOwn(PHASES, text) ? {kind: 'phase', phase: text as Phase} : undefined
    } catch {
      return undefined
    }
  }

  refuseNode(node: string, unfit: UnfitNode): void {
    writeFileAtOnce(join(this.#unfit(), node), JSON.stringify(unfit))
  }

  /** Nodes that could not build may have been mended. */
  acceptNodes(): void {
    rmSync(this.#unfit(), {recursive: true, force: true})
    makeDirectoryAtOnce(this.#unfit())
  }

  /** Nodes that have said that they cannot build; undefined where that cannot be seen. */
  unfitNodes(): ReadonlyMap<string, UnfitNode & {since: string}> | undefined {
    try {
      const names = readdirSync(this.#unfit()).filter(name => !name.startsWith('.'))
      return new Map(
        names.flatMap(name => {
          const path = join(this.#unfit(), name)
          const unfit = parseJson(readFileSync(path, 'utf8')) as UnfitNode | undefined
          return typeof unfit?.why === 'string' ? [[name, {...unfit, since: statSync(path).mtime.toISOString()}] as const] : []
        }),
      )
    } catch {
      return undefined
    }
  }
}

/** Below the directory that is shared. */
export const sharedRunPath = (shared: string, name: string, id: string): string => join(shared, 'runs', `${name}-${id}`)
export const sharedEnvironments = (shared: string): string => join(shared, 'environments')

/** What nodes leave is what the run has: its results are a link to theirs. */
export function linkAttempts(directory: RunDirectory, shared: SharedRun): void {
  try {
    symlinkSync(shared.attempts, directory.attempts)
  } catch (error) {
    if (readLink(directory.attempts) !== shared.attempts) throw error
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** How a job's script begins this program: as this one was begun, with the same path on each node. */
export function jobScript(run: SharedRun, job: Job, {nodeData, processors}: ClusterChoice): string {
  const program = process.argv[1] ?? 'xbuild-env'
  const words = [process.execPath, program, 'packages', 'attempt', run.path, job.package, String(job.attempt), '--jobs', String(processors)]
  return `#!/bin/sh\n# ${jobName('', job)}\nexec ${[...words, '--node-data', nodeData].map(quoted).join(' ')}\n`
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

/** A directory whose parents are there: where it is seen by no other machine, its mount is missing, and must not be made. */
export function makeBelow(parent: string, name: string): void {
  const path = join(parent, name)
  if (!isThere(dirname(path))) throw new XbuildError('bad-directory', `${parent} is not there`, {hint: 'mount it, or choose: --shared DIR'})
  if (!isThere(path)) mkdirSync(path, 0o700)
}
