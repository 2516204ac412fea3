import {type ElfImage, readerOf} from './sections.js'

/** sizeof Elf32_Sym and Elf64_Sym, and where st_shndx lies in them: System V ABI, chapter 4, "Symbol Table". */
const SYMBOL = {32: {size: 16, section: 14}, 64: {size: 24, section: 6}} as const
const SHN_UNDEF = 0
/** The bit that hides a version from linkers: Linux Standard Base, "Symbol Versioning". */
const HIDDEN = 0x8000

/**
 * The symbols that a program or library takes from others, each with the version of it that it was linked with, as `GLIBC_2.34`;
 * empty for one without a version. Nothing where there are none, or the tables are damaged.
 */
export function importsOf(image: ElfImage): Map<string, string> {
  const symbols = image.sections.find(({name}) => name === '.dynsym')
  const names = symbols && image.sections[symbols.link]?.content
  const imports = new Map<string, string>()
  if (!symbols || !names) return imports
  const {size, section} = SYMBOL[image.bits]
  const {word, half} = readerOf(image, symbols.content)
  const versions = image.sections.find(({name}) => name === '.gnu.version')?.content ?? Buffer.alloc(0)
  const version = readerOf(image, versions).half
  const known = neededVersions(image)
  for (let i = 1; (i + 1) * size <= symbols.content.length; i++) {
    const name = textAt(names, word(i * size))
    if (half(i * size + section) !== SHN_UNDEF || name === '') continue
    const index = versions.length >= 2 * (i + 1) ? version(2 * i) & ~HIDDEN : 0
    imports.set(name, known.get(index) ?? '')
  }
  return imports
}

/** By their indices: Verneed and Vernaux, Linux Standard Base, "Version Requirements". */
function neededVersions(image: ElfImage): Map<number, string> {
  const needed = image.sections.find(({name}) => name === '.gnu.version_r')
  const names = needed && image.sections[needed.link]?.content
  const found = new Map<number, string>()
  if (!needed || !names) return found
  const {half, word} = readerOf(image, needed.content)
  const end = needed.content.length - 16
  for (let at = 0, next = 1; next !== 0 && at <= end; at += next) {
    next = word(at + 12)
    for (let aux = at + word(at + 8), count = half(at + 2); count > 0 && aux <= end; count--) {
      found.set(half(aux + 6), textAt(names, word(aux + 8)))
      aux += word(aux + 12)
    }
  }
  return found
}

const textAt = (names: Buffer, at: number) => names.subarray(at, Math.max(at, names.indexOf(0, at))).toString('latin1')
