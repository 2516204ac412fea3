import type {SessionRecord} from './record.js'

/**
 * What can be done where an environment is in use. `holders`: the sessions that are known, of those who hold it; `held`: by one alone, or so
 * that ephemeral sessions, and a copy, may be made beside it.
 */
export function inUseHint(
  environment: string,
  holders: readonly Pick<SessionRecord, 'id' | 'lasting' | 'company'>[],
  wanted: SessionRecord['lasting'],
  held: 'alone' | 'shared',
): string {
  const stays = holders.filter(({company}) => company === 'held').map(({id}) => id)
  const end = stays.length > 0 ? `end what stays: xbuild-env session stop ${stays.join(' ')}` : 'wait for it to end'
  if (held === 'shared') {
    return `${end}; beside it go "run --ephemeral", "shell --ephemeral", and a copy: xbuild-env clone ${environment} ${environment}-copy`
  }
  const joins = wanted === 'ephemeral' && holders.some(({lasting, company}) => lasting === 'lasting' && company !== 'alone')
  return joins ? `what it changes would change under an ephemeral one: ${end}, or leave out --ephemeral: "run" and "shell" join it` : end
}
