import { mime } from 'my-mimic'
import { counted, expectCalls, expectHit, expectMiss } from 'my-mimic/testing'

/**
 * What the default clock does under fake timers: it follows them from the moment they are installed, and never runs backwards when they come
 * and go.
 * @param {(name: string, run: () => unknown) => void} test
 * @param {string} name
 * @param {{ install(): void, advance(ms: number): void, restore(): void }} timers
 */
export function timerTests(test, name, timers) {
  test(`${name}: advancing the time expires an entry, and nothing else does`, () => {
    const spy = counted(x => x)
    const f = mime(spy, '5m')
    timers.install()
    try {
      f(1)
      timers.advance(299_999)
      expectHit(f, 1)
      f(1)
      expectCalls(f, 1)
      timers.advance(1)
      expectMiss(f, 1)
      f(1)
      expectCalls(f, 2)
    } finally {
      timers.restore()
    }
  })

  test(`${name}: an entry from before lives on, and ends by the fake time`, () => {
    const f = mime(x => x, '5m')
    f(1)
    timers.install()
    try {
      expectHit(f, 1)
      timers.advance(290_000)
      expectHit(f, 1)
      timers.advance(10_000)
      expectMiss(f, 1)
    } finally {
      timers.restore()
    }
  })

  test(`${name}: an entry from the fake time lives on when the real one is back`, () => {
    const f = mime(x => x, '5m')
    timers.install()
    try {
      timers.advance(1e9)
      f(1)
      timers.advance(1000)
      expectHit(f, 1)
    } finally {
      timers.restore()
    }
    expectHit(f, 1)
    const { age } = f.explain(1).entry
    if (!(age >= 1000 && age < 60_000)) throw new Error(`its age is ${age} ms`)
  })

  test(`${name}: installed a second time, time goes on from where it was`, () => {
    const f = mime(x => x, '10s')
    timers.install()
    try {
      f(1)
      timers.advance(6000)
      expectHit(f, 1)
    } finally {
      timers.restore()
    }
    timers.install()
    try {
      expectHit(f, 1)
      timers.advance(4000)
      expectMiss(f, 1)
    } finally {
      timers.restore()
    }
  })

  test(`${name}: a load that takes fake time starts its ttl when it is done`, async () => {
    const f = mime(() => new Promise(resolve => setTimeout(resolve, 60_000, 'late')), '1m')
    timers.install()
    try {
      const loading = f()
      timers.advance(60_000)
      if ((await loading) !== 'late') throw new Error('not loaded')
      timers.advance(59_999)
      expectHit(f)
      timers.advance(1)
      expectMiss(f)
    } finally {
      timers.restore()
    }
  })

  test(`${name}: a batch is not held back`, async () => {
    const load = counted(async keys => keys)
    timers.install()
    try {
      const f = mime.batch(load, '5m')
      if ((await Promise.all([f(1), f(2)])).join() !== '1,2') throw new Error('not loaded')
      expectCalls(load, 1)
      timers.advance(300_000)
      expectMiss(f, 1)
    } finally {
      timers.restore()
    }
  })
}
