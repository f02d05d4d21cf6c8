// Preparing a modulus: every constant by additions, subtractions and products that take the same steps for any value.
#include "modulus.h"

#include <stdlib.h>
#include <string.h>

void mont_wipe(void *bytes, size_t count) {
    memset(bytes, 0, count);
    __asm__ volatile("" : : "r"(bytes) : "memory");
}

/// -1 / m mod 2^64 by Newton's iteration; m is odd.
static uint64_t negated_inverse(uint64_t m) {
    uint64_t inverse = (3 * m) ^ 2;  // correct to 5 bits
    for (int bits = 5; bits < 64; bits *= 2) inverse *= 2 - m * inverse;
    return 0 - inverse;
}

/// value = 2^bits * value mod m, for a value below m.
static void shift(mont_limb *value, long bits, const mont_limb *m, long limbs) {
    for (long bit = 0; bit < bits; bit++) {
        mont_limb carry = mpn_lshift(value, value, limbs, 1);
        mont_limb borrow = mpn_sub_n(value, value, m, limbs);
        mpn_cnd_add_n(borrow - carry, value, value, m, limbs);
    }
}

static uint64_t low_64_bits(const mont_limb *words, long limbs) {
    uint64_t low = words[0];
#if GMP_NUMB_BITS == 32
    if (limbs > 1) low |= (uint64_t)words[1] << 32;
#else
    (void)limbs;
#endif
    return low;
}

void mont_cut_digits(uint64_t *target, int bits, long count, const mont_limb *words, long limbs, long first) {
    for (long digit = 0; digit < count; digit++) {
        uint64_t value = 0;
        long bit = first + digit * bits;
        for (int taken = 0; taken < bits;) {
            long limb = (bit + taken) / GMP_NUMB_BITS;
            int offset = (int)((bit + taken) % GMP_NUMB_BITS);
            if (limb < limbs) value |= ((uint64_t)words[limb] >> offset) << taken;
            taken += GMP_NUMB_BITS - offset;
        }
        target[digit] = value & ((UINT64_C(1) << bits) - 1);
    }
}

void mont_join_digits(mont_limb *target, long limbs, const uint64_t *digits, int bits, long count, long stride) {
    memset(target, 0, (size_t)limbs * sizeof(mont_limb));
    for (long digit = 0; digit < count; digit++) {
        uint64_t value = digits[digit * stride];
        for (int taken = 0; taken < bits;) {
            long limb = (digit * bits + taken) / GMP_NUMB_BITS;
            int offset = (int)((digit * bits + taken) % GMP_NUMB_BITS);
            if (limb < limbs) target[limb] |= (mont_limb)((value >> taken) << offset);
            taken += GMP_NUMB_BITS - offset;
        }
    }
}

unsigned mont_window(const mont_limb *exponent, long first, int width) {
    uint64_t digit;
    mont_cut_digits(&digit, width, 1, exponent, (first + width + GMP_NUMB_BITS - 1) / GMP_NUMB_BITS, first);
    return (unsigned)digit;
}

/// result = 2^exponent * R mod m by squaring and doubling; the exponent is public. `one` is R mod m.
static void power_of_two(const mont_modulus *m, mont_limb *result, long exponent, const mont_limb *one,
                         mont_limb *scratch) {
    memcpy(result, one, (size_t)m->limbs * sizeof(mont_limb));
    int bit = 0;
    while (exponent >> bit > 1) bit++;
    for (; bit >= 0; bit--) {
        mont_multiply(m, result, result, result, scratch);
        shift(result, exponent >> bit & 1, m->words, m->limbs);
    }
}

/// (m * t + 1) / 2^bits with m * t = -1 mod 2^bits: a multiple of m whose reduction needs no multiplication to find the
/// next digit. `product` is limbs + 2 long and zero.
static void prepare_friend(mont_modulus *m, mont_limb *product) {
    const int bits = m->digits.bits;
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t t = negated_inverse(low_64_bits(m->words, m->limbs)) & mask;
    product[m->limbs] = mpn_mul_1(product, m->words, m->limbs, (mont_limb)t);
#if GMP_NUMB_BITS == 32
    product[m->limbs + 1] = mpn_addmul_1(product + 1, m->words, m->limbs, (mont_limb)(t >> 32));
#endif
    // The low digit of m * t is all ones: adding one carries out of it, which is an addition of one above it.
    mont_cut_digits(m->digits.friend, bits, m->digits.count, product, m->limbs + 2, bits);
    uint64_t carry = 1;
    for (long digit = 0; digit < m->digits.count; digit++) {
        carry += m->digits.friend[digit];
        m->digits.friend[digit] = carry & mask;
        carry >>= bits;
    }
}

static void prepare(mont_modulus *m, mont_limb *scratch) {
    long limbs = m->limbs;
    mont_limb *one = scratch, *value = scratch + limbs, *rest = value + limbs + 2;
    // From 2^(bits - 1), the highest power of two below m, to R mod m.
    one[(m->bits - 1) / GMP_NUMB_BITS] = (mont_limb)1 << ((m->bits - 1) % GMP_NUMB_BITS);
    shift(one, GMP_NUMB_BITS * limbs - m->bits + 1, m->words, limbs);
    power_of_two(m, m->square, GMP_NUMB_BITS * limbs, one, rest);
    const struct mont_digits *d = &m->digits;
    if (d->bits == 0) return;
    prepare_friend(m, value);
    mont_cut_digits(d->exit, d->bits, d->count, one, limbs, 0);
    for (long block = 0; block < d->blocks; block++) {
        power_of_two(m, value, d->bits * d->count * (2 + block), one, rest);
        mont_leave(m, value, value, rest);
        mont_cut_digits(d->entry + block * mont_stride(m), d->bits, d->count, value, limbs, 0);
    }
}

static size_t digit_words(const mont_modulus *m) { return (size_t)((m->digits.blocks + 2) * mont_stride(m)); }

mont_modulus *mont_modulus_new(const mont_limb *words, long limbs, long bits, long longest_bits, long input_bits,
                               mont_kernel kernel) {
    mont_modulus *m = calloc(1, sizeof *m);
    if (m == NULL) return NULL;
    m->limbs = limbs;
    m->bits = bits;
    m->negated_inverse = (mont_limb)negated_inverse(words[0]);
    m->words = calloc((size_t)(2 * limbs), sizeof(mont_limb));
    size_t scratch_limbs = (size_t)(2 * limbs + 2 + mont_multiply_limbs(m));
    mont_limb *scratch = calloc(scratch_limbs, sizeof(mont_limb));
    struct mont_digits *d = &m->digits;
    if (kernel == mont_columns_x64) m->columns = mont_columns_of(limbs);
    if (kernel == mont_ifma || kernel == mont_sse2) {
        d->bits = kernel == mont_ifma ? IFMA_DIGIT_BITS : SSE2_DIGIT_BITS;
        // Operands stay below 2^(longest_bits + bits + 1); four bits more keep products of sums of a few in range.
        d->count = (longest_bits + d->bits + 4 + d->bits - 1) / d->bits;
        d->vectors = (d->count + VECTOR_DIGITS - 1) / VECTOR_DIGITS;
        d->blocks = (input_bits + d->bits * d->count - 1) / (d->bits * d->count);
        d->friend = aligned_alloc(64, digit_words(m) * sizeof(uint64_t));
    }
    if (m->words == NULL || scratch == NULL || (d->bits != 0 && d->friend == NULL)) {
        free(scratch);
        mont_modulus_free(m);
        return NULL;
    }
    m->square = m->words + limbs;
    if (d->bits != 0) {
        memset(d->friend, 0, digit_words(m) * sizeof(uint64_t));
        d->entry = d->friend + mont_stride(m);
        d->exit = d->entry + d->blocks * mont_stride(m);
    }
    memcpy(m->words, words, (size_t)limbs * sizeof(mont_limb));
    prepare(m, scratch);
    mont_wipe(scratch, scratch_limbs * sizeof(mont_limb));
    free(scratch);
    return m;
}

void mont_modulus_free(mont_modulus *m) {
    if (m == NULL) return;
    if (m->words != NULL) mont_wipe(m->words, (size_t)(2 * m->limbs) * sizeof(mont_limb));
    if (m->digits.friend != NULL) mont_wipe(m->digits.friend, digit_words(m) * sizeof(uint64_t));
    free(m->words);
    free(m->digits.friend);
    mont_wipe(m, sizeof *m);
    free(m);
}

long mont_modulus_limbs(const mont_modulus *m) { return m->limbs; }
