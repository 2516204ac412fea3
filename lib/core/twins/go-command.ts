import {type GoFunction, goFunctions} from '../elf/go-functions.js'
import {goTextAddress, goTextUses, setGoTexts} from '../elf/go-texts.js'
import type {ProgramImage} from '../elf/image.js'
import {NotAsExpected} from '../elf/not-as-expected.js'
import type {HostArchitecture} from '../hosts/host.js'
import {goArchitecture} from './go.js'

/** Where the go command has the architecture that it runs on built in: src/cmd/go and src/go/build of Go 1.19, runtime.GOARCH. */
const NAMED: readonly string[] = ['internal/buildcfg.init']
const DIRECTORY_NAMED: readonly string[] = ['go/build.getToolDir', 'cmd/go/internal/cfg.SetGOROOT']
/** Functions that ask whether they compile for it: the last comparison of each. Others ask whether they compile for amd64. */
const COMPARED: Readonly<Record<string, number>> = {
  'go/build.defaultContext': 1,
  'cmd/go/internal/cfg.defaultContext': 1,
  'cmd/go/internal/work.FindExecCmd': 1,
  'cmd/go/internal/work.instrumentInit': 6,
}
/** And in how many places of its data: base.ToolGOARCH, what "go env" says, and what "go version" and "go bug" do. */
const DATA = 3

/** Letters that tell one architecture of a length from all others. */
const COMPARED_LETTERS = 5

/**
 * Makes a go command tell of another architecture as its own, compile for that by default and look for its tools. `target`: what Debian
 * calls it. Throws NotAsExpected where it has not exactly the places that are known.
 */
export function makeGoCommandNative(image: ProgramImage, host: HostArchitecture, target: string): void {
  const [from, to] = [goArchitecture(host.debian), goArchitecture(target)]
  const {goCode} = host
  if (goCode === undefined || from.length !== COMPARED_LETTERS || to.length < COMPARED_LETTERS)
    throw new NotAsExpected(`how a program compares "${from}" with a text cannot be made a comparison with "${to}"`)
  const functions = goFunctions(image, [...NAMED, ...DIRECTORY_NAMED, ...Object.keys(COMPARED)])
  const codeOf = (name: string) => {
    const {start, end} = functions.get(name) as GoFunction
    const at = image.offset(start) as number
    return {bytes: image.bytes.subarray(at, at + end - start), address: start, isFixed: true}
  }
  const data = goTextUses(image, from)
  if (data.length !== DATA) throw new NotAsExpected(`its data names "${from}" ${data.length} times, not ${DATA}`)
  setGoTexts(image, data, to)

  const replace = (name: string, text: string, other: string) => {
    const uses = image.placesOf(Buffer.from(text)).flatMap(address => goCode.textsTaken(codeOf(name), address, text.length))
    const [use] = uses
    if (use === undefined || uses.length > 1) throw new NotAsExpected(`${name} names "${text}" ${uses.length} times, not once`)
    image.setBytes(use.address, [...host.code.useOf(use.address, goTextAddress(image, other))])
    image.setBytes(use.length, [other.length])
  }
  for (const name of NAMED) replace(name, from, to)
  for (const name of DIRECTORY_NAMED) replace(name, toolDirectory(from), toolDirectory(to))

  for (const [name, count] of Object.entries(COMPARED)) {
    const found = goCode.comparisons(codeOf(name), from)
    const last = found.at(-1)
    if (last === undefined || found.length !== count)
      throw new NotAsExpected(`${name} asks for "${from}" ${found.length} times, not ${count}`)
    image.setBytes(last.length, [to.length])
    image.setBytes(last.first, [...Buffer.from(to.slice(0, COMPARED_LETTERS - 1))])
    image.setBytes(last.last, [to.charCodeAt(COMPARED_LETTERS - 1)])
  }
}

/** Below GOROOT. */
const toolDirectory = (architecture: string) => `pkg/tool/linux_${architecture}`
