import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { Random } from '../property/random.mjs'
import { entryOf, isTold, keyOf, opened, scratch, told } from './help.mjs'

/** Whatever happens to the bytes of the files: no wrong value, ever, and the store goes on. */

const ROUNDS = Number(process.env.MIMIC_ROUNDS ?? 300)

/** @type {((bytes: Buffer, random: Random, other: Buffer) => Buffer)[]} */
const DAMAGES = [
  (bytes, random) => {
    for (let n = random.int(20); n >= 0; n--) bytes[random.int(bytes.length)] ^= 1 << random.int(8)
    return bytes
  },
  (bytes, random) => bytes.subarray(0, random.int(bytes.length)),
  (bytes, random) => bytes.fill(0, random.int(bytes.length)),
  (bytes, random) => bytes.fill(random.int(256), random.int(bytes.length), random.int(bytes.length)),
  (bytes, random) => Buffer.concat([bytes, bytes.subarray(random.int(bytes.length))]),
  (bytes, random, other) => Buffer.concat([bytes.subarray(0, random.int(bytes.length)), other.subarray(random.int(other.length))]), // biome-ignore format: one line
  (bytes, random, other) => {
    const at = random.int(bytes.length)
    other.copy(bytes, at, random.int(other.length))
    return bytes
  },
  (_, random) => Buffer.from(random.times(random.int(5000), () => random.int(256))),
]

test(`random damage, ${ROUNDS} times`, { timeout: 10 * 60_000 }, async t => {
  const random = new Random(Number(process.env.MIMIC_SEED ?? Date.now() % 1e6))
  const source = scratch(t)
  mock.method(console, 'warn', () => {})
  t.after(() => mock.restoreAll())
  for (const part of [0, 1]) {
    const store = opened(t, source)
    for (let i = 0; i < 60; i++) {
      store.set(
        keyOf(i),
        entryOf(told(i, part, i % 20 === 0 ? 130_000 : 400), Infinity, {
          tags: i % 3 ? undefined : ['three'],
        }),
      )
      if (i % 10 === 9) await store.flush()
    }
    store.delete(keyOf(59))
    await store.close()
  }
  const files = fs.readdirSync(source).filter(name => name.endsWith('.log'))
  const contents = files.map(name => fs.readFileSync(join(source, name)))
  let [found, corrupt] = [0, 0]
  for (let round = 0; round < ROUNDS; round++) {
    const path = scratch(t)
    files.forEach((name, i) => {
      const damage = random.pick(DAMAGES)
      const bytes =
        i === 0 || random.oneIn(2) ? damage(Buffer.from(contents[i]), random, contents[1 - i]) : contents[i]
      fs.writeFileSync(join(path, name), bytes)
    })
    if (random.oneIn(10)) fs.writeFileSync(join(path, 'format'), String(random.int(3)))
    const store = opened(t, path, { maxBytes: random.pick([100_000, 1 << 28]) })
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < 60; i++) {
        const entry = store.getSync(keyOf(i))
        if (entry === undefined) continue
        found++
        assert.ok(isTold(i, entry.value), `round ${round}, entry ${i}: ${String(entry.value).slice(0, 50)}`)
      }
      if (pass === 0) store.invalidateTags('f\x001', tag => tag === 'four')
      store.set(keyOf(`new ${round}`), entryOf(round))
      await store.flush()
      if (random.oneIn(3)) await new Promise(resolve => setTimeout(resolve, 20))
    }
    if (store.stats().available) assert.equal(store.getSync(keyOf(`new ${round}`))?.value, round)
    assert.ok(store.said.every(({ name }) => name !== 'refused'))
    corrupt += store.stats().corrupt
    await store.close()
    fs.rmSync(path, { recursive: true })
  }
  t.diagnostic(`${found} values read, ${corrupt} damages counted`)
  assert.ok(found > ROUNDS && corrupt > ROUNDS / 4)
})
