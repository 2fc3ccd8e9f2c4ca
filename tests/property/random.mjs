/** Seeded random numbers (sfc32): the same seed gives the same run everywhere. */
export class Random {
  constructor(seed) {
    this.a = seed | 0
    this.b = 0x9e3779b9
    this.c = 0x243f6a88
    this.d = 1
    for (let i = 0; i < 16; i++) this.word()
  }

  word() {
    const sum = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A whole number from 0 to `below` - 1. */
  int(below) {
    return this.word() % below
  }

  pick(list) {
    return list[this.int(list.length)]
  }

  /** True once in `n` times. */
  oneIn(n) {
    return this.int(n) === 0
  }

  times(count, make) {
    return Array.from({ length: count }, (_, i) => make(i))
  }

  shuffled(list) {
    const copy = [...list]
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const held = copy[i]
      copy[i] = copy[j]
      copy[j] = held
    }
    return copy
  }
}
