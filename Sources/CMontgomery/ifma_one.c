// One private operation on AVX-512 IFMA: the digits of a number lie side by side in vectors, and the chains of a key's
// primes run interleaved.
//
// The modulus is replaced by its multiple that is -1 modulo a digit. The lowest digit of the sum then *is* the multiple
// to add, so the chain from one digit to the next is one broadcast and one multiply-add, and everything else runs
// beside it. Operands may reach twice that multiple: nothing is subtracted until the very end, on limbs.
#include "ifma.h"

#if defined(__x86_64__)

/// The most chains that one copy of the code interleaves: more would spill their sums.
#define MOST_PRIMES 3
/// Vectors of the longest public modulus, 4096 bits; a secret prime has six at most.
#define MOST_VECTORS 10
#define MOST_SECRET_VECTORS 6

/// Makes every digit smaller than 2^DIGIT_BITS. Digits come in below 2^63.
IFMA_INLINE void normalise(__m512i *value, const int vectors) {
    const __m512i mask = everywhere(DIGIT_MASK), zero = _mm512_setzero_si512();
    __m512i carry[MOST_VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) {
        carry[j] = _mm512_srli_epi64(value[j], DIGIT_BITS);
        value[j] = _mm512_and_si512(value[j], mask);
    }
    UNROLL for (int j = 0; j < vectors; j++) {
        value[j] = _mm512_add_epi64(value[j], _mm512_alignr_epi64(carry[j], j > 0 ? carry[j - 1] : zero, LANES - 1));
    }
    // What is left to carry is single bits: an integer addition over the vectors' flags ripples all of them at once.
    unsigned __int128 over = 0, full = 0;
    UNROLL for (int j = 0; j < vectors; j++) {
        over |= (unsigned __int128)_mm512_cmpgt_epu64_mask(value[j], mask) << (LANES * j);
        full |= (unsigned __int128)_mm512_cmpeq_epi64_mask(value[j], mask) << (LANES * j);
    }
    unsigned __int128 carries = (2 * over + full) ^ full;
    UNROLL for (int j = 0; j < vectors; j++) {
        __mmask8 flags = (__mmask8)(carries >> (LANES * j));
        value[j] = _mm512_mask_add_epi64(value[j], flags, value[j], everywhere(1));
        value[j] = _mm512_and_si512(value[j], mask);
    }
}

/// out[p] = a[p] * b[p] / V modulo each prime's multiple. A digit of zero follows the last digit of b.
IFMA_INLINE void multiply(const int primes, const int vectors, const long digits, uint64_t *const *out,
                          const uint64_t *const *a, const uint64_t *const *b, const uint64_t *const *friend) {
    const __m512i zero = _mm512_setzero_si512();
    __m512i sum[MOST_PRIMES][MOST_VECTORS], multiple[MOST_PRIMES];
    UNROLL for (int p = 0; p < primes; p++) {
        const __m512i digit = everywhere(b[p][0]);
        UNROLL for (int j = 0; j < vectors; j++) {
            sum[p][j] = _mm512_madd52lo_epu64(zero, load(a[p] + LANES * j), digit);
        }
        multiple[p] = zero;
    }
    for (long i = 0; i < digits; i++) {
        UNROLL for (int p = 0; p < primes; p++) {
            const __m512i before = multiple[p];
            multiple[p] = _mm512_broadcastq_epi64(_mm512_castsi512_si128(sum[p][0]));
            const __m512i carry = _mm512_maskz_srli_epi64(1, sum[p][0], DIGIT_BITS);
            const __m512i digit = everywhere(b[p][i]), next = everywhere(b[p][i + 1]);
            UNROLL for (int j = 0; j < vectors; j++) {
                // High halves belong one digit up. Those of the multiple before are there since the last shift.
                __m512i beside = _mm512_madd52hi_epu64(zero, load(friend[p] + LANES * j), before);
                beside = _mm512_madd52hi_epu64(beside, load(a[p] + LANES * j), digit);
                beside = _mm512_madd52lo_epu64(beside, load(a[p] + LANES * j), next);
                __m512i above = j + 1 < vectors ? sum[p][j + 1] : zero;
                __m512i shifted = _mm512_alignr_epi64(above, sum[p][j], 1);
                if (j == 0) beside = _mm512_add_epi64(beside, carry);
                sum[p][j] = _mm512_add_epi64(shifted, beside);
                sum[p][j] = _mm512_madd52lo_epu64(sum[p][j], load(friend[p] + LANES * j), multiple[p]);
            }
        }
    }
    UNROLL for (int p = 0; p < primes; p++) {
        __m512i below = zero;
        UNROLL for (int j = 0; j < vectors; j++) {
            __m512i high = _mm512_madd52hi_epu64(zero, load(friend[p] + LANES * j), multiple[p]);
            sum[p][j] = _mm512_add_epi64(sum[p][j], _mm512_alignr_epi64(high, below, LANES - 1));
            below = high;
        }
        normalise(sum[p], vectors);
        UNROLL for (int j = 0; j < vectors; j++) store(out[p] + LANES * j, sum[p][j]);
    }
}

/// out = the entry of `index` in a table whose entries are `step` digits apart; every entry is read.
IFMA_INLINE void choose(const int vectors, uint64_t *out, const uint64_t *table, long step, unsigned index) {
    const __m512i wanted = everywhere(index);
    __m512i value[MOST_VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) value[j] = _mm512_setzero_si512();
    for (unsigned entry = 0; entry < ENTRIES; entry++) {
        const __mmask8 hit = _mm512_cmpeq_epi64_mask(everywhere(entry), wanted);
        UNROLL for (int j = 0; j < vectors; j++) {
            value[j] = _mm512_mask_mov_epi64(value[j], hit, load(table + entry * step + LANES * j));
        }
    }
    UNROLL for (int j = 0; j < vectors; j++) store(out + LANES * j, value[j]);
}

/// Where the numbers of one call lie in its scratch space.
typedef struct {
    uint64_t *value[MOST_PRIMES], *other[MOST_PRIMES], *table[MOST_PRIMES];
    const uint64_t *friend[MOST_PRIMES], *exit[MOST_PRIMES];
    long stride;
} workspace;

IFMA_INLINE workspace lay_out(const int primes, const mont_modulus *const *moduli, uint64_t *scratch) {
    workspace w = {.stride = mont_stride(moduli[0])};
    for (int p = 0; p < primes; p++) {
        w.value[p] = scratch + p * (ENTRIES + 2) * w.stride;
        w.other[p] = w.value[p] + w.stride;
        w.table[p] = w.other[p] + w.stride;
        w.friend[p] = moduli[p]->digits.friend;
        w.exit[p] = moduli[p]->digits.exit;
        memset(w.value[p], 0, (size_t)(2 * w.stride) * sizeof(uint64_t));
    }
    return w;
}

/// target[p] = base * V modulo each prime: the sum of the input's blocks, each times its power of V.
IFMA_INLINE void enter(const int primes, const int vectors, const mont_modulus *const *moduli, const workspace *w,
                       uint64_t *const *target, const mont_limb *base, long base_limbs) {
    const long digits = moduli[0]->digits.count;
    for (long block = 0; block < moduli[0]->digits.blocks; block++) {
        const uint64_t *entry[MOST_PRIMES];
        for (int p = 0; p < primes; p++) {
            mont_cut_digits(w->other[p], DIGIT_BITS, digits, base, base_limbs, block * digits * DIGIT_BITS);
            entry[p] = moduli[p]->digits.entry + block * w->stride;
        }
        if (block == 0) {
            multiply(primes, vectors, digits, target, entry, (const uint64_t *const *)w->other, w->friend);
            continue;
        }
        multiply(primes, vectors, digits, w->other, entry, (const uint64_t *const *)w->other, w->friend);
        for (int p = 0; p < primes; p++) {
            __m512i sum[MOST_VECTORS];
            UNROLL for (int j = 0; j < vectors; j++) {
                sum[j] = _mm512_add_epi64(load(target[p] + LANES * j), load(w->other[p] + LANES * j));
            }
            normalise(sum, vectors);
            UNROLL for (int j = 0; j < vectors; j++) store(target[p] + LANES * j, sum[j]);
        }
    }
}

/// results[p] = value[p] / V, fully reduced: one product with R mod m, and the last reduction on limbs.
IFMA_INLINE void leave(const int primes, const int vectors, const mont_modulus *const *moduli, const workspace *w,
                       mont_limb *const *results) {
    multiply(primes, vectors, moduli[0]->digits.count, w->other, (const uint64_t *const *)w->value, w->exit, w->friend);
    for (int p = 0; p < primes; p++) {
        // The table has served: its memory takes the limbs.
        mont_limb *wide = (mont_limb *)w->table[p];
        mont_join_digits(wide, 2 * moduli[p]->limbs, w->other[p], DIGIT_BITS, moduli[p]->digits.count, 1);
        mont_reduce(moduli[p], results[p], wide);
    }
}

IFMA_INLINE void raise(const int primes, const int vectors, const mont_modulus *const *moduli,
                       mont_limb *const *results, const mont_limb *base, long base_limbs,
                       const mont_limb *const *exponents, long exponent_bits, uint64_t *scratch) {
    const long digits = moduli[0]->digits.count;
    const workspace w = lay_out(primes, moduli, scratch);
    const uint64_t *const *value = (const uint64_t *const *)w.value;
    uint64_t *entry[MOST_PRIMES];
    const uint64_t *square[MOST_PRIMES], *half[MOST_PRIMES], *rest[MOST_PRIMES];
    for (int p = 0; p < primes; p++) {
        memset(w.table[p], 0, (size_t)(ENTRIES * w.stride) * sizeof(uint64_t));
        entry[p] = w.table[p] + w.stride;
        square[p] = moduli[p]->digits.entry;
        w.other[p][0] = 1;
    }
    multiply(primes, vectors, digits, w.table, square, (const uint64_t *const *)w.other, w.friend);
    enter(primes, vectors, moduli, &w, entry, base, base_limbs);
    for (long index = 2; index < ENTRIES; index++) {
        for (int p = 0; p < primes; p++) {
            entry[p] = w.table[p] + index * w.stride;
            half[p] = w.table[p] + index / 2 * w.stride;
            rest[p] = w.table[p] + (index + 1) / 2 * w.stride;
        }
        multiply(primes, vectors, digits, entry, half, rest, w.friend);
    }

    long first = (exponent_bits - 1) / WINDOW * WINDOW;
    for (int p = 0; p < primes; p++) {
        choose(vectors, w.value[p], w.table[p], w.stride, mont_window(exponents[p], first, (int)(exponent_bits - first)));
    }
    while (first > 0) {
        first -= WINDOW;
        for (int bit = 0; bit < WINDOW; bit++) multiply(primes, vectors, digits, w.value, value, value, w.friend);
        for (int p = 0; p < primes; p++) {
            choose(vectors, w.other[p], w.table[p], w.stride, mont_window(exponents[p], first, WINDOW));
        }
        multiply(primes, vectors, digits, w.value, value, (const uint64_t *const *)w.other, w.friend);
    }
    leave(primes, vectors, moduli, &w, results);
}

IFMA_INLINE void raise_public(const int vectors, const mont_modulus *modulus, mont_limb *result, const mont_limb *base,
                              long base_limbs, const mont_limb *exponent, long exponent_bits, uint64_t *scratch) {
    const workspace w = lay_out(1, &modulus, scratch);
    const uint64_t *const *value = (const uint64_t *const *)w.value;
    memset(w.table[0], 0, (size_t)w.stride * sizeof(uint64_t));
    enter(1, vectors, &modulus, &w, w.table, base, base_limbs);
    memcpy(w.value[0], w.table[0], (size_t)w.stride * sizeof(uint64_t));
    for (long bit = exponent_bits - 2; bit >= 0; bit--) {
        multiply(1, vectors, modulus->digits.count, w.value, value, value, w.friend);
        if (exponent[bit / GMP_NUMB_BITS] >> (bit % GMP_NUMB_BITS) & 1) {
            multiply(1, vectors, modulus->digits.count, w.value, value, (const uint64_t *const *)w.table, w.friend);
        }
    }
    leave(1, vectors, &modulus, &w, &result);
}

// One copy of the code for each shape: sums stay in registers, and loops have constant bounds.
typedef void raise_shape(const mont_modulus *const *, mont_limb *const *, const mont_limb *, long,
                         const mont_limb *const *, long, uint64_t *);
typedef void raise_public_shape(const mont_modulus *, mont_limb *, const mont_limb *, long, const mont_limb *, long,
                                uint64_t *);
#define SHAPE(primes, vectors)                                                                                       \
    IFMA static void raise_##primes##_##vectors(                                                                     \
        const mont_modulus *const *moduli, mont_limb *const *results, const mont_limb *base, long base_limbs,        \
        const mont_limb *const *exponents, long exponent_bits, uint64_t *scratch) {                                  \
        raise(primes, vectors, moduli, results, base, base_limbs, exponents, exponent_bits, scratch);                \
    }
#define PUBLIC_SHAPE(vectors)                                                                                        \
    IFMA static void raise_public_##vectors(                                                                         \
        const mont_modulus *modulus, mont_limb *result, const mont_limb *base, long base_limbs,                      \
        const mont_limb *exponent, long exponent_bits, uint64_t *scratch) {                                          \
        raise_public(vectors, modulus, result, base, base_limbs, exponent, exponent_bits, scratch);                  \
    }

SHAPE(1, 2) SHAPE(1, 3) SHAPE(1, 4) SHAPE(1, 5) SHAPE(1, 6)
SHAPE(2, 2) SHAPE(2, 3) SHAPE(2, 4) SHAPE(2, 5) SHAPE(2, 6)
SHAPE(3, 2) SHAPE(3, 3) SHAPE(3, 4)
PUBLIC_SHAPE(2) PUBLIC_SHAPE(3) PUBLIC_SHAPE(4) PUBLIC_SHAPE(5) PUBLIC_SHAPE(6) PUBLIC_SHAPE(7) PUBLIC_SHAPE(8)
PUBLIC_SHAPE(9) PUBLIC_SHAPE(10)

static raise_shape *const shapes[MOST_PRIMES + 1][MOST_SECRET_VECTORS + 1] = {
    [1] = {[2] = raise_1_2, raise_1_3, raise_1_4, raise_1_5, raise_1_6},
    [2] = {[2] = raise_2_2, raise_2_3, raise_2_4, raise_2_5, raise_2_6},
    [3] = {[2] = raise_3_2, raise_3_3, raise_3_4},
};
static raise_public_shape *const public_shapes[MOST_VECTORS + 1] = {
    [2] = raise_public_2, raise_public_3, raise_public_4, raise_public_5, raise_public_6,
    raise_public_7, raise_public_8, raise_public_9, raise_public_10,
};

int mont_vectors_serve(const mont_modulus *m) { return m->digits.vectors >= 2 && m->digits.vectors <= MOST_SECRET_VECTORS; }
int mont_vectors_serve_public(const mont_modulus *m) { return m->digits.vectors >= 2 && m->digits.vectors <= MOST_VECTORS; }

size_t mont_vector_raise_bytes(const mont_modulus *m) {
    return (size_t)(MOST_PRIMES * (ENTRIES + 2) * mont_stride(m)) * sizeof(uint64_t);
}

size_t mont_vector_raise_public_bytes(const mont_modulus *m) {
    // Two values, and one table entry whose memory the result's limbs take, twice as long as the modulus.
    return (size_t)(2 * mont_stride(m) + 2 * m->limbs + mont_stride(m)) * sizeof(uint64_t);
}

void mont_vector_raise(long count, const mont_modulus *const *moduli, mont_limb *const *results, const mont_limb *base,
                       long base_limbs, const mont_limb *const *exponents, long exponent_bits, void *scratch) {
    const long most = moduli[0]->digits.vectors <= 4 ? 3 : 2;
    for (long done = 0; done < count;) {
        // Four primes go as two pairs.
        long taken = count - done == 4 ? 2 : count - done < most ? count - done : most;
        shapes[taken][moduli[0]->digits.vectors](moduli + done, results + done, base, base_limbs, exponents + done,
                                          exponent_bits, scratch);
        done += taken;
    }
}

void mont_vector_raise_public(const mont_modulus *modulus, mont_limb *result, const mont_limb *base, long base_limbs,
                              const mont_limb *exponent, long exponent_bits, void *scratch) {
    public_shapes[modulus->digits.vectors](modulus, result, base, base_limbs, exponent, exponent_bits, scratch);
}

#endif
