import {ProgramImage} from '../../core/elf/image.js'
import {NotAsExpected} from '../../core/elf/not-as-expected.js'
import {machineParts} from '../../core/twins/route.js'
import type {Adaptation, TwinKind} from './kind.js'

/** A text that a twin has built in, and the one that the target's own program has in its place. */
interface Text {
  from: string
  to: string
}

/** Those of dpkg's programs that have the name of their own architecture built in: lib/dpkg/arch.c. */
const DPKG = /^\/usr\/bin\/dpkg(-(deb|divert|query|split|trigger))?$/

function textsOf(path: string, {host, target: {architecture, machine}}: Adaptation): Text[] {
  if (DPKG.test(path)) return [{from: host.debian, to: architecture}]
  if (path === '/usr/bin/make') return [{from: host.machineName, to: machine}] // MAKE_HOST, --version
  if (path !== '/usr/bin/bash') return []
  const [built, own] = [machineParts(host.machineName), machineParts(machine)]
  return [
    {from: host.machineName, to: machine}, // MACHTYPE, BASH_VERSINFO, --version
    {from: built.hosttype, to: own.hosttype},
    {from: built.ostype, to: own.ostype},
  ]
}

/** Programs that have the name of the host's machine built in say the target's. */
export const MACHINE_NAMES: TwinKind = {
  name: 'machine-names',
  programs: {
    isFor: (path, adaptation) => textsOf(path, adaptation).length > 0,
    adapt: (bytes, path, adaptation) => {
      const image = new ProgramImage(bytes)
      for (const {from, to} of textsOf(path, adaptation)) {
        if (from !== to && image.replaceText(from, to) === 0) throw new NotAsExpected(`"${from}" is not where it could be made "${to}"`)
      }
    },
  },
}
