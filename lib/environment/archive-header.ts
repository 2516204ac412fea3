import {createHash} from 'node:crypto'
import {XbuildError} from '../core/errors.js'
import {checkName, type EnvironmentRecord, recordOf} from './record.js'

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
  if (text.length > HEADER_SIZE) {
    throw new XbuildError('bad-output', `environment "${record.name}" has too many layers to be exported`, {
      hint: 'each clone of a changed environment adds one: create it anew',
    })
  }
  return Buffer.concat([text, Buffer.alloc(HEADER_SIZE - text.length, ' ')])
}

/** Reads the first bytes of a file, which anybody may have written. Throws `bad-archive`, `newer-format` and `older-format`. */
export function parseHeader(bytes: Buffer, file: string): ArchiveHeader {
  const bad = (why: string, cause?: unknown) =>
    new XbuildError('bad-archive', `${file} ${why}`, {hint: 'it must be a file made by "xbuild-env export", unchanged', cause})
  const text = bytes.toString()
  if (!text.startsWith(FIRST_LINE)) throw bad('is not an exported environment')
  let header: Record<string, unknown>
  try {
    header = Object(JSON.parse(text.slice(FIRST_LINE.length))) as Record<string, unknown>
  } catch (error) {
    throw bad('is damaged: its header cannot be read', error)
  }
  const {format, size, sha256} = header
  if (format !== FORMAT) throw bad(`is of another version of xbuild-env (format ${JSON.stringify(format)})`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw bad('is damaged: its header is incomplete')
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw bad('is damaged: its header is incomplete')
  return {record: readRecord(header.record, bad), size, sha256}
}

function readRecord(value: unknown, bad: (why: string, cause?: unknown) => XbuildError): EnvironmentRecord {
  const name = Object(value).name as unknown
  if (typeof name !== 'string') throw bad('is damaged: its header is incomplete')
  try {
    checkName(name)
  } catch (error) {
    throw bad('is damaged: what it names is not an environment', error)
  }
  const record = recordOf(value, name)
  if (!record || record.freezing !== undefined) throw bad('is damaged: it says nothing that an environment could be')
  // Whoever made the archive does not choose which of this machine's directories sessions are shown.
  const {repository: _, ...rest} = record
  return rest
}

/**
 * The key of what comes out of an archive: of its header, which holds the digest of all the rest. What was imported is as
 * trusted as whoever made it: no key that is computed from packages and profiles begins like this, so that `create` never
 * takes it for what it made itself.
 */
export const importedKey = (header: Buffer) => `imported-${createHash('sha256').update(header).digest('hex')}`

export const isImported = (key: string) => key.startsWith('imported-')
