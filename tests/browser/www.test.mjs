// The page of `npm run www`, as a person uses it.
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import { serveWww } from '../../scripts/www.js'
import { parseArguments, ReadError } from '../../www/parse.js'
import { bytesText, coarse, showArguments } from '../../www/show.js'
import { roundUp } from '../../www/usage.js'
import { call, onPage, port, servingPage } from './www-harness.mjs'

servingPage()

const runs = page => page.textContent('#numbers .ran dd')

describe('the page', { concurrency: 1 }, () => {
  onPage('a miss, a hit, and after a reload a hit from IndexedDB', async page => {
    await page.fill('#ttl', '5m')
    await page.press('#ttl', 'Tab')
    assert.match(await call(page, "'Porto', { b: 1, a: [2n, Map([[1, Date(0)]])] }"), /^It failed/)
    assert.match(await call(page, "'Porto'"), /^Miss: the function ran, (9\d\d ms|\d\.\d s)$/)
    assert.match(await page.textContent('#answer'), /Porto/)
    assert.match(await call(page, '"Porto"'), /^Hit: out of memory/)
    assert.match(await page.textContent('.entry'), /'Porto'.*left.*1 hit/)
    assert.equal(await page.isVisible('.entry .survived'), false)
    await Promise.all([page.waitForEvent('load'), page.click('#reload')])
    await page.waitForSelector('[data-ready]')
    assert.match(await page.textContent('#banner'), /1 result survived the reload/)
    assert.equal(await page.isVisible('.entry .survived'), true)
    assert.match(await call(page, "'Porto'"), /^Hit: IndexedDB kept it/)
    assert.match(await call(page, "'Porto'"), /^Hit: out of memory/)
    assert.equal(await runs(page), '0')
  })

  onPage('ten callers at once are one run', async page => {
    assert.equal(await call(page, "'Faro'", '#ten'), '10 callers, 1 run: 9 joined it')
    assert.equal(await call(page, "'Faro'", '#ten'), '10 callers, 0 runs: 10 found it remembered')
    // Calls that come close together are one line; on a busy machine the ten are not always that close.
    const lines = [...(await page.textContent('#calls')).matchAll(/joined(?: ×(\d+))?/g)]
    assert.equal(
      lines.reduce((sum, [, times = '1']) => sum + Number(times), 0),
      9,
    )
  })

  onPage('invalidating and clearing make the next call run', async page => {
    await page.check('input[value=primes]')
    assert.match(await call(page, '1_000'), /^Miss/)
    assert.match(await call(page, '1e3'), /^Hit/)
    await page.click('#invalidate')
    assert.match(await call(page, '1000'), /^Miss/)
    await page.click('.entry button[aria-label="invalidate 1000"]')
    assert.equal(await page.isVisible('#no-entries'), true)
    assert.match(await call(page, '1000'), /^Miss/)
    await page.click('#clear')
    assert.match(await call(page, '1000'), /^Miss/)
    assert.equal(await runs(page), '4')
  })

  onPage('an entry counts down, goes when its ttl is over, and stays away after a reload', async page => {
    await page.check('input[value=primes]')
    await page.fill('#ttl', '1.5s')
    await page.press('#ttl', 'Tab')
    await call(page, '500')
    assert.match(await page.textContent('.entry .left'), /^(1\.\ds|\d+ ms|1\.\d s) left$/)
    await page.waitForSelector('.entry', { state: 'detached' })
    await page.reload()
    await page.waitForSelector('[data-ready]')
    assert.equal(await page.locator('.entry').count(), 0)
    assert.match(await call(page, '500'), /^Miss/)
  })

  onPage('a picture comes back from IndexedDB as it was', async page => {
    const pixels = () => page.evaluate(() => document.querySelector('canvas.picture').toDataURL())
    await page.check('input[value=mandelbrot]')
    assert.match(await call(page, '{ zoom: 2, x: -1 }'), /^Miss/)
    const first = await pixels()
    await Promise.all([page.waitForEvent('load'), page.click('#reload')])
    await page.waitForSelector('[data-ready]')
    assert.match(await call(page, '{ x: -1, zoom: 2 }'), /^Hit: IndexedDB/)
    assert.equal(await pixels(), first)
  })

  onPage('what cannot be read is said, and nothing is called or run', async page => {
    for (const text of [
      "'a",
      '[1, 2',
      '{ a 1 }',
      'alert(1)',
      '1 2',
      '`${1}`',
      "Date('no",
      'Map([1])',
      '[['.repeat(200),
    ]) {
      await page.fill('#args', text)
      assert.equal(await page.isDisabled('#call'), true, text)
      assert.notEqual(await page.textContent('#reading .problem'), '', text)
    }
    await page.press('#args', 'Enter')
    assert.equal(await runs(page), '0')
    await page.fill('#ttl', '5 parsecs')
    await page.press('#ttl', 'Tab')
    assert.match(await page.textContent('#problem'), /option ttl must be .*got "5 parsecs"/)
  })

  onPage('the keyboard is enough', async page => {
    await page.focus('input[value=weather]')
    await page.keyboard.press('ArrowRight')
    assert.equal(await page.textContent('#fn-name'), 'primes')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'args')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('100')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.getElementById('verdict')?.textContent?.startsWith('Miss'))
    assert.match(await page.textContent('#answer'), /^25 primes/)
  })

  const phone = { width: 390, height: 844 }
  onPage(
    'nothing is wider than a phone, and dark mode is dark',
    async page => {
      for (const name of ['weather', 'primes', 'mandelbrot']) {
        await page.check(`input[value=${name}]`)
        await call(page, await page.inputValue('#args'))
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), phone.width, name)
      }
      const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
      const light = await background()
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
      const brightness = color => Math.max(...color.match(/\d+/g).map(Number))
      assert.ok(brightness(light) > 230 && brightness(await background()) < 60, light)
    },
    phone,
  )
})

/** A request as it is written, without the tidying that `fetch` and `URL` do. @returns {Promise<{ status: number, type: string }>} */
function get(path, method = 'GET') {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method }, response => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '' })
    })
      .on('error', reject)
      .end()
  })
}

describe('the server', () => {
  it('sends what the page needs, with its type', async () => {
    const types = [
      ['/www/', 'text/html; charset=utf-8'],
      ['/www/style.css', 'text/css; charset=utf-8'],
      ['/www/icon.svg', 'image/svg+xml'],
      ['/js/mime.js', 'text/javascript; charset=utf-8'],
      ['/pkg/my_mimic_bg.wasm', 'application/wasm'],
    ]
    for (const [path, type] of types) assert.deepEqual(await get(path), { status: 200, type }, path)
    assert.equal((await get('/')).status, 302)
    assert.equal((await get('/www/', 'POST')).status, 405)
  })

  it('sends nothing else', async () => {
    const paths = [
      '/package.json',
      '/scripts/www.js',
      '/www/../package.json',
      '/js/%2e%2e/package.json',
      '/js/..%2fpackage.json',
      '//etc/passwd',
      '/www/%00',
      '/www/%',
      '/pkg/.stamp',
      '/js',
      '/www/..\\package.json',
      '/js/entry',
      '/nothing',
    ]
    for (const path of paths) assert.equal((await get(path)).status, 404, path)
  })

  it('takes another port when the wanted one is taken', async () => {
    const other = await serveWww(port)
    assert.notEqual(/** @type {import('node:net').AddressInfo} */ (other.address()).port, port)
    other.close()
  })
})

describe('typed arguments', () => {
  it('are read as JavaScript would', () => {
    const source = String.raw`-0, 1_000.5e-1, 0xff, -12n, 'it\'s', "\u{1f600}\n", [1, [2],], { a: 1, 'b c': { 2: null } }, /a[/]b/gi, true,
      undefined, NaN, -Infinity, new Date(0), Map([[1, new Set(['x'])]]), Uint8Array([1, 2])`
    const expected = [
      -0,
      100.05,
      255,
      -12n,
      "it's",
      '\u{1f600}\n',
      [1, [2]],
      { a: 1, 'b c': { 2: null } },
      /a[/]b/gi,
      true,
      undefined,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      new Date(0),
      new Map([[1, new Set(['x'])]]),
      Uint8Array.of(1, 2),
    ]
    assert.deepStrictEqual(parseArguments(source), expected)
    assert.deepStrictEqual(parseArguments(showArguments(expected)), expected)
    assert.deepStrictEqual(parseArguments('  '), [])
  })

  it('never touch a prototype', () => {
    const [object] = parseArguments('{ __proto__: { polluted: 1 }, constructor: 2 }')
    assert.deepEqual(Object.keys(object), ['__proto__', 'constructor'])
    assert.equal(Object.getPrototypeOf(object), Object.prototype)
    assert.throws(() => parseArguments('toString'), ReadError)
  })

  it('that are wrong say where', () => {
    const cases = /** @type {[string, RegExp, number][]} */ ([
      ['1, alert(1)', /alert is not a value/, 3],
      ["'open", /does not end/, 0],
      ['[1 2]', /comma or \] is missing/, 3],
      ['{ a: 1', /} is missing at the end/, 6],
      ['1.5n', /bigint has no fraction/, 0],
      ['/(/', /Invalid regular expression/, 0],
      [',', /did not expect ","/, 0],
      ["'\\u12'", /hexadecimal/, 3],
    ])
    for (const [text, message, at] of cases) {
      assert.throws(
        () => parseArguments(text),
        error => error instanceof ReadError && message.test(error.message) && error.at === at,
        text,
      )
    }
  })
})

describe('numbers for people', () => {
  it('bytes', () => {
    const texts = [0, 1, 999, 1000, 1234, 99_949, 99_960, 999_499, 999_500, 64e6, 2.5e9, 3e12, 5e16].map(
      bytesText,
    )
    assert.deepEqual(texts, ['0 B', '1 B', '999 B', '1 KB', '1.2 KB', '99.9 KB', '100 KB', '999 KB', '1 MB', '64 MB', '2.5 GB', '3 TB', '50000 TB']) // biome-ignore format: one line
  })

  it('times', () => {
    assert.deepEqual([-5, 900, 119_999, 120_000, 7_200_000, 172_800_000].map(ms => coarse(ms)), ['0 s', '0 s', '119 s', '2 min', '2 h', '2 d']) // biome-ignore format: one line
    assert.deepEqual(
      [1, 29_001].map(ms => coarse(ms, Math.ceil)),
      ['1 s', '30 s'],
    )
  })

  it('the ends of axes', () => {
    assert.deepEqual(
      [0.5, 1, 1.5, 3, 5.1, 999, 1000, 1001].map(roundUp),
      [0.5, 1, 2, 5, 10, 1000, 1000, 2000],
    )
  })
})
