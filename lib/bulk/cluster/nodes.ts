import {type ClusterNode, takesJobs} from '../../core/bulk/cluster.js'
import type {LiveNode} from '../../core/bulk/summary.js'
import type {Cluster} from '../../host/slurm.js'
import type {ClusterChoice, SharedRun, UnfitNode} from './shared-run.js'

/** The nodes of a cluster, as a run may use them. */
export class ClusterNodes {
  readonly #cluster: Cluster
  readonly #run: SharedRun
  readonly #choice: ClusterChoice
  #nodes: readonly ClusterNode[] = []
  #unfit: ReadonlyMap<string, UnfitNode & {since: string}> = new Map()

  constructor(cluster: Cluster, run: SharedRun, choice: ClusterChoice) {
    this.#cluster = cluster
    this.#run = run
    this.#choice = choice
  }

  /** Whether the cluster answered. */
  async look(): Promise<boolean> {
    const nodes = await this.#cluster.nodes(this.#choice.partition)
    if (nodes) this.#nodes = nodes
    this.#lookForUnfit()
    return nodes !== undefined
  }

  slots(): number {
    const {slots = Number.POSITIVE_INFINITY} = this.#choice
    return Math.min(
      slots,
      this.#nodes.reduce((sum, node) => sum + this.#slotsOf(node), 0),
    )
  }

  /** Whether a node has said that it cannot build. */
  isUnfit(node: string): boolean {
    this.#lookForUnfit()
    return this.#unfit.has(node)
  }

  /** Nodes that cannot build, and the one that a package was lost on last, unless no other is left. */
  without(last: string | undefined): string[] {
    const unfit = [...this.#unfit.keys()].filter(node => this.#nodes.some(one => one.name === node))
    if (last === undefined || unfit.includes(last)) return unfit
    return this.#nodes.some(node => this.#slotsOf(node) > 0 && node.name !== last) ? [...unfit, last] : unfit
  }

  /** `running`: how many attempts of the run each has. */
  live(running: ReadonlyMap<string, number>): LiveNode[] {
    return this.#nodes.map(node => {
      const {name, state, load, reason} = node
      const unfit = this.#unfit.get(name)
      const why = unfit?.why ?? reason
      return {
        name,
        state,
        slots: this.#slotsOf(node),
        running: running.get(name) ?? 0,
        load,
        ...(why === undefined ? {} : {why}),
        ...(unfit ? {since: unfit.since} : {}),
      }
    })
  }

  #slotsOf = (node: ClusterNode): number =>
    takesJobs(node) && !this.#unfit.has(node.name) ? Math.floor(node.processors / this.#choice.processors) : 0

  /** Where that cannot be seen, what was known holds. */
  #lookForUnfit(): void {
    this.#unfit = this.#run.unfitNodes() ?? this.#unfit
  }
}
