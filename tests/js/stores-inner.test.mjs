// A state in memory as a store, and the disk store in its other form, under the conformance suite.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, describe, test } from 'node:test'
import { diskStore } from '../../js/entry/disk.js'
import { Config, MemoryState, Mime, TempFileState } from '../../js/entry/mimic.js'
import { testStore } from '../../js/entry/testing-store.js'
import { configured } from '../../js/mimic/configured.js'
import { stateStore } from '../../js/stores/state.js'
import { quiet } from '../stores/quiet.mjs'

const folder = mkdtempSync(join(tmpdir(), 'mimic-stores-'))
const patience = 20_000
/** It says neither when it got a value nor tells nothing from null. */
const lacks = { times: false, without: ['undefined', 'null'], patience }
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

describe('MemoryState', () => {
  const open = () => stateStore(new MemoryState(), undefined)
  testStore({ name: 'MemoryState', open, sync: true, ...lacks, test })
})

describe('what Mime is configured with', () => {
  // One for the whole process; the state behind it is another one at each place.
  const open = () => {
    Mime.setConfig(new Config({ state: TempFileState, stateKwargs: { BASE_PATH: folder } }))
    return quiet(configured)
  }
  testStore({ name: 'configured', open, sync: true, ...lacks, test })
})

describe('diskStore, a URL, fsync', () => {
  const open = place => diskStore({ path: pathToFileURL(join(folder, `${place}-url`)), fsync: true })
  testStore({ name: 'diskStore', open, sync: true, tags: true, persists: true, patience, test })
})
