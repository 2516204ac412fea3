import type {HostArchitecture} from './host.js'
import {X86_64_CODE} from './x86-64-code.js'
import {X86_64_PROCESSOR} from './x86-64-processor.js'
import {X86_64_UNAME} from './x86-64-uname.js'

export const X86_64: HostArchitecture = {
  debian: 'amd64',
  triple: 'x86_64-linux-gnu',
  machineName: 'x86_64-pc-linux-gnu',
  loader: '/lib64/ld-linux-x86-64.so.2',
  machine: 62,
  code: X86_64_CODE,
  processor: X86_64_PROCESSOR,
  uname: X86_64_UNAME,
}
