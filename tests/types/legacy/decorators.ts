/** `experimentalDecorators`: compiled by itself, with that option. */
import { createMime, type MimeDecorator, mime } from '../../../js/index.js'
import { check, type Equal } from '../equal.js'

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
  @cached [tag](x: string) {
    return x
  }
  @cached 42() {}
}

const api = new Api()
check<Equal<Parameters<typeof api.profile>, [id: string, ...more: number[]]>>()
check<Equal<ReturnType<typeof api.load>, Promise<{ id: number }>>>()
check<Equal<typeof api.total, number>>()
const overText: 'text' = api.over('x')

type Load = (id: number) => Promise<{ id: number }>
class Typed {
  @mime<Load>({ ttl: (value, [id]) => value.id + id })
  async load(id: number) {
    return { id }
  }
  // @ts-expect-error of another type
  @mime<Load>({ ttl: value => value.id })
  other(id: string) {
    return id
  }
}

class Wrong {
  // @ts-expect-error a field
  @mime('5m') field = 1
  // @ts-expect-error a field that holds a function
  @mime('5m') arrow = (x: number) => x
  // @ts-expect-error a static field
  @mime('5m') static fixed = 1
  // @ts-expect-error without parentheses
  @mime bare() {
    return 1
  }
  // @ts-expect-error a misspelt option
  @mime({ maxEntires: 5 }) misspelt() {}
  // @ts-expect-error a parameter
  parameter(@mime('5m') x: number) {
    return x
  }
}
// @ts-expect-error a class
@mime('5m')
class Whole {}

export { overText, Typed, Whole, Wrong }
