import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {makeDirectoryAtOnce} from '../host/files.js'
import {plainVariables} from '../host/programs.js'
import {run} from '../host/run.js'

/** Signs a repository's index. */
export interface Signer {
  /** Writes the file signed within (InRelease), and a signature of it (Release.gpg). */
  sign: (file: string, within: string, beside: string) => Promise<void>
  publicKey: () => Promise<string>
}

/** Signs by a key of the user's own keyring. `key`: as gpg takes it. */
export const userSigner = (key: string): Signer => signerOf(key, gpgEnvironment(process.env.GNUPGHOME))

/** Of keys that are made here. */
const OWN_NAME = 'xbuild-env repository'

/** Signs by a key that is made for the purpose, without a passphrase, and kept in a directory that only the user can read. */
export async function ownSigner(home: string): Promise<Signer> {
  const directory = join(home, 'keys')
  makeDirectoryAtOnce(directory, 0o700)
  const environment = gpgEnvironment(directory)
  const known = await run('gpg', ['--batch', '--list-secret-keys', `=${OWN_NAME}`], {variables: environment})
  if (known.exitCode !== 0) {
    const args = ['--batch', '--passphrase', '', '--quick-generate-key', OWN_NAME, 'ed25519', 'sign', 'never']
    await gpg(args, environment)
  }
  return signerOf(`=${OWN_NAME}`, environment, directory)
}

function signerOf(key: string, environment: Record<string, string>, own?: string): Signer {
  const options = ['--batch', '--yes', '--armor', '--local-user', key]
  return {
    async sign(file, within, beside) {
      await gpg([...options, '--output', within, '--clear-sign', '--', file], environment)
      await gpg([...options, '--output', beside, '--detach-sign', '--', file], environment)
      // Of a keyring of our own, nothing goes on running.
      if (own !== undefined) await run('gpgconf', ['--kill', 'all'], {variables: environment})
    },
    publicKey: async () => (await gpg(['--batch', '--armor', '--export', '--', key], environment)).stdout.concat('\n'),
  }
}

const gpgEnvironment = (home: string | undefined): Record<string, string> => ({
  ...plainVariables(),
  ...(home === undefined ? {} : {GNUPGHOME: home}),
})

async function gpg(args: readonly string[], environment: Record<string, string>) {
  const result = await run('gpg', args, {variables: environment})
  if (result.exitCode === 0) return result
  const why = result.stderr.trim().split('\n').at(-1) ?? ''
  throw new XbuildError('bad-output', `gpg does not sign: ${why}`, {
    hint: 'name a key that gpg --list-secret-keys has, or leave --sign out',
  })
}
