import {goTextUses, setGoTexts} from '../elf/go-texts.js'
import type {ProgramImage} from '../elf/image.js'
import {NotAsExpected} from '../elf/not-as-expected.js'

/** What Go calls Debian's architectures, where that is another name: src/internal/goarch, Debian's golang-*-go. */
const GO_NAMES: Readonly<Record<string, string>> = {
  armel: 'arm',
  armhf: 'arm',
  i386: '386',
  mips64el: 'mips64le',
  mipsel: 'mipsle',
  ppc64el: 'ppc64le',
}

/** GOARCH of an architecture of Debian's. */
export const goArchitecture = (architecture: string): string => GO_NAMES[architecture] ?? architecture

const TOOL = /^(\/usr\/lib\/go-[\d.]+\/pkg\/tool\/linux_)[a-z0-9]+(\/[^/]+)$/

/** Where the program of another architecture's Go lies that does the work of one of its tools; undefined where the path is no tool's. */
export function goToolOf(path: string, architecture: string): string | undefined {
  const [, directory, name] = TOOL.exec(path) ?? []
  return directory === undefined ? undefined : `${directory}${goArchitecture(architecture)}${name}`
}

export const isGoCommand = (path: string): boolean => /^\/usr\/lib\/go-[\d.]+\/bin\/go$/.test(path)

export const isGoLinker = (path: string): boolean => TOOL.exec(path)?.[2] === '/link'

interface Loader {
  /** What a linker of another architecture writes into programs: Linuxdynld in src/cmd/link/internal/ARCHITECTURE/obj.go. */
  built: string
  /** What the target's own linker writes: that of the programs it was made beside, GO_LDSO in src/make.bash. */
  own: string
}

/** By Debian's architecture: those of which the linker of Debian's package was seen. */
const LOADERS: Readonly<Record<string, Loader>> = {
  arm64: {built: '/lib/ld-linux-aarch64.so.1', own: '/lib/ld-linux-aarch64.so.1'},
  mips64el: {built: '/lib64/ld64.so.1', own: '/lib64/ld.so.1'},
}

/**
 * Makes Go's linker name the dynamic loader that the target's own linker would. Texts of Go are an address and a length, in data of
 * the program that is not position-independent. Throws NotAsExpected where the loader is not known, or not named so.
 */
export function makeGoLinkerNative(image: ProgramImage, architecture: string): void {
  const loader = LOADERS[architecture]
  if (loader === undefined) throw new NotAsExpected(`which dynamic loader the linker of ${architecture} names is not known`)
  const {built, own} = loader
  const uses = goTextUses(image, built)
  if (uses.length === 0) throw new NotAsExpected(`"${built}" is not where it could be made "${own}"`)
  if (built !== own) setGoTexts(image, uses, own)
}
