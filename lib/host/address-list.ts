import {BlockList, isIP} from 'node:net'
import {XbuildError} from '../core/errors.js'

/** Asks whether an address is one of those. */
export type AddressList = (address: string) => boolean

/** ADDRESS or ADDRESS/PREFIX, of either family: 10.0.0.3, 192.168.7.0/24, fd00:7::/64. Throws `usage`. */
export function addressList(networks: readonly string[]): AddressList {
  const list = new BlockList()
  for (const network of networks) add(list, network)
  return address => isIP(address) !== 0 && list.check(address, familyOf(address))
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function add(list: BlockList, network: string): void {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(network) ?? []
  const most = isIP(address) === 6 ? 128 : 32
  if (isIP(address) === 0 || Number(prefix ?? 0) > most) {
    throw new XbuildError('usage', `"${network}" is neither an address nor a network`, {
      hint: 'for example: --allow 10.0.0.3 --allow 192.168.7.0/24',
    })
  }
  list.addSubnet(address, prefix === undefined ? most : Number(prefix), familyOf(address))
}

/** This machine itself. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1']
