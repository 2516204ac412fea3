import {XbuildError} from '../core/errors.js'
import {type EnvironmentRecord, parseRecord} from './record.js'

/** Raised when what follows the header is laid out otherwise. */
const FORMAT = 1

/** Bytes before the compressed tar archive: the header, filled up with spaces, so that it can be written last. */
export const HEADER_SIZE = 8192

const FIRST_LINE = 'xbuild-env environment\n'

/** What is said of an exported environment before its files. */
export interface ArchiveHeader {
  record: EnvironmentRecord
  /** Of what follows the header: bytes, and their digest. */
  size: number
  sha256: string
}

export function encodeHeader({record, size, sha256}: ArchiveHeader): Buffer {
  const text = Buffer.from(`${FIRST_LINE}${JSON.stringify({format: FORMAT, size, sha256, record})}\n`)
  if (text.length > HEADER_SIZE) throw new Error(`the header of ${record.name} has ${text.length} bytes`)
  return Buffer.concat([text, Buffer.alloc(HEADER_SIZE - text.length, ' ')])
}

/** Reads the first bytes of a file. Throws `bad-archive`, or what is wrong with the environment's record. */
export function parseHeader(bytes: Buffer, file: string): ArchiveHeader {
  const bad = (why: string, cause?: unknown) =>
    new XbuildError('bad-archive', `${file} ${why}`, {hint: 'it has to be a file that "xbuild-env export" made, as it was made', cause})
  const text = bytes.toString()
  if (!text.startsWith(FIRST_LINE)) throw bad('is no exported environment')
  let header: {format?: number; size?: number; sha256?: string; record?: Partial<EnvironmentRecord>}
  try {
    header = JSON.parse(text.slice(FIRST_LINE.length)) as typeof header
  } catch (error) {
    throw bad('is damaged: its header cannot be read', error)
  }
  const {format, size, sha256, record} = header
  if (format !== FORMAT) throw bad(`is of another version of xbuild-env (format ${format})`)
  if (typeof size !== 'number' || typeof sha256 !== 'string' || typeof record?.name !== 'string')
    throw bad('is damaged: its header is incomplete')
  const parsed = parseRecord(JSON.stringify(record), record.name)
  if (![parsed.root, parsed.twins, ...parsed.layers].every(key => /^[0-9a-f]{8,64}$/.test(key))) throw bad('is damaged: it names no layers')
  return {record: parsed, size, sha256}
}
