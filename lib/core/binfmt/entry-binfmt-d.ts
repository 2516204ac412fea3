import {XbuildError} from '../errors.js'
import {type ActivatorEntry, checkEntry, checkLinux, escapeHashes, interpreterPath, interpreterWords} from './entry.js'
import {printBytes} from './entry-bytes.js'
import {registerLine} from './registration.js'

/** Lines of binfmt.d(5): what the kernel's binfmt_misc is told, https://docs.kernel.org/admin-guide/binfmt-misc.html */

const refuse = (line: string, why: string, hint: string) => new XbuildError('bad-entry', `${line}: ${why}`, {hint})

/** The entries of a file; comments and empty lines are left out. Throws `bad-entry` for what no activator's entry can say. */
export const parseBinfmtD = (text: string): ActivatorEntry[] =>
  text
    .split('\n')
    .filter(line => !/^\s*([#;]|$)/.test(line))
    .map(parseLine)

function parseLine(line: string): ActivatorEntry {
  const [name = '', type, offset = '', magic = '', mask = '', interpreter = '', flags, ...rest] = line.slice(1).split(line[0] ?? ':')
  if (flags === undefined || rest.length > 0)
    throw refuse(line, 'it has not seven fields', ':name:type:offset:magic:mask:interpreter:flags')
  if (type === 'E') throw refuse(line, 'it goes by the name of a file', 'entries of the activator go by magic bytes: type M')
  if (type !== 'M') throw refuse(line, `"${type}" is not a type`, 'entries of the activator go by magic bytes: type M')
  if (/[^POCF\s]/.test(flags)) throw refuse(line, `"${flags}" are not flags`, 'the kernel knows P, O, C and F')
  if (flags.includes('P')) {
    throw refuse(line, 'with flag P its interpreter gets argv[0] after the path', 'add it with argv[0] as an argument instead: "PATH … #a"')
  }
  if (/\s/.test(interpreter))
    throw refuse(line, 'its interpreter has a blank in its path', 'blanks part the arguments of an interpreter here')
  return checkLinux(
    checkEntry({
      name,
      interpreter: escapeHashes(interpreter),
      magic: kernelBytes(magic),
      ...(mask === '' ? {} : {mask: kernelBytes(mask)}),
      offset: offset === '' ? 0 : Number(offset),
      state: 'enabled',
      opened: flags.includes('F') ? 'at-once' : 'for-each',
    }),
  )
}

/** Unlike binmiscctl, the kernel takes a backslash before anything but `x` for itself: string_unescape, UNESCAPE_HEX. */
const kernelBytes = (text: string) =>
  text.replace(/\\x([0-9a-fA-F]{1,2})|[\s\S]/gu, (piece, hex?: string) =>
    hex === undefined ? Buffer.from(piece).toString('hex') : hex.padStart(2, '0').toLowerCase(),
  )

/**
 * The line of an entry; one that is disabled is a comment. Throws `bad-entry` for an interpreter with arguments, which
 * binfmt_misc has no room for.
 */
export function printBinfmtD(entry: ActivatorEntry): string {
  const {name, offset, magic, mask = '', state, opened} = checkLinux(entry)
  if (interpreterWords(entry).length > 1) {
    throw new XbuildError('bad-entry', `entry "${name}": binfmt_misc takes no arguments for an interpreter`, {
      hint: 'xbuild-env activator add --system registers it through the activator',
    })
  }
  const flags = opened === 'at-once' ? 'F' : ''
  const line = registerLine({name, offset, magic: printBytes(magic), mask: printBytes(mask), interpreter: interpreterPath(entry), flags})
  return state === 'enabled' ? line : `# ${line}`
}
