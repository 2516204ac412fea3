import type {SystemStep} from '../core/binfmt/system-entries.js'
import {SYSTEM_BINFMT} from '../core/binfmt/system-profiles.js'
import {shellLine} from '../core/shell-words.js'

/** One step of a change of the system, as a line for --dry-run. */
export function describeStep(step: SystemStep): string {
  switch (step.act) {
    case 'register':
      return `${shellLine(['printf', '%s', step.line])} > ${SYSTEM_BINFMT}/register`
    case 'unregister':
      return `echo -1 > ${SYSTEM_BINFMT}/${step.name}`
    case 'write':
      return step.content === undefined ? `rm -f ${step.path}` : `# write ${step.path}`
  }
}
