import fs from 'node:fs'
import { join } from 'node:path'
import { diskStore } from '../../js/entry/disk.js'
import { builtin, install, loaded } from './install.mjs'

/**
 * Those who keep results on disk, each the way its own documentation says for many writes at once. After `write` everything survives the end of
 * the process; none waits for the disk itself.
 *
 * @typedef {object} Opened
 * @property {(count: number) => Promise<void> | void} write
 * @property {(i: number) => unknown} read the value, or a promise of it where `isAsync`
 * @property {() => Promise<void> | void} close
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {(path: string) => Opened | Promise<Opened>} open a new folder
 * @property {number} [share] one in so many of the entries is enough
 * @property {boolean} [isAsync] reads are awaited
 */

/** Entries of a transaction. */
const BATCH = 1000

/**
 * @param {import('../../js/stores/store.js').StoreKey[]} keys
 * @param {(i: number) => string} valueOf
 * @returns {Promise<{ contenders: Contender[], missing: string[] }>}
 */
export async function assemble(keys, valueOf) {
  install()
  const name = i => keys[i].digest
  const packed = i => ({ value: valueOf(i), deadline: null })
  const [better, node, lmdb, level, keyv, keyvSqlite] = await Promise.all([
    loaded('better-sqlite3').then(works),
    builtin(),
    loaded('lmdb'),
    loaded('classic-level'),
    loaded('keyv'),
    loaded('@keyv/sqlite'),
  ])
  /** Those that are not to be had have no `open`. @type {(Omit<Contender, 'open'> & { open: Contender['open'] | false | undefined })[]} */
  const all = [
    { name: 'my-mimic/disk', open: ours },
    { name: 'lmdb', open: lmdb && (path => inLmdb(lmdb, path)) },
    { name: 'better-sqlite3', open: better && (path => inSqlite(better.default, path)) },
    { name: 'node:sqlite', open: node && (path => inSqlite(node.DatabaseSync, path)) },
    { name: 'classic-level', open: level && (path => inLevel(level.ClassicLevel, path)) },
    {
      name: 'keyv + @keyv/sqlite',
      open: keyv && keyvSqlite && (path => inKeyv(keyv.Keyv, keyvSqlite.KeyvSqlite, path)),
      share: 100,
      isAsync: true,
    },
    { name: 'a file per key, renamed', open: path => inFiles(path, true), share: 10 },
    { name: 'a file per key, written in place', open: path => inFiles(path, false), share: 10 },
  ]
  return {
    contenders: /** @type {Contender[]} */ (all.filter(({ open }) => open)),
    missing: all.filter(({ open }) => !open).map(one => one.name),
  }

  /** @param {string} path */
  function ours(path) {
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
  }

  /** WAL and synchronous NORMAL: a commit is in the operating system's hands. @param {any} Database of either package: both have one face @param {string} path */
  function inSqlite(Database, path) {
    fs.mkdirSync(path)
    const db = new Database(join(path, 'db'))
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    db.exec('CREATE TABLE entries (digest TEXT PRIMARY KEY, value TEXT, deadline REAL) WITHOUT ROWID')
    const insert = db.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)')
    const select = db.prepare('SELECT value, deadline FROM entries WHERE digest = ?')
    return {
      write(count) {
        for (let from = 0; from < count; from += BATCH) {
          db.exec('BEGIN')
          for (let i = from; i < Math.min(count, from + BATCH); i++)
            insert.run(name(i), JSON.stringify(valueOf(i)), null)
          db.exec('COMMIT')
        }
      },
      read: i => JSON.parse(select.get(name(i)).value),
      close: () => db.close(),
    }
  }

  /** It makes transactions of what is put in one turn, in a thread of its own. @param {any} lmdb @param {string} path */
  function inLmdb(lmdb, path) {
    const db = lmdb.open({ path })
    return {
      async write(count) {
        for (let i = 0; i < count; i++) db.put(name(i), packed(i))
        await db.committed
      },
      read: i => db.get(name(i)).value,
      close: () => db.close(),
    }
  }

  /** @param {any} ClassicLevel @param {string} path */
  async function inLevel(ClassicLevel, path) {
    const db = new ClassicLevel(path, { valueEncoding: 'json' })
    await db.open()
    return {
      async write(count) {
        for (let from = 0; from < count; from += BATCH) {
          const operations = []
          for (let i = from; i < Math.min(count, from + BATCH); i++)
            operations.push({ type: 'put', key: name(i), value: packed(i) })
          await db.batch(operations)
        }
      },
      read: i => db.getSync(name(i)).value,
      close: () => db.close(),
    }
  }

  /** @param {any} Keyv @param {any} KeyvSqlite @param {string} path */
  function inKeyv(Keyv, KeyvSqlite, path) {
    fs.mkdirSync(path)
    const store = new KeyvSqlite(`sqlite://${join(path, 'db')}`)
    const cache = new Keyv({ store })
    return {
      async write(count) {
        for (let from = 0; from < count; from += BATCH) {
          const entries = []
          for (let i = from; i < Math.min(count, from + BATCH); i++)
            entries.push({ key: name(i), value: valueOf(i) })
          await cache.setMany(entries)
        }
      },
      read: i => cache.get(name(i)),
      close: () => cache.disconnect(),
    }
  }

  /** @param {string} path @param {boolean} isSafe never torn: written beside its place, then renamed */
  function inFiles(path, isSafe) {
    fs.mkdirSync(path)
    const fileOf = i => join(path, name(i))
    return {
      write(count) {
        for (let i = 0; i < count; i++) {
          const file = fileOf(i)
          fs.writeFileSync(isSafe ? `${file}.tmp` : file, JSON.stringify(packed(i)))
          if (isSafe) fs.renameSync(`${file}.tmp`, file)
        }
      },
      read: i => JSON.parse(fs.readFileSync(fileOf(i), 'utf8')).value,
      close() {},
    }
  }
}

/** What is installed may not be compiled. @param {any} module */
function works(module) {
  try {
    new module.default(':memory:').close()
    return module
  } catch {
    return undefined
  }
}
