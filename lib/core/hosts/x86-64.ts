import type {HostArchitecture} from './host.js'
import {X86_64_NAMES} from './names.js'
import {X86_64_CODE} from './x86-64-code.js'
import {X86_64_GO} from './x86-64-go.js'
import {X86_64_MATH} from './x86-64-math.js'
import {X86_64_PROCESSOR} from './x86-64-processor.js'
import {X86_64_STRINGS} from './x86-64-strings.js'
import {X86_64_UNAME} from './x86-64-uname.js'

export const X86_64: HostArchitecture = {
  ...X86_64_NAMES,
  code: X86_64_CODE,
  processor: X86_64_PROCESSOR,
  uname: X86_64_UNAME,
  goCode: X86_64_GO,
  stringCode: X86_64_STRINGS,
  mathChoices: X86_64_MATH,
  clockGettime: 228,
}
