import type {AttemptResult} from './result.js'

/** What one of the distribution's programs cost in a whole run, emulated. */
export interface ProgramCost {
  program: string
  /** ms */
  time: number
  execs: number
  /** Packages in whose builds it ran emulated. */
  packages: number
  /** Why, where it was last: a program is mostly emulated for one reason. */
  why: string
}

/** Over all packages of a run: what ran native, what emulated, and what twin to write next. */
export class RunLedger {
  native = 0
  emulated = 0
  own = 0
  readonly #programs = new Map<string, ProgramCost>()
  readonly #added = new Set<string>()

  /** Of each package, the first attempt that has one: others are experiments. */
  add({package: name, way, ledger}: Pick<AttemptResult, 'package' | 'way' | 'ledger'>): void {
    if (!ledger || way !== 'hybrid' || this.#added.has(name)) return
    this.#added.add(name)
    this.native += ledger.native
    this.emulated += ledger.emulated
    this.own += ledger.own
    for (const {program, time, execs, why} of ledger.rows) {
      const known = this.#programs.get(program) ?? {program, time: 0, execs: 0, packages: 0, why}
      this.#programs.set(program, {
        program,
        time: known.time + time,
        execs: known.execs + execs,
        packages: known.packages + 1,
        why,
      })
    }
  }

  /** The costliest first. */
  programs = (most: number): ProgramCost[] => [...this.#programs.values()].sort((a, b) => b.time - a.time).slice(0, most)
}
