import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, mock } from 'node:test'
import { Config, Mime } from '../../js/entry/mimic.js'

/** What the tests of `my-mimic/mimic` share. */

export const folder = mkdtempSync(join(tmpdir(), 'mimic-face-'))
after(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  Mime.setConfig(new Config())
  mock.timers.reset()
})

let folders = 0
export const newFolder = () => join(folder, `f${++folders}`)

/** A state that remembers what it was asked for values, in the methods' spelling of one language. */
export function spyState(isPython) {
  const held = new Map()
  const asked = []
  const say =
    (name, use) =>
    (...args) => {
      if (!args[0].endsWith('-generation')) asked.push([name, ...args.slice(1)])
      return use(...args)
    }
  const get = key => held.get(key)
  const set = (key, value) => void held.set(key, value)
  const names = isPython
    ? ['sync_get', 'sync_set', 'async_get', 'async_set']
    : ['syncGet', 'syncSet', 'asyncGet', 'asyncSet']
  const uses = [get, set, async key => get(key), async (key, value) => set(key, value)]
  return { held, asked, state: Object.fromEntries(names.map((name, i) => [name, say(name, uses[i])])) }
}
