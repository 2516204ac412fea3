import {join} from 'node:path'
import type {Project, Step} from '../../../lib/core/project/project.js'
import {FORMATS, type NativeRecord} from '../../../lib/environment/record.js'
import {Store} from '../../../lib/environment/store.js'
import {buildPaths} from '../../../lib/project/paths.js'
import type {StepPlace} from '../../../lib/project/place.js'

export const step = (name: string, more: Partial<Step> = {}): Step => ({
  name,
  run: 'true',
  timeoutSeconds: undefined,
  allowFailure: 'none',
  inputs: undefined,
  ...more,
})

/** A project of one target and no steps; nothing but what is given matters. */
export const projectAt = (directory: string, more: Partial<Project> = {}): Project => ({
  directory,
  file: join(directory, 'xbuild-env.yaml'),
  targets: [{name: 'arm64', profile: 'arm64', suite: undefined, packages: [], environment: {}}],
  environment: {},
  steps: [],
  artifacts: [],
  sources: 'view',
  watch: {ignore: []},
  ...more,
})

/** A magic of arm64's programs. */
const MAGIC = '7f454c460201010000000000000000000200b700'

const RECORD: NativeRecord = {
  programs: 'native',
  format: FORMATS.native,
  name: 'arm64-1',
  profile: 'arm64',
  suite: 'bookworm',
  created: '2026-01-01T00:00:00.000Z',
  root: '0123456789abcdef',
  layers: ['fedcba9876543210'],
  elf: {magic: MAGIC, mask: 'ff'.repeat(MAGIC.length / 2)},
  endian: 'little',
  triple: 'aarch64-linux-gnu',
}

/** Where a build of such a project's target takes place, in a data home that has nothing yet. */
export function placeOf(home: string, project: Project): StepPlace & {environment: {key: string}} {
  const store = new Store(home)
  const [target] = project.targets
  if (!target) throw new Error('it has one')
  const paths = buildPaths(store, project, target.name)
  return {
    store,
    record: RECORD,
    binfmt: undefined,
    locks: [],
    project,
    target,
    paths,
    mode: 'hybrid',
    jobs: 1,
    onOuter: undefined,
    environment: {key: 'key-of-the-environment'},
  }
}
