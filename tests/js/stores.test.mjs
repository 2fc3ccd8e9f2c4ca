// The stores of this package, and other people's that need no server, under the conformance suite.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import Keyv from 'keyv'
import { createStorage } from 'unstorage'
import fs from 'unstorage/drivers/fs'
import fsLite from 'unstorage/drivers/fs-lite'
import lruCache from 'unstorage/drivers/lru-cache'
import memory from 'unstorage/drivers/memory'
import { fromKeyv, fromUnstorage } from '../../js/entry/adapters.js'
import { diskStore } from '../../js/entry/disk.js'
import { memoryStore } from '../../js/entry/inline.js'
import { TempFileState } from '../../js/entry/mimic.js'
import { testStore } from '../../js/entry/testing-store.js'
import { stateStore } from '../../js/stores/state.js'
import { quiet } from '../stores/quiet.mjs'
import { placesOf } from '../stores/reference.mjs'

const folder = mkdtempSync(join(tmpdir(), 'mimic-stores-'))
// At the end only: what a state was late with is still being written when its check is over.
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
const places = placesOf()
/** Of backends in memory. Others go wrong as a whole, since a busy machine may take its time. */
const timeout = '300ms'
/** Of those on a file system. */
const patience = 20_000

describe('memoryStore', () => {
  testStore({ name: 'memoryStore', open: memoryStore, sync: true, tags: true, test })
})

describe('diskStore', () => {
  const open = place => diskStore({ path: join(folder, place) })
  testStore({ name: 'diskStore', open, sync: true, tags: true, persists: true, test })
})

describe('TempFileState', () => {
  // What a state throws the function reports, so here that is not in the way.
  const open = place =>
    quiet(stateStore(new TempFileState({ BASE_PATH: join(folder, place), STATIC: true }), undefined))
  // It says neither when it got a value nor tells nothing from null.
  const lacks = { times: false, without: ['undefined', 'null'] }
  testStore({ name: 'TempFileState', open, sync: true, ...lacks, patience, test })
})

describe('fromKeyv', () => {
  const open = (place, wrap) => fromKeyv(wrap(new Keyv(places.at(place))), { timeout })
  testStore({ name: 'fromKeyv(Map)', open, remove: places.remove, tags: true, persists: true, test })
})

/** A place is as long as the driver's instance. @param {() => any} make */
function driverAt(make) {
  const made = new Map()
  return place => {
    if (!made.has(place)) made.set(place, make())
    return made.get(place)
  }
}

/** @type {Record<string, (place: string) => any>} */
const drivers = {
  memory: driverAt(() => memory()),
  'lru-cache': driverAt(() => lruCache({ max: 5000 })),
  fs: place => fs({ base: join(folder, place) }),
  'fs-lite': place => fsLite({ base: join(folder, place) }),
}

for (const [driver, at] of Object.entries(drivers)) {
  describe(`fromUnstorage, ${driver}`, () => {
    const open = (place, wrap) => {
      const storage = createStorage({ driver: at(place) })
      return driver.startsWith('fs') ? fromUnstorage(storage) : fromUnstorage(wrap(storage), { timeout })
    }
    testStore({ name: `fromUnstorage(${driver})`, open, tags: true, persists: true, patience, test })
  })
}
