import {join} from 'node:path'
import type {Artifact} from '../core/build-result.js'
import {DPKG_DATABASE, parseStatus} from '../core/debian.js'
import {writeFileSafely} from '../host/files.js'
import {readInEnvironment} from '../session/run.js'
import type {StepPlace} from './place.js'

/** What is told of artifacts, in the manifest.json beside them. */
export interface Manifest {
  target: string
  profile: string
  suite: string
  mode: string
  environment: {
    name: string
    /** A digest of what the environment was made of: the same key, the same environment. */
    key: string
    /** Versions by name. */
    packages: Record<string, string>
  }
  /** The scripts of the project's steps, in their order. */
  steps: {name: string; run: string}[]
  artifacts: readonly Artifact[]
}

export async function writeManifest(
  directory: string,
  place: StepPlace & {environment: {key: string}},
  artifacts: readonly Artifact[],
): Promise<void> {
  const {store, record, target, project, mode, environment} = place
  const trees = [place.paths.changes.upper, store.environment(record.name).upper, ...store.lowerLayers(record)]
  const installed = parseStatus(await readInEnvironment(trees, `${DPKG_DATABASE}/status`))
  const manifest: Manifest = {
    target: target.name,
    profile: record.profile,
    suite: record.suite,
    mode,
    environment: {
      name: record.name,
      key: environment.key,
      packages: Object.fromEntries(installed.map(({name, version}) => [name, version])),
    },
    steps: project.steps.map(({name, run}) => ({name, run})),
    artifacts,
  }
  await writeFileSafely(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
