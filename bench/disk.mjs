// npm run bench:disk: 200-byte values in a store's batch writes and sync reads, beside SQLite and one file per key, and how long a start takes.
// One after the other in rounds, the best round of each: what else the machine does only ever adds.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskStore } from '../js/entry/disk.js'
import { hash } from '../js/entry/inline.js'
import { table } from './lib/table.mjs'

const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 100_000)
const FILES = Math.min(ENTRIES, 10_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

const digits = hash('value').repeat(4)
const valueOf = i => `${i}:${digits}`.slice(0, 200)
const keys = Array.from({ length: ENTRIES }, (_, i) => {
  const digest = hash(i)
  return { namespace: 'f\x001', digest: digest.slice(0, 32), bytes: Buffer.from(digest.slice(0, 16)) }
})
/** Every contender reads in the same order, which is not that of the writes. */
const order = keys.map((_, i) => (i * 7919) % ENTRIES)

/** @typedef {{ write(count: number): Promise<void> | void, read(i: number): unknown, close(): Promise<void> | void }} Contender */

const contenders = {
  'my-mimic/disk': path => {
    const store = diskStore({ path })
    return {
      async write(count) {
        const storedAt = Date.now()
        for (let i = 0; i < count; i++)
          store.set(keys[i], { value: valueOf(i), storedAt, deadline: Infinity })
        await store.flush()
      },
      read: i => store.getSync(keys[i])?.value,
      close: () => store.close(),
    }
  },
  'better-sqlite3': sqlite(await loaded('better-sqlite3')),
  'node:sqlite': sqlite(await builtin()),
  'a file per key': path => {
    fs.mkdirSync(path)
    const fileOf = i => join(path, keys[i].digest)
    return {
      count: FILES,
      write(count) {
        for (let i = 0; i < count; i++)
          fs.writeFileSync(fileOf(i), JSON.stringify({ value: valueOf(i), deadline: null }))
      },
      read: i => JSON.parse(fs.readFileSync(fileOf(i), 'utf8')).value,
      close() {},
    }
  },
}

/** Where it was installed for this, or nothing. */
async function loaded(name) {
  for (const from of [import.meta.url, join(process.env.BENCH_MODULES ?? 'target/bench-disk', 'x.js')]) {
    try {
      const Database = createRequire(from.startsWith('file:') ? from : join(process.cwd(), from))(name)
      new Database(':memory:').close()
      return Database
    } catch {
      // Not there, or not built.
    }
  }
  return undefined
}

async function builtin() {
  try {
    return (await import('node:sqlite')).DatabaseSync
  } catch {
    return undefined
  }
}

/** Both have one face. WAL, synchronous NORMAL, a thousand rows a transaction. */
function sqlite(Database) {
  if (Database === undefined) return undefined
  return path => {
    fs.mkdirSync(path)
    const db = new Database(join(path, 'db'))
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    db.exec(
      'CREATE TABLE IF NOT EXISTS entries (digest TEXT PRIMARY KEY, value TEXT, deadline REAL) WITHOUT ROWID',
    )
    const insert = db.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)')
    const select = db.prepare('SELECT value, deadline FROM entries WHERE digest = ?')
    return {
      write(count) {
        for (let from = 0; from < count; from += 1000) {
          db.exec('BEGIN')
          for (let i = from; i < Math.min(count, from + 1000); i++)
            insert.run(keys[i].digest, JSON.stringify(valueOf(i)), null)
          db.exec('COMMIT')
        }
      },
      read: i => JSON.parse(select.get(keys[i].digest).value),
      close: () => db.close(),
    }
  }
}

/** @returns {Promise<{ write: number, read: number }>} entries a second */
async function measure(make, path) {
  const contender = make(path)
  const count = contender.count ?? ENTRIES
  const start = performance.now()
  await contender.write(count)
  const written = performance.now()
  for (const i of order)
    if (i < count && contender.read(i) !== valueOf(i)) throw new Error(`a wrong value for ${i}`)
  const read = performance.now()
  await contender.close()
  return { write: (count / (written - start)) * 1000, read: (count / (read - written)) * 1000 }
}

/** @returns {number} milliseconds until the first value of a directory with all entries is read */
async function reopened(path) {
  const start = performance.now()
  const store = diskStore({ path })
  if (store.getSync(keys[ENTRIES - 1])?.value !== valueOf(ENTRIES - 1)) throw new Error('nothing there')
  const time = performance.now() - start
  if (store.stats().entries !== ENTRIES) throw new Error('not all there')
  await store.close()
  return time
}

const folder = fs.mkdtempSync(join(tmpdir(), 'mimic-bench-'))
/** @type {Map<string, { write: number, read: number }>} */
const best = new Map()
const opens = []
try {
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, make] of Object.entries(contenders)) {
      if (make === undefined) continue
      const path = join(folder, `${round} ${name.replace(/\W/g, '-')}`)
      const found = await measure(make, path)
      const before = best.get(name) ?? { write: 0, read: 0 }
      best.set(name, { write: Math.max(before.write, found.write), read: Math.max(before.read, found.read) })
      if (name === 'my-mimic/disk') for (let i = 0; i < 3; i++) opens.push(await reopened(path))
      fs.rmSync(path, { recursive: true })
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}
const rows = [...best].map(([name, { write, read }]) => [
  name,
  ...[write, read].map(n => Math.round(n).toLocaleString('en')),
])
console.log(
  `Node ${process.versions.node}, ${ENTRIES} entries of 200 bytes (a file per key: ${FILES}), best of ${ROUNDS} rounds\n`,
)
console.log(table([['', 'batch writes/s', 'sync reads/s'], ...rows]))
for (const [name, make] of Object.entries(contenders))
  if (make === undefined) console.log(`${name} is not to be had here`)
console.log(
  `\n${ENTRIES} entries reopened: ${Math.min(...opens).toFixed(0)} ms at best, ${opens.sort((a, b) => a - b)[opens.length >> 1].toFixed(0)} ms in the middle`,
)
