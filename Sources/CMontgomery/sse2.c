// Two private exponentiations at once on SSE2, which every x86-64 and a Pentium M has: each 64-bit lane holds one
// prime's digit of 28 bits, so that a column adds up all of its 56-bit products before anything is carried.
#include "modulus.h"

#if defined(__SSE2__)

#include <emmintrin.h>
#include <string.h>

#define LANES 2
#define DIGIT_BITS SSE2_DIGIT_BITS
#define ROWS 4
/// Twice as many products of 56 bits, a row's and a reduction's, fit one column.
#define MOST_DIGITS 120

typedef uint64_t lanes[LANES] __attribute__((aligned(16)));

static inline __m128i load(const uint64_t *p) { return _mm_load_si128((const __m128i *)p); }
static inline void store(uint64_t *p, __m128i value) { _mm_store_si128((__m128i *)p, value); }
/// sum + a * b, of the low halves of each lane.
static inline __m128i add_product(__m128i sum, __m128i a, __m128i b) { return _mm_add_epi64(sum, _mm_mul_epu32(a, b)); }

/// Four digits of one number, in registers.
typedef struct {
    __m128i r0, r1, r2, r3;
} rows;

static inline rows load_rows(const lanes *a) { return (rows){load(a[0]), load(a[1]), load(a[2]), load(a[3])}; }

/// Columns `first` to `last` of sum += a * four, which lie below the end of a.
static inline void add_columns(lanes *sum, const lanes *a, const rows four, long first, long last) {
    const __m128i zero = _mm_setzero_si128();
    __m128i b1 = first > 0 ? load(a[first - 1]) : zero, b2 = first > 1 ? load(a[first - 2]) : zero;
    __m128i b3 = first > 2 ? load(a[first - 3]) : zero;
    _Pragma("clang loop unroll_count(4)")
    for (long column = first; column < last; column++) {
        const __m128i digit = load(a[column]);
        __m128i even = add_product(load(sum[column]), digit, four.r0);
        __m128i odd = _mm_mul_epu32(b1, four.r1);
        even = add_product(even, b2, four.r2);
        odd = add_product(odd, b3, four.r3);
        store(sum[column], _mm_add_epi64(even, odd));
        b3 = b2, b2 = b1, b1 = digit;
    }
}

/// The three columns past the end of a, which complete add_columns().
static inline void add_tail(lanes *sum, const lanes *a, long digits, const rows four) {
    const __m128i zero = _mm_setzero_si128();
    const __m128i b1 = digits > 0 ? load(a[digits - 1]) : zero, b2 = digits > 1 ? load(a[digits - 2]) : zero;
    const __m128i b3 = digits > 2 ? load(a[digits - 3]) : zero;
    __m128i value = add_product(load(sum[digits]), b1, four.r1);
    store(sum[digits], add_product(add_product(value, b2, four.r2), b3, four.r3));
    value = add_product(load(sum[digits + 1]), b1, four.r2);
    store(sum[digits + 1], add_product(value, b2, four.r3));
    store(sum[digits + 2], add_product(load(sum[digits + 2]), b1, four.r3));
}

static inline void add_rows(lanes *sum, const lanes *a, long digits, const rows four) {
    add_columns(sum, a, four, 0, digits);
    add_tail(sum, a, digits, four);
}

static inline void add_row(lanes *sum, const lanes *a, long digits, __m128i one) {
    for (long column = 0; column < digits; column++) {
        store(sum[column], add_product(load(sum[column]), load(a[column]), one));
    }
}

/// product = a * b, in 2 * digits columns that are not yet carried.
static inline void form_product(lanes *product, const lanes *a, const lanes *b, long digits) {
    memset(product, 0, (size_t)(2 * digits + ROWS) * sizeof *product);
    long row = 0;
    for (; row + ROWS <= digits; row += ROWS) add_rows(product + row, a, digits, load_rows(b + row));
    for (; row < digits; row++) add_row(product + row, a, digits, load(b[row]));
}

static inline void add_to(uint64_t *column, __m128i a, __m128i b) { store(column, add_product(load(column), a, b)); }

/// product = a * a: products of unequal digits once, doubled, and the squares.
static inline void form_square(lanes *product, const lanes *a, long digits) {
    memset(product, 0, (size_t)(2 * digits + ROWS) * sizeof *product);
    long row = 0;
    for (; row + ROWS <= digits; row += ROWS) {
        const rows four = load_rows(a + row);
        lanes *sum = product + 2 * row;
        add_to(sum[1], four.r0, four.r1);
        add_to(sum[2], four.r0, four.r2);
        add_to(sum[3], four.r0, four.r3);
        add_to(sum[3], four.r1, four.r2);
        add_to(sum[4], four.r1, four.r3);
        add_to(sum[5], four.r2, four.r3);
        add_rows(sum + ROWS, a + row + ROWS, digits - row - ROWS, four);
    }
    for (; row < digits; row++) add_row(product + 2 * row + 1, a + row + 1, digits - row - 1, load(a[row]));
    for (row = 0; row < digits; row++) {
        const __m128i digit = load(a[row]);
        const __m128i even = load(product[2 * row]), odd = load(product[2 * row + 1]);
        store(product[2 * row], add_product(_mm_add_epi64(even, even), digit, digit));
        store(product[2 * row + 1], _mm_add_epi64(odd, odd));
    }
}

/// The multiples that clear four columns, each as the ones before it leave its column; the carry goes to the next.
static inline rows find_multiples(lanes *column, const lanes *friend, __m128i mask) {
    const __m128i f0 = load(friend[0]), f1 = load(friend[1]), f2 = load(friend[2]);
    rows m;
    __m128i value = load(column[0]);
    m.r0 = _mm_and_si128(value, mask);
    value = _mm_add_epi64(load(column[1]), _mm_srli_epi64(value, DIGIT_BITS));
    value = add_product(value, f0, m.r0);
    m.r1 = _mm_and_si128(value, mask);
    value = _mm_add_epi64(add_product(load(column[2]), f1, m.r0), _mm_srli_epi64(value, DIGIT_BITS));
    value = add_product(value, f0, m.r1);
    m.r2 = _mm_and_si128(value, mask);
    __m128i next = add_product(add_product(load(column[3]), f2, m.r0), f1, m.r1);
    value = add_product(_mm_add_epi64(next, _mm_srli_epi64(value, DIGIT_BITS)), f0, m.r2);
    m.r3 = _mm_and_si128(value, mask);
    store(column[4], _mm_add_epi64(load(column[4]), _mm_srli_epi64(value, DIGIT_BITS)));
    return m;
}

/// out = product / V modulo the friendly multiple, whose digits above the lowest are `friend`.
static inline void reduce(lanes *out, lanes *product, const lanes *friend, long friend_digits, long digits) {
    const __m128i mask = _mm_set_epi32(0, (1 << DIGIT_BITS) - 1, 0, (1 << DIGIT_BITS) - 1);
    long row = 0;
    for (; row + ROWS <= digits; row += ROWS) {
        const rows multiples = find_multiples(product + row, friend, mask);
        add_columns(product + row + 1, friend, multiples, ROWS - 1, friend_digits);
        add_tail(product + row + 1, friend, friend_digits, multiples);
    }
    for (; row < digits; row++) {
        const __m128i value = load(product[row]);
        store(product[row + 1], _mm_add_epi64(load(product[row + 1]), _mm_srli_epi64(value, DIGIT_BITS)));
        add_row(product + row + 1, friend, friend_digits, _mm_and_si128(value, mask));
    }
    __m128i carry = _mm_setzero_si128();
    for (row = 0; row < digits; row++) {
        const __m128i value = _mm_add_epi64(load(product[digits + row]), carry);
        carry = _mm_srli_epi64(value, DIGIT_BITS);
        store(out[row], _mm_and_si128(value, mask));
    }
}

/// The entry that each lane's index names; every entry is read.
static inline void choose(lanes *out, const lanes *table, long digits, const lanes indices) {
    const __m128i wanted = load(indices);
    memset(out, 0, (size_t)digits * sizeof *out);
    for (int entry = 0; entry < ENTRIES; entry++) {
        // Both halves of a lane must agree, and the upper ones are zero on both sides.
        const __m128i equal = _mm_cmpeq_epi32(wanted, _mm_set_epi32(0, entry, 0, entry));
        const __m128i hit = _mm_and_si128(equal, _mm_shuffle_epi32(equal, 0xb1));
        for (long digit = 0; digit < digits; digit++) {
            store(out[digit], _mm_or_si128(load(out[digit]), _mm_and_si128(load(table[entry * digits + digit]), hit)));
        }
    }
}

#define LANES_FUNCTION static
#include "lanes.h"

int mont_pairs_available(void) { return 1; }

int mont_pairs_serve(const mont_modulus *m) { return m->digits.count <= MOST_DIGITS; }

size_t mont_pairs_raise_bytes(const mont_modulus *m) { return scratch_bytes(m) + (size_t)m->limbs * sizeof(mont_limb); }

void mont_pairs_raise(long count, const mont_modulus *const *moduli, mont_limb *const *results, const mont_limb *base,
                      long base_limbs, const mont_limb *const *exponents, long exponent_bits, void *scratch) {
    // An odd prime out runs beside itself.
    mont_limb *spare = (mont_limb *)((char *)scratch + scratch_bytes(moduli[0]));
    for (long done = 0; done < count; done += 2) {
        const long second = done + 1 < count ? done + 1 : done;
        const mont_modulus *m[2] = {moduli[done], moduli[second]};
        const mont_limb *bases[2] = {base, base}, *powers[2] = {exponents[done], exponents[second]};
        mont_limb *targets[2] = {results[done], second == done ? spare : results[second]};
        raise_lanes(m, targets, bases, base_limbs, powers, exponent_bits, scratch);
    }
}

#else

#include <stdlib.h>

int mont_pairs_available(void) { return 0; }
int mont_pairs_serve(const mont_modulus *m) { return (void)m, 0; }
size_t mont_pairs_raise_bytes(const mont_modulus *m) { return (void)m, 0; }
void mont_pairs_raise(long count, const mont_modulus *const *m, mont_limb *const *r, const mont_limb *b, long n,
                      const mont_limb *const *e, long bits, void *scratch) {
    (void)count, (void)m, (void)r, (void)b, (void)n, (void)e, (void)bits, (void)scratch;
    abort();
}

#endif
