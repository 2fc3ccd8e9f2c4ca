/** The standard decorators. tests/types/legacy/decorators.ts is the same for the older form. */
import { createMime, type Mimed, type MimeDecorator, mime } from '../../js/index.js'
import { check, type Equal } from './equal.js'

const tag = Symbol('tag')
const cached: MimeDecorator = mime('5m')
const own = createMime()

class Api {
  base = 1
  @mime('10s') profile(id: string, ...more: number[]): string {
    return `${id}${more}${this.base}`
  }
  @mime() async load(id: number) {
    return { id }
  }
  @mime(60) generic<T extends object>(x: T): T {
    return x
  }
  @mime(null) withThis(this: Api, x: number) {
    return this.base + x
  }
  over(x: string): 'text'
  over(x: number): 'number'
  @own({ ttl: '5m' }) over(x: unknown) {
    return typeof x === 'string' ? 'text' : 'number'
  }
  @mime('5m') isText(x: unknown): x is string {
    return typeof x === 'string'
  }
  @cached get total(): number {
    return this.base
  }
  set total(x: number) {
    this.base = x
  }
  @cached static make(x: number) {
    return new Api().profile(`${x}`)
  }
  @cached static get kind(): 'api' {
    return 'api'
  }
  @cached #secret(x: string) {
    return x
  }
  @cached get #hidden() {
    return 1
  }
  @cached static #shared() {
    return 1
  }
  @cached [tag](x: string) {
    return x + this.#secret(x) + this.#hidden + Api.#shared()
  }
  @cached 42() {}
}

// The class is what it was.
const api = new Api()
check<Equal<Parameters<typeof api.profile>, [id: string, ...more: number[]]>>()
check<Equal<ReturnType<typeof api.load>, Promise<{ id: number }>>>()
check<Equal<typeof api.total, number>>()
check<Equal<ReturnType<typeof Api.make>, string>>()
const overText: 'text' = api.over('x')
const has: boolean = (api.profile as Mimed<Api['profile']>).has.call(api, 'a', 1)
const generic: { a: 1 } = api.generic({ a: 1 })

// Callbacks know the method when its type is given, and the method has to be of it.
type Load = (id: number) => Promise<{ id: number }>
class Typed {
  @mime<Load>({
    ttl: (value, [id]) => value.id + id,
    tags: ([id]) => [`${id.toFixed()}`],
    key: id => id.toFixed(),
  })
  async load(id: number) {
    return { id }
  }
  // @ts-expect-error of another type
  @mime<Load>({ ttl: value => value.id })
  other(id: string) {
    return id
  }
  // @ts-expect-error nor does a getter return that
  @mime<Load>({ ttl: value => value.id })
  get getter() {
    return 1
  }
  // Without it they take anything.
  @mime({ ttl: (value, [id]) => (value.any + id.thing ? 1 : 2) })
  loose(id: string) {
    return id
  }
}

class Wrong {
  // @ts-expect-error a field
  @mime('5m') field = 1
  // @ts-expect-error a field that holds a function
  @mime('5m') arrow = (x: number) => x
  // @ts-expect-error an accessor
  @mime('5m') accessor both = 1
  // @ts-expect-error a setter
  @mime('5m') set setter(_x: number) {}
  // @ts-expect-error without parentheses
  @mime bare() {
    return 1
  }
  // @ts-expect-error without parentheses
  @mime get bareGetter() {
    return 1
  }
  // @ts-expect-error a misspelt option
  @mime({ maxEntires: 5 }) misspelt() {}
  // @ts-expect-error no ttl
  @mime(true) noTtl() {}
}
// @ts-expect-error a class
@mime('5m')
class Whole {}

// Called by hand it is not how a function is wrapped.
// @ts-expect-error mime(fn, '5m')
mime('5m')((x: number) => x)

export { generic, has, overText, Typed, Whole, Wrong }
