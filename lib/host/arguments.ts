import {readFileSync} from 'node:fs'

/**
 * The last arguments of this process as the bytes that they are: Node turns what is not UTF-8 into U+FFFD. man 5 proc,
 * /proc/pid/cmdline
 */
export const lastRawArguments = (count: number): Buffer[] => (count === 0 ? [] : splitNul(readFileSync('/proc/self/cmdline')).slice(-count))

/** The bytes of an argument, or of the rest of one after `=` or `-e`, that Node decoded to this text. */
export function rawArgument(text: string): Buffer {
  if (!text.includes('\uFFFD')) return Buffer.from(text)
  for (const argument of splitNul(readFileSync('/proc/self/cmdline'))) {
    const decoded = argument.toString()
    if (decoded === text) return argument
    if (decoded === `-e${text}`) return argument.subarray(2)
    if (decoded.endsWith(`=${text}`)) return argument.subarray(argument.length - rawLength(argument, text))
  }
  return Buffer.from(text)
}

/** How many bytes at the end of an argument decode to a text that ends the argument's text. */
function rawLength(argument: Buffer, text: string): number {
  for (let size = 0; size <= argument.length; size++) {
    if (argument.subarray(argument.length - size).toString() === text && argument[argument.length - size - 1] === 0x3d) return size
  }
  return argument.length
}

/** The bytes of a variable of this process's environment. man 5 proc, /proc/pid/environ */
export function rawVariable(name: string): Buffer | undefined {
  const prefix = Buffer.from(`${name}=`)
  return splitNul(readFileSync('/proc/self/environ')).find(variable => variable.subarray(0, prefix.length).equals(prefix))
}

function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at)
    parts.push(bytes.subarray(at, end === -1 ? bytes.length : end))
    at = end === -1 ? bytes.length : end + 1
  }
  return parts
}
