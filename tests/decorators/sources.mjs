/** What the compilers get. Plain JavaScript but for the decorators. */

/** In both forms. */
const subject = `
export function build(mime) {
  const calls = []
  const cached = mime('1m')
  class Api {
    constructor(base) { this.base = base }
    @mime('1m') add(a, b = 0) { calls.push('add'); return { sum: this.base + a + b } }
    @mime('1m') async load(id) { calls.push('load'); if (id === 'bad') throw new Error('bad'); return { id, api: this } }
    @mime({ ttl: '1m', maxEntries: 2 }) get total() { calls.push('total'); return { base: this.base } }
    set total(base) { this.base = base }
    @mime(60) static make(x) { calls.push('make'); return { x, self: this } }
    @mime(null) static get kind() { calls.push('kind'); return { self: this } }
    @mime() 42(x) { calls.push('42'); return { x } }
    @cached one(x) { return ['one', x] }
    @cached two(x) { return ['two', x] }
  }
  class Sub extends Api {
    add(a, b) { return super.add(a, b) }
  }
  return { Api, Sub, calls }
}

export function heard(mime, options) {
  class Api {
    @mime(options) method() {}
    @mime(options) get property() {}
    @mime(options) static fixed() {}
    @mime(options) 42() {}
    @mime({ ...options, name: 'given' }) named() {}
  }
  const api = new Api()
  api.method()
  api.property
  Api.fixed()
  api[42]()
  api.named()
}

export const refused = {
  'field x': mime => { class A { @mime('5m') x = 1 } },
  'field y': mime => { class A { @mime('5m') y } },
  'field z': mime => { class A { @mime('5m') static z = () => 1 } },
  'setter x': mime => { class A { @mime('5m') set x(value) {} } },
  'class A': mime => { @mime('5m') class A {} },
}

export const bare = {
  method: mime => { class A { @mime method() {} } },
  fixed: mime => { class A { @mime static fixed() {} } },
  property: mime => { class A { @mime get property() { return 1 } } },
}
`

/** What Babel's older form does not have. */
const computed = `
export function build(mime, options) {
  const tag = Symbol('tag')
  class Api {
    @mime() [tag](x) { return { x } }
    @mime(options) [Symbol.iterator]() {}
    @mime(options) ['two words']() {}
  }
  const api = new Api()
  api[Symbol.iterator]()
  api['two words']()
  return api[tag]
}
`

/** What only the standard form has. */
const standard = `
export function build(mime, options) {
  const calls = []
  class Vault {
    #n = 1
    constructor(n) { this.#n = n }
    @mime('1m') #secret(x) { calls.push('secret'); return { n: this.#n, x } }
    @mime('1m') get #hidden() { calls.push('hidden'); return { n: this.#n } }
    @mime('1m') static #shared(x) { calls.push('shared'); return { x } }
    @mime(options) #heard() {}
    secret(x) { return this.#secret(x) }
    hidden() { return this.#hidden }
    heard() { return this.#heard() }
    static shared(x) { return this.#shared(x) }
  }
  return { Vault, calls }
}

export const refused = {
  'accessor x': mime => { class A { @mime('5m') accessor x = 1 } },
  'field #x': mime => { class A { @mime('5m') #x = 1 } },
}
`

/** What only TypeScript's older form has. */
const parameters = `
export const refused = {
  'parameter method': mime => { class A { method(@mime('5m') x) {} } },
  'parameter A': mime => { class A { constructor(@mime('5m') x) {} } },
}
`

/** @param {import('./compilers.mjs').Compiler} compiler @returns {Record<string, string>} */
export function sourcesFor({ name, form }) {
  if (form === 'standard') return { subject, computed, standard }
  return name.startsWith('Babel') ? { subject } : { subject, computed, parameters }
}
