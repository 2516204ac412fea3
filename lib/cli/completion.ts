import type {Command} from 'commander'
import {readTargets} from '../config/profiles.js'
import {bashScript} from './completion-bash.js'
import {fishScript} from './completion-fish.js'
import {ASKED, type Asked, type Known, shapeOf} from './completion-shape.js'
import {zshScript} from './completion-zsh.js'
import {openContext} from './context.js'
import {print} from './output.js'

export type Shell = 'bash' | 'zsh' | 'fish'

const SCRIPTS = {bash: bashScript, zsh: zshScript, fish: fishScript} as const

/** A completion script for the program's commands and options, and the profiles and suites that there are. */
export async function completion(program: Command, shell: Shell): Promise<number> {
  const targets = await readTargets()
  const suites = new Set(targets.flatMap(target => Object.keys(target.suites)))
  const known: Known = {profiles: targets.map(({name}) => name), suites: [...suites].sort()}
  print(SCRIPTS[shell](shapeOf(program), known))
  return 0
}

/** Names, one a line, for the scripts; where they cannot be had there are none. */
export async function printNames(kind = 'environment'): Promise<number> {
  const asked = ASKED.find(one => one === kind)
  for (const name of asked ? await NAMES[asked]() : []) print(name)
  return 0
}

const NAMES: Record<Asked, () => Promise<readonly string[]>> = {
  environment: async () => (await openContext()).store.names(),
  session: async () => {
    const [{knownSessions}, {store}] = await Promise.all([import('../session/known.js'), openContext()])
    return knownSessions(store).map(({id}) => id)
  },
  target: async () => (await projectHere()).targets.map(({name}) => name),
  step: async () => (await projectHere()).steps.map(({name}) => name),
}

async function projectHere() {
  const {readProject} = await import('../config/project.js')
  return (await readProject(process.cwd())).project
}
