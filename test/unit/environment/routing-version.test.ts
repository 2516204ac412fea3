import {writeFileSync} from 'node:fs'
import t from 'tap'
import {routingPaths} from '../../../lib/environment/routing-paths.js'
import {ROUTING_FORMAT, routingTime} from '../../../lib/environment/routing-version.js'

const TIME = 1796061149945.1685
const whole = `${JSON.stringify({format: ROUTING_FORMAT, statusTime: TIME, routes: [], preloads: []})}\n`

function timeOf(text: string | undefined): number | undefined {
  const paths = routingPaths(t.testdir({}))
  if (text !== undefined) writeFileSync(paths.routing, text)
  return routingTime(paths)
}

t.test('routes tell of which status file they are', async t => {
  t.equal(timeOf(whole), TIME)
  t.equal(timeOf(whole.replace(String(TIME), '0')), 0)
})

t.test('routes of another version, cut short or not there are of none', async t => {
  t.equal(timeOf(undefined), undefined)
  t.equal(timeOf(''), undefined)
  t.equal(timeOf(whole.slice(0, 20)), undefined)
  t.equal(timeOf(whole.slice(0, -1)), undefined)
  t.equal(timeOf(whole.replace(String(ROUTING_FORMAT), String(ROUTING_FORMAT - 1))), undefined)
})
