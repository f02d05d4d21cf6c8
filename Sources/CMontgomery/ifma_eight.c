// Eight private operations at once on AVX-512 IFMA: each lane of a vector holds one number's digit, so nothing ever
// crosses lanes and every multiplier is busy.
//
// Products are formed four rows at a time: a column is loaded and stored once for eight multiply-adds. A square forms
// the products of unequal digits once and doubles them.
#include "ifma.h"

#if defined(__x86_64__)

#define ROWS 4

typedef uint64_t lanes[LANES] __attribute__((aligned(64)));

/// Four digits of one number, in registers: an array would be kept in memory.
typedef struct {
    __m512i r0, r1, r2, r3;
} rows;

/// Columns `first` to `last` of sum += a * four, which lie below the end of a.
IFMA_INLINE void add_columns(lanes *sum, const lanes *a, const rows four, long first, long last) {
    const __m512i zero = _mm512_setzero_si512();
    // The digits of a that stand one, two, three and four below the column.
    __m512i b1 = first > 0 ? load(a[first - 1]) : zero, b2 = first > 1 ? load(a[first - 2]) : zero;
    __m512i b3 = first > 2 ? load(a[first - 3]) : zero, b4 = first > 3 ? load(a[first - 4]) : zero;
    _Pragma("clang loop unroll_count(4)")
    for (long column = first; column < last; column++) {
        const __m512i digit = load(a[column]);
        __m512i low = _mm512_madd52lo_epu64(load(sum[column]), digit, four.r0);
        __m512i high = _mm512_madd52hi_epu64(zero, b1, four.r0);
        low = _mm512_madd52lo_epu64(low, b1, four.r1);
        high = _mm512_madd52hi_epu64(high, b2, four.r1);
        low = _mm512_madd52lo_epu64(low, b2, four.r2);
        high = _mm512_madd52hi_epu64(high, b3, four.r2);
        low = _mm512_madd52lo_epu64(low, b3, four.r3);
        high = _mm512_madd52hi_epu64(high, b4, four.r3);
        store(sum[column], _mm512_add_epi64(low, high));
        b4 = b3, b3 = b2, b2 = b1, b1 = digit;
    }
}

/// The four columns past the end of a, which complete add_columns().
IFMA_INLINE void add_tail(lanes *sum, const lanes *a, long digits, const rows four) {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i b1 = digits > 0 ? load(a[digits - 1]) : zero, b2 = digits > 1 ? load(a[digits - 2]) : zero;
    const __m512i b3 = digits > 2 ? load(a[digits - 3]) : zero, b4 = digits > 3 ? load(a[digits - 4]) : zero;
    __m512i value = _mm512_madd52hi_epu64(load(sum[digits]), b1, four.r0);
    value = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(value, b1, four.r1), b2, four.r1);
    value = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(value, b2, four.r2), b3, four.r2);
    value = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(value, b3, four.r3), b4, four.r3);
    store(sum[digits], value);
    value = _mm512_madd52hi_epu64(load(sum[digits + 1]), b1, four.r1);
    value = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(value, b1, four.r2), b2, four.r2);
    value = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(value, b2, four.r3), b3, four.r3);
    store(sum[digits + 1], value);
    value = _mm512_madd52hi_epu64(load(sum[digits + 2]), b1, four.r2);
    value = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(value, b1, four.r3), b2, four.r3);
    store(sum[digits + 2], value);
    store(sum[digits + 3], _mm512_madd52hi_epu64(load(sum[digits + 3]), b1, four.r3));
}

/// sum += a * four.
IFMA_INLINE void add_rows(lanes *sum, const lanes *a, long digits, const rows four) {
    add_columns(sum, a, four, 0, digits);
    add_tail(sum, a, digits, four);
}

/// sum += a * one.
IFMA_INLINE void add_row(lanes *sum, const lanes *a, long digits, __m512i one) {
    __m512i below = _mm512_setzero_si512();
    for (long column = 0; column < digits; column++) {
        const __m512i digit = load(a[column]);
        const __m512i low = _mm512_madd52lo_epu64(load(sum[column]), digit, one);
        store(sum[column], _mm512_madd52hi_epu64(low, below, one));
        below = digit;
    }
    store(sum[digits], _mm512_madd52hi_epu64(load(sum[digits]), below, one));
}

IFMA_INLINE rows load_rows(const lanes *a) { return (rows){load(a[0]), load(a[1]), load(a[2]), load(a[3])}; }

/// product = a * b, in 2 * digits columns that are not yet carried.
IFMA_INLINE void form_product(lanes *product, const lanes *a, const lanes *b, long digits) {
    memset(product, 0, (size_t)(2 * digits + ROWS) * sizeof *product);
    long row = 0;
    for (; row + ROWS <= digits; row += ROWS) add_rows(product + row, a, digits, load_rows(b + row));
    for (; row < digits; row++) add_row(product + row, a, digits, load(b[row]));
}

/// Two columns from `column` on += a * b for single digits.
IFMA_INLINE void add_pair(lanes *column, __m512i a, __m512i b) {
    store(column[0], _mm512_madd52lo_epu64(load(column[0]), a, b));
    store(column[1], _mm512_madd52hi_epu64(load(column[1]), a, b));
}

/// product = a * a.
IFMA_INLINE void form_square(lanes *product, const lanes *a, long digits) {
    memset(product, 0, (size_t)(2 * digits + ROWS) * sizeof *product);
    long row = 0;
    for (; row + ROWS <= digits; row += ROWS) {
        const rows four = load_rows(a + row);
        // The pairs inside these rows, then the rows against all digits above them.
        lanes *sum = product + 2 * row;
        add_pair(sum + 1, four.r0, four.r1);
        add_pair(sum + 2, four.r0, four.r2);
        add_pair(sum + 3, four.r0, four.r3);
        add_pair(sum + 3, four.r1, four.r2);
        add_pair(sum + 4, four.r1, four.r3);
        add_pair(sum + 5, four.r2, four.r3);
        add_rows(sum + ROWS, a + row + ROWS, digits - row - ROWS, four);
    }
    for (; row < digits; row++) add_row(product + 2 * row + 1, a + row + 1, digits - row - 1, load(a[row]));
    for (row = 0; row < digits; row++) {
        const __m512i digit = load(a[row]);
        const __m512i even = load(product[2 * row]), odd = load(product[2 * row + 1]);
        store(product[2 * row], _mm512_madd52lo_epu64(_mm512_add_epi64(even, even), digit, digit));
        store(product[2 * row + 1], _mm512_madd52hi_epu64(_mm512_add_epi64(odd, odd), digit, digit));
    }
}

/// The multiples that clear four columns, each as the ones before it leave its column; the carry goes to the next.
IFMA_INLINE rows find_multiples(lanes *column, const lanes *friend) {
    const __m512i f0 = load(friend[0]), f1 = load(friend[1]), f2 = load(friend[2]);
    rows m;
    m.r0 = load(column[0]);
    __m512i next = _mm512_add_epi64(load(column[1]), _mm512_srli_epi64(m.r0, DIGIT_BITS));
    m.r1 = _mm512_madd52lo_epu64(next, f0, m.r0);
    next = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(load(column[2]), f1, m.r0), f0, m.r0);
    next = _mm512_add_epi64(next, _mm512_srli_epi64(m.r1, DIGIT_BITS));
    m.r2 = _mm512_madd52lo_epu64(next, f0, m.r1);
    next = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(load(column[3]), f2, m.r0), f1, m.r0);
    next = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(next, f1, m.r1), f0, m.r1);
    next = _mm512_add_epi64(next, _mm512_srli_epi64(m.r2, DIGIT_BITS));
    m.r3 = _mm512_madd52lo_epu64(next, f0, m.r2);
    store(column[4], _mm512_add_epi64(load(column[4]), _mm512_srli_epi64(m.r3, DIGIT_BITS)));
    return m;
}

/// out = product / V modulo the friendly multiple, whose digits above the lowest are `friend`.
IFMA_INLINE void reduce(lanes *out, lanes *product, const lanes *friend, long friend_digits, long digits) {
    long row = 0;
    rows multiples = find_multiples(product, friend);
    for (; row + ROWS <= digits; row += ROWS) {
        // The next rows' multiples form one long chain: it starts as soon as its columns are there, and the many
        // columns above fill the time.
        lanes *sum = product + row + 1;
        rows next = multiples;
        add_columns(sum, friend, multiples, ROWS - 1, 2 * ROWS - 1);
        if (row + 2 * ROWS <= digits) next = find_multiples(product + row + ROWS, friend);
        add_columns(sum, friend, multiples, 2 * ROWS - 1, friend_digits);
        add_tail(sum, friend, friend_digits, multiples);
        multiples = next;
    }
    for (; row < digits; row++) {
        const __m512i multiple = load(product[row]);
        store(product[row + 1], _mm512_add_epi64(load(product[row + 1]), _mm512_srli_epi64(multiple, DIGIT_BITS)));
        add_row(product + row + 1, friend, friend_digits, multiple);
    }
    const __m512i mask = everywhere(DIGIT_MASK);
    __m512i carry = _mm512_setzero_si512();
    for (row = 0; row < digits; row++) {
        __m512i value = _mm512_add_epi64(load(product[digits + row]), carry);
        carry = _mm512_srli_epi64(value, DIGIT_BITS);
        store(out[row], _mm512_and_si512(value, mask));
    }
}

/// The entry that each lane's index names; every entry is read.
IFMA_INLINE void choose(lanes *out, const lanes *table, long digits, const lanes indices) {
    const __m512i wanted = load(indices), one = everywhere(1);
    for (long first = 0; first < digits; first += 4) {
        // Past the last digit the choice falls into the slack after `out`.
        __m512i d0, d1, d2, d3, entry = _mm512_setzero_si512();
        d0 = d1 = d2 = d3 = entry;
        for (const lanes *row = table + first, *end = row + ENTRIES * digits; row < end; row += digits) {
            const __mmask8 hit = _mm512_cmpeq_epi64_mask(entry, wanted);
            d0 = _mm512_mask_mov_epi64(d0, hit, load(row[0]));
            d1 = _mm512_mask_mov_epi64(d1, hit, load(row[1]));
            d2 = _mm512_mask_mov_epi64(d2, hit, load(row[2]));
            d3 = _mm512_mask_mov_epi64(d3, hit, load(row[3]));
            entry = _mm512_add_epi64(entry, one);
        }
        store(out[first], d0);
        store(out[first + 1], d1);
        store(out[first + 2], d2);
        store(out[first + 3], d3);
    }
}

#define LANES_FUNCTION IFMA static
#include "lanes.h"

size_t mont_vector_raise8_bytes(const mont_modulus *m) { return scratch_bytes(m); }

IFMA void mont_vector_raise8(const mont_modulus *const *moduli, mont_limb *const *results,
                             const mont_limb *const *bases, long base_limbs, const mont_limb *const *exponents,
                             long exponent_bits, void *scratch) {
    raise_lanes(moduli, results, bases, base_limbs, exponents, exponent_bits, scratch);
}

#endif
