import {parseDuration} from '../core/duration.js'
import type {Project, ProjectTarget, Step} from '../core/project/project.js'
import {findTarget, ownName, type Target} from './profiles.js'
import type {ProjectConfig} from './project-schema.js'

/** The same, with profiles called by their own names, whatever the file calls them. */
export function withOwnNames(config: ProjectConfig, known: readonly Target[]): ProjectConfig {
  const own = (name: string) => findTarget(name, known)?.name ?? name
  const targets = config.targets.map(target => (typeof target === 'string' ? own(target) : {...target, profile: own(target.profile)}))
  const names = targets.map(target => (typeof target === 'string' ? target : (target.name ?? target.profile)))
  const steps = Object.entries(config.steps).map(([name, step]): [string, typeof step] => {
    const allowed = typeof step === 'string' ? undefined : step['allow-failure']
    if (typeof step === 'string' || !Array.isArray(allowed)) return [name, step]
    return [name, {...step, 'allow-failure': allowed.map(target => ownName(target, names, known))}]
  })
  return {...config, targets, steps: Object.fromEntries(steps)}
}

/** The configuration with all its defaults. */
export function toProject(config: ProjectConfig, directory: string, file: string): Project {
  return {
    directory,
    file,
    targets: config.targets.map(target => toTarget(config, target)),
    variables: config.env ?? {},
    steps: Object.entries(config.steps).map(([name, step]) => toStep(name, step)),
    artifacts: config.artifacts ?? [],
    sources: config['in-place'] ? 'in-place' : 'view',
    watch: {ignore: config.watch?.ignore ?? []},
  }
}

function toTarget(config: ProjectConfig, target: ProjectConfig['targets'][number]): ProjectTarget {
  const own: Exclude<typeof target, string> = typeof target === 'string' ? {profile: target} : target
  return {
    name: own.name ?? own.profile,
    profile: own.profile,
    suite: own.suite,
    packages: [...new Set([...(config.packages ?? []), ...(own.packages ?? [])])].sort(),
    variables: {...config.env, ...own.env},
  }
}

function toStep(name: string, step: ProjectConfig['steps'][string]): Step {
  if (typeof step === 'string') return {name, run: step, timeoutSeconds: undefined, allowFailure: 'none', inputs: undefined}
  const allowed = step['allow-failure'] ?? false
  return {
    name,
    run: step.run,
    timeoutSeconds: step.timeout === undefined ? undefined : parseDuration(step.timeout),
    allowFailure: typeof allowed === 'boolean' ? (allowed ? 'all' : 'none') : allowed,
    inputs: step.inputs,
  }
}
