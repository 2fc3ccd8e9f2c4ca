// The part of the page that shows what is stored, deletes it and draws usage.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { bytesText } from '../../www/show.js'
import { call, onPage, servingPage, visit } from './www-harness.mjs'

servingPage()

/** Scrolls to the panel. */
async function look(page) {
  await page.locator('#stored').scrollIntoViewIfNeeded()
  return page
}

/** Functions of the tests in this page, on a store of their own on the page's database: `f(…)`, `use.runs()`. */
function prepare(page) {
  return page.evaluate(async () => {
    const { indexedDBStore, mime } = await import('/js/entry/inline.js')
    const store = indexedDBStore({ name: 'my-mimic page' })
    await store.ready
    let runs = 0
    const wrap = (name, more = {}) =>
      mime(async (...args) => ++runs && args.length, { name, version: '1', store, ...more })
    // Not in an object: a receiver counts as part of the key.
    Object.assign(window, { f: wrap('f'), g: wrap('g'), use: { wrap, store, runs: () => runs } })
  })
}

/** Waits until the functions are listed with so many entries, as `f 2, g 1`. */
async function listed(page, expected) {
  const text = () =>
    page.$$eval('#stored .outer', rows =>
      rows
        .map(row => `${row.querySelector('code').textContent} ${row.cells[1].textContent}`)
        .sort()
        .join(),
    )
  for (let i = 0; i < 200 && (await text()) !== expected; i++) await page.waitForTimeout(100)
  assert.equal(await text(), expected)
}

const toggle = (page, name) => page.click(`.toggle:has(code:text-is("${name}"))`)
const forget = (page, label) => page.click(`#stored [aria-label='forget ${label}']`)
const texts = (page, selector) => page.$$eval(`#stored ${selector}`, all => all.map(one => one.textContent))
const focused = page =>
  page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.id)
const inDatabase = page =>
  page.evaluate(async () => {
    const { indexedDBStore } = await import('/js/entry/inline.js')
    await use.store.flush()
    const store = indexedDBStore({ name: 'my-mimic page' })
    const found = (await store.entries()).map(({ name, description }) => name + description)
    await store.close()
    return found.sort().join()
  })

describe('what is stored', { concurrency: 1 }, () => {
  onPage(
    'lists a call with arguments, size, age and time left that go on, after a reload too',
    async page => {
      await page.fill('#ttl', '1m')
      await page.press('#ttl', 'Tab')
      await call(page, "'Porto'")
      await look(page)
      for (const isAgain of [false, true]) {
        await listed(page, 'weather 1')
        await toggle(page, 'weather')
        assert.deepEqual(await texts(page, '.called'), ['("Porto")'])
        const [size, age, left] = await texts(page, '.kept td:not(.called, .last)')
        assert.match(size, /^\d\d+ B$/)
        assert.match(`${age}, ${left}`, /^\d s, [3-6]\d s$/)
        await page.waitForFunction(
          old => document.querySelector('.kept .left-cell').textContent !== old,
          left,
        )
        const [, later, shorter] = await texts(page, '.kept td:not(.called, .last)')
        assert.ok(
          parseFloat(later) > parseFloat(age) && parseFloat(shorter) < parseFloat(left),
          `${later}, ${shorter}`,
        )
        if (isAgain) return
        await Promise.all([page.waitForEvent('load'), page.click('#reload')])
        await page.waitForSelector('[data-ready]')
        await look(page)
      }
    },
  )

  onPage(
    'what is deleted is gone for the calls, in this tab, in others and in the database',
    async (page, browser) => {
      const other = await visit(browser)
      for (const tab of [page, other]) await prepare(tab)
      await page.evaluate(() => Promise.all([f(1), f(2), f(3), g(1)]).then(() => use.store.flush()))
      await other.evaluate(() => Promise.all([f(1), f(2), f(3), g(1)]))
      assert.equal(await other.evaluate(() => use.runs()), 0)
      await page.bringToFront()
      await look(page)
      await listed(page, 'f 3,g 1')
      /** Of f(1), f(2), f(3), g(1): who of the tabs has them, and what the database has, as soon as that is so. */
      const left = async (expected, stored) => {
        const has = () => [f.has(1), f.has(2), f.has(3), g.has(1)].map(Number).join('')
        const all = async () => [await page.evaluate(has), await other.evaluate(has), await inDatabase(page)]
        const wanted = [expected, expected, stored]
        for (let i = 0; i < 50 && (await all()).join() !== wanted.join(); i++) await page.waitForTimeout(50)
        assert.deepEqual(await all(), wanted)
      }
      await left('1111', 'f(1),f(2),f(3),g(1)')

      await toggle(page, 'f')
      await forget(page, 'f(2)')
      await listed(page, 'f 2,g 1')
      await left('1011', 'f(1),f(3),g(1)')
      // A deletion that is read in the database during a load is one more: first that, then the load.
      await other.evaluate(() => use.store.entries())
      assert.equal(await other.evaluate(() => f(2).then(use.runs)), 1)
      await listed(page, 'f 3,g 1')

      await forget(page, 'everything of f')
      await listed(page, 'g 1')
      await left('0001', 'g(1)')

      await page.evaluate(() => use.store.entries().then(() => f(9)))
      await listed(page, 'f 1,g 1')
      await page.click('#forget-all')
      await page.keyboard.press('Escape')
      assert.equal(await focused(page), 'forget-all')
      await page.click('#forget-all')
      assert.equal(await focused(page), 'forget-none')
      await page.click('#forget-none')
      await listed(page, 'f 1,g 1')
      await page.click('#forget-all')
      assert.equal(await page.textContent('#forget-asked'), 'Forget all 2?')
      await page.click('#forget-really')
      await listed(page, '')
      assert.equal(await focused(page), 'stored-title')
      await left('0000', '')
      await page.reload()
      await page.waitForSelector('[data-ready]')
      await look(page)
      await page.waitForSelector('#no-stored:not([hidden])')
      await listed(page, '')
    },
  )

  onPage('the page’s own list, memory and next call know of it', async page => {
    await page.check('input[value=primes]')
    await call(page, '100')
    await call(page, '200')
    await look(page)
    await listed(page, 'primes 2')
    await toggle(page, 'primes')
    await forget(page, 'primes(100)')
    assert.deepEqual(await page.$$eval('.entry code', all => all.map(one => one.textContent)), ['200'])
    assert.equal(await page.textContent('#said'), 'Forgot primes(100).')
    assert.match(await call(page, '100'), /^Miss/)
    assert.match(await call(page, '200'), /^Hit: out of memory/)
    await look(page)
    await listed(page, 'primes 2')
    await forget(page, 'everything of primes')
    assert.equal(await page.locator('.entry').count(), 0)
    assert.match(await call(page, '200'), /^Miss/)
  })

  onPage('thousands of entries: a sheet of rows, found and sorted among all', async page => {
    await prepare(page)
    await page.evaluate(async () => {
      const many = use.wrap('many', { tags: ([n]) => [`n:${n}`] })
      for (let n = 0; n < 3000; n++) await many(n, 'x'.repeat(n % 70))
      for (let n = 0; n < 40; n++) await use.wrap(`fn ${n}`)(n)
      await use.store.flush()
    })
    await look(page)
    const rows = () => page.locator('#stored tr').count()
    await page.waitForFunction(() => document.querySelector('#found').textContent === '3,040 in all')
    await page.click('#stored .sort:text-is("entries")')
    assert.deepEqual((await texts(page, '.outer code')).slice(0, 1), ['many'])
    await toggle(page, 'many')
    assert.ok((await rows()) < 50, `${await rows()} rows`)
    assert.ok((await page.locator('#stored *').count()) < 600)
    assert.equal(await page.textContent('.inner .pager'), '«‹1 to 15 of 3,000›»')
    // Whatever was stored in the same moment keeps its place when it is listed again.
    const first = await texts(page, '.called code')
    await page.evaluate(() => f(1).then(() => use.store.flush()))
    await page.waitForFunction(() => document.querySelector('#found').textContent === '3,041 in all')
    assert.deepEqual(await texts(page, '.called code'), first)
    await page.click('.inner [aria-label="last sheet"]')
    await page.keyboard.press('Enter')
    assert.equal(await focused(page), 'last sheet')
    assert.equal(await page.textContent('.inner .pager'), '«‹2,986 to 3,000 of 3,000›»')
    await page.click('.inner .sort:text-is("size")')
    const sizes = (await texts(page, '.kept td:nth-child(2)')).map(parseFloat)
    assert.equal(sizes.length, 15)
    const largest = await page.evaluate(async () =>
      Math.max(...(await use.store.entries()).map(({ size }) => size)),
    )
    assert.deepEqual(sizes, Array(15).fill(largest))
    await page.fill('#find', 'MANY n:1234')
    assert.equal(await page.textContent('#found'), '1 of 3,041 match')
    assert.deepEqual(await texts(page, '.called code'), [`(1234, "${'x'.repeat(1234 % 70)}")`])
    assert.deepEqual(await texts(page, '.called .kind'), ['n:1234'])
    await page.fill('#find', '12345')
    assert.equal(await page.isVisible('#no-stored'), true)
    await page.fill('#find', 'fn')
    assert.equal(await page.locator('.outer').count(), 12)
  })

  onPage('the text of names, arguments and tags is text', async page => {
    await prepare(page)
    const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'
    await page.evaluate(async evil => {
      const e = use.wrap(evil, { tags: [evil, '\u202etag'] })
      const cyclic = { evil }
      cyclic.itself = cyclic
      await e(evil, '\u202edcba\u0000', '\ud800', cyclic, new Map([[evil, new DataView(new ArrayBuffer(2))]]))
      await e('long '.repeat(30_000))
      await e(Array.from({ length: 5000 }, (_, n) => n))
      await e()
      await use.store.flush()
    }, evil)
    await look(page)
    await listed(page, `${evil} 4`)
    await page.click('.toggle')
    await page.click('.inner .sort:text-is("arguments")')
    const [first, ...rest] = await texts(page, '.called code')
    const quoted = JSON.stringify(evil)
    const whole = `(${quoted}, "\\u202edcba\\u0000", "\\ud800", {evil: ${quoted}, itself: <circular *1>}, Map(1) {${quoted} => DataView(2) [0, 0]})` // biome-ignore format: one line
    assert.equal(first, `${whole.slice(0, first.length - 1)}…`)
    assert.ok(first.length > 290 && first.length <= 310, first)
    assert.match(rest.join(' '), /^\(\) <digest .* of 146.5 KB> <digest .* of 39.1 KB>$/)
    for (const text of rest) assert.ok(text.length <= 310, text)
    assert.deepEqual((await texts(page, '.called .kind')).slice(0, 2), [evil, '\\u202etag'])
    assert.equal(await page.locator('#stored :is(img, script)').count(), 0)
    assert.equal(await page.evaluate(() => window.pwned), undefined)
  })

  onPage('the chart draws what the store says, now and before', async page => {
    await prepare(page)
    await look(page)
    await page.waitForTimeout(1100)
    await page.evaluate(async () => {
      for (let n = 0; n < 200; n++) await f(n, 'x'.repeat(n))
      await use.store.flush()
    })
    await page.waitForFunction(() =>
      document.querySelector('#usage output').textContent.includes('200 entries'),
    )
    const { bytes, entries, maxBytes } = await page.evaluate(() => use.store.stats())
    const now = `${bytesText(bytes)} of ${bytesText(maxBytes)}, ${entries} entries`
    assert.equal(await page.textContent('#usage output'), `now: ${now}`)
    assert.equal(await page.getAttribute('.usage-chart', 'aria-valuetext'), `now: ${now}`)
    const { box, line, ys } = await page.evaluate(() => {
      const number = (selector, name) =>
        Number(document.querySelector(`.usage-chart ${selector}`).getAttribute(name))
      const labels = [...document.querySelectorAll('.usage-chart text.of-bytes')]
      return {
        box: document.querySelector('.usage-chart').getBoundingClientRect().toJSON(),
        line: document
          .querySelector('.bytes-line')
          .getAttribute('d')
          .split(/(?=[ML])/),
        ys: [
          number('.dot-bytes', 'cy'),
          ...labels.map(one => one.getAttribute('y') - 4),
          labels.at(-1).textContent,
        ],
      }
    })
    assert.ok(line.length >= 3, `${line.length} points`)
    // Where a value stands between the lowest and the highest mark is what it is of the highest.
    const [y, floor, , top, high] = ys
    const most = parseFloat(high) * { B: 1, KB: 1e3, MB: 1e6 }[high.split(' ')[1]]
    assert.ok(Math.abs(((floor - y) / (floor - top)) * most - bytes) < most / 500, `${ys}: ${bytes}`)
    assert.equal(Number(line.at(-1).split(' ')[1]), Math.round(y * 10) / 10)
    // Back in time, there was nothing.
    await page.focus('.usage-chart')
    await page.keyboard.press('Home')
    assert.match(await page.textContent('#usage output'), /^\d+ s ago: 0 B of .*, 0 entries$/)
    await page.keyboard.press('End')
    assert.match(await page.textContent('#usage output'), /^now: /)
    await page.mouse.move(box.x + 100, box.y + 100)
    assert.match(await page.textContent('#usage output'), /^\d+ s ago: 0 B/)
    await page.mouse.move(5, 5)
    assert.match(await page.textContent('#usage output'), /^now: /)
    const [budget, quota] = await page.$$eval('#gauges .meter', all =>
      all.map(one => [one.ariaValueNow, one.ariaValueMax]),
    )
    assert.deepEqual(budget.map(Number), [bytes, maxBytes])
    const { quota: expected } = await page.evaluate(() => navigator.storage.estimate())
    assert.ok(Math.abs(quota[1] / expected - 1) < 0.1, `${quota}`)
    // The budget is far above what is drawn; a small one stands where it belongs.
    assert.match(await page.textContent('.usage-chart .of-budget'), /^budget .* far above ↑$/)
    const near = await page.evaluate(async () => {
      const [{ Chart }, { Usage }] = await Promise.all([import('/www/chart.js'), import('/www/usage.js')])
      const usage = new Usage()
      usage.samples = []
      usage.add({ bytes: 600, entries: 3, maxBytes: 1000 })
      const host = document.body.appendChild(document.createElement('div'))
      new Chart(host, usage)
      while (!host.querySelector('.budget-line')) await new Promise(requestAnimationFrame)
      const y = selector => host.querySelector(selector).getAttribute('y1')
      return [
        host.querySelector('.of-budget').textContent,
        y('.budget-line') === y('.grid:nth-of-type(3)'),
        host.querySelector('output').textContent,
      ]
    })
    assert.deepEqual(near, ['budget 1 KB', true, 'now: 600 B of 1 KB, 3 entries'])
    // A reload is no reason to forget.
    await page.reload()
    await page.waitForSelector('[data-ready]')
    await look(page)
    await page.focus('.usage-chart')
    await page.keyboard.press('Home')
    assert.match(await page.textContent('#usage output'), /^\d+ s ago: 0 B of .*, 0 entries$/)
  })

  onPage('the focus goes to what took the place of what was deleted, or what is next', async page => {
    await prepare(page)
    await page.evaluate(async () => {
      for (const n of [1, 2, 3]) await f(n)
      await g(1)
      await use.store.flush()
    })
    await look(page)
    await listed(page, 'f 3,g 1')
    await page.click('#stored .sort:text-is("function")')
    await page.focus('.toggle:has(code:text-is("f"))')
    await page.keyboard.press('Enter')
    assert.equal(await page.getAttribute('.toggle', 'aria-expanded'), 'true')
    await page.click('.inner .sort:text-is("arguments")')
    await page.focus('[aria-label="forget f(2)"]')
    for (const next of ['f(3)', 'f(1)']) {
      await page.keyboard.press('Enter')
      assert.equal(await focused(page), `forget ${next}`)
    }
    // Somebody else deletes it.
    await page.evaluate(() => use.store.forget({ namespace: 'f\0' + '1' }))
    await listed(page, 'g 1')
    assert.equal(await focused(page), 'forget everything of g')
    await page.keyboard.press('Enter')
    await listed(page, '')
    assert.equal(await focused(page), 'stored-title')
  })

  onPage('what has run out goes by itself', async page => {
    await prepare(page)
    await page.evaluate(async () => {
      await use.wrap('short', { ttl: '1m' })(1)
      await f(1)
      await use.store.flush()
    })
    await look(page)
    await listed(page, 'f 1,short 1')
    await page.evaluate(() => {
      const now = Date.now
      Date.now = () => now() + 61_000
    })
    await listed(page, 'f 1')
  })

  onPage('nothing is drawn that nobody sees, and nothing moves by itself', async page => {
    await prepare(page)
    await page.evaluate(() => f(1).then(() => use.store.flush()))
    /** How often the chart was drawn in two seconds and a half, and by how much the page moved. */
    const watch = () =>
      page.evaluate(async () => {
        let [drawn, moved] = [0, 0]
        const changes = new MutationObserver(() => drawn++)
        changes.observe(document.querySelector('.usage-chart'), { childList: true })
        const shifts = new PerformanceObserver(list =>
          list.getEntries().forEach(({ value }) => (moved += value)),
        )
        shifts.observe({ type: 'layout-shift' })
        await new Promise(resolve => setTimeout(resolve, 2500))
        changes.disconnect()
        shifts.disconnect()
        return { drawn, moved }
      })
    await page.evaluate(() => scrollTo(0, 0))
    await page.setViewportSize({ width: 1280, height: 500 })
    await page.waitForTimeout(200)
    assert.deepEqual(await watch(), { drawn: 0, moved: 0 })
    await look(page)
    await listed(page, 'f 1')
    await toggle(page, 'f')
    await page.waitForTimeout(600)
    const { drawn, moved } = await watch()
    assert.equal(moved, 0)
    assert.ok(drawn >= 1 && drawn <= 5, `${drawn}`)
  })

  const phone = { width: 390, height: 844 }
  onPage(
    'nothing of it is wider than a phone, and all of it has a name',
    async page => {
      await prepare(page)
      await page.evaluate(async () => {
        await use.wrap('a_name_without_end_'.repeat(12), { tags: ['tag'.repeat(60)] })('x'.repeat(500), {
          of: [1, 2, 3],
        })
        await use.store.flush()
      })
      await look(page)
      await page.click('.toggle')
      await page.click('#forget-all')
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), phone.width)
      const nameless = await page.$$eval(
        '#stored :is(button, input, [role=meter], [role=slider], table)',
        all => all.filter(one => !(one.ariaLabel || one.textContent.trim() || one.closest('label'))).length,
      )
      assert.equal(nameless, 0)
      const roles = await page.$$eval(
        '#stored :is(table, tbody, thead, tr, td, th)',
        all => all.filter(one => !one.role).length,
      )
      assert.equal(roles, 0)
    },
    phone,
  )
})
