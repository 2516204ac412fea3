import {describeBlocked} from '../core/bulk/blocked.js'
import type {Order} from '../core/bulk/cycles.js'
import type {BuildSettings, LeftOut} from '../core/bulk/plan.js'
import type {IndexedSource} from '../core/debian/source-index.js'
import type {Coming} from '../environment/update.js'
import {buildProfiles} from '../packages/deb-plan.js'
import {makePlanFromNothing, type PlanFromNothingInput} from './plan-from-nothing.js'

export interface ChosenFromNothing {
  index: readonly IndexedSource[]
  /** What was asked for, and all that it needs. */
  packages: readonly IndexedSource[]
  left: LeftOut[]
  blocked: ReadonlyMap<string, string>
  order: Order
  coming: Coming
  /** Build profiles by which cycles are cut. */
  cuts: ReadonlyMap<string, readonly string[]>
  /** Build profiles without which more would be needed than can be had. */
  lessened: ReadonlyMap<string, readonly string[]>
}

/** Twins of more tools than this would take longer to fetch than most of a run's builds. */
const MOST_TOOLS = 400

/** What is built for a CPU without an archive, and in which order. */
export async function chooseFromNothing(
  input: Omit<PlanFromNothingInput, 'profiles'>,
  settings: Pick<BuildSettings, 'checks' | 'profiles'>,
): Promise<ChosenFromNothing> {
  const {index, needs, blocked, cuts, lessened, tools, left} = await makePlanFromNothing({...input, profiles: buildProfiles(settings)})
  const stubs = tools.size > MOST_TOOLS ? [] : [...tools]
  return {
    index,
    packages: index.filter(({name}) => needs.has(name) || blocked.has(name)),
    left: [...left],
    blocked: new Map([...blocked].map(([name, why]) => [name, describeBlocked(why)])),
    order: {needs, cuts: new Map(cuts.map(({source, without}) => [source, new Set(without.filter(one => needs.has(one)))]))},
    coming: {names: [], stubs, withModules: []},
    cuts: new Map(cuts.map(({source, profiles}) => [source, profiles])),
    lessened: new Map(lessened.map(({source, profiles}) => [source, profiles])),
  }
}
