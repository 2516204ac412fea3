import {posix} from 'node:path'
import {contentKey} from '../key.js'
import {shortened} from '../printable.js'
import type {Failure} from './failures.js'

/** Characters of a description. */
const MESSAGE = 1000

/**
 * What GitLab shows beside the sources of a merge request: https://docs.gitlab.com/ci/testing/code_quality/, "Code Quality report
 * format". Every entry has a place: of a failure that has none, it is the configuration. `directory`: of the project, in the repository.
 */
export function gitlabCodeQuality(failures: readonly Failure[], directory: string, configuration: string): string {
  const entries = failures.map(({title, message, place}) => ({
    description: shortened(`${title}: ${message.split('\n', 1)[0]}`, MESSAGE),
    check_name: title,
    // The same failure of another commit is the same: its line may be another.
    fingerprint: contentKey({title, message: message.split('\n', 1)[0] ?? '', path: place?.path ?? ''}),
    severity: 'major',
    location: {path: posix.join(directory, place?.path ?? configuration), lines: {begin: place?.line ?? 1}},
  }))
  const seen = new Set<string>()
  const once = entries.filter(({fingerprint}) => !seen.has(fingerprint) && seen.add(fingerprint))
  return `${JSON.stringify(once, null, 2)}\n`
}
