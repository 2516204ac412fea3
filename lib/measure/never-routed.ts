import {readProfile, readTwinRules} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {isNeverRouted} from '../core/twins/route.js'
import {targetFacts} from '../twins/table.js'

/**
 * Whether a program of a profile is never routed, by the profile's rules. A profile that is not known here, since the
 * trace was made by another xbuild-env, has no rules.
 */
export async function neverRouted(profileName: string): Promise<(program: string) => boolean> {
  try {
    const profile = await readProfile(profileName)
    if (profile.programs === 'native') return () => false
    const [rules, target] = [await readTwinRules(profile), targetFacts(profile)]
    return program => isNeverRouted(program, rules, target)
  } catch (error) {
    if (error instanceof XbuildError && error.reason === 'unknown-profile') return () => false
    throw error
  }
}
