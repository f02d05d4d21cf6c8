// Montgomery arithmetic on GMP's constant-time limb functions: every processor that GMP knows has them in assembly.
#include "modulus.h"

#include <string.h>

/// result = value / R modulo m, and the carry out of it: below 2 * R where value is below R * R.
static mont_limb clear_low_half(const mont_modulus *m, mont_limb *result, mont_limb *value) {
    long limbs = m->limbs;
    // Each row clears one limb, whose place then keeps the row's carry.
    for (long row = 0; row < limbs; row++) {
        mont_limb multiple = value[row] * m->negated_inverse;
        value[row] = mpn_addmul_1(value + row, m->words, limbs, multiple);
    }
    return mpn_add_n(result, value + limbs, value, limbs);
}

void mont_reduce(const mont_modulus *m, mont_limb *result, mont_limb *value) {
    mont_limb carry = clear_low_half(m, result, value);
    mont_limb borrow = mpn_sub_n(result, result, m->words, m->limbs);
    mpn_cnd_add_n(borrow - carry, result, result, m->words, m->limbs);
}

/// Inside a chain of products it is enough to stay below R.
static void almost_reduce(const mont_modulus *m, mont_limb *result, mont_limb *value) {
    mont_limb carry = clear_low_half(m, result, value);
    mpn_cnd_sub_n(carry, result, result, m->words, m->limbs);
}

long mont_multiply_limbs(const mont_modulus *m) {
    long multiply = mpn_sec_mul_itch(m->limbs, m->limbs);
    long square = mpn_sec_sqr_itch(m->limbs);
    return 3 * m->limbs + (multiply > square ? multiply : square);
}

void mont_multiply(const mont_modulus *m, mont_limb *result, const mont_limb *a, const mont_limb *b,
                   mont_limb *scratch) {
    mpn_sec_mul(scratch, a, m->limbs, b, m->limbs, scratch + 3 * m->limbs);
    mont_reduce(m, result, scratch);
}

/// As mont_multiply(), for operands below R and with a result below R.
static void almost_multiply(const mont_modulus *m, mont_limb *result, const mont_limb *a, const mont_limb *b,
                            mont_limb *scratch) {
    mpn_sec_mul(scratch, a, m->limbs, b, m->limbs, scratch + 3 * m->limbs);
    almost_reduce(m, result, scratch);
}

static void almost_square(const mont_modulus *m, mont_limb *value, mont_limb *scratch) {
    mpn_sec_sqr(scratch, value, m->limbs, scratch + 3 * m->limbs);
    almost_reduce(m, value, scratch);
}

void mont_enter(const mont_modulus *m, mont_limb *result, const mont_limb *value, long limbs, mont_limb *scratch) {
    // Horner's rule over blocks of the modulus' size: result = result * R + block, all of it times R.
    mont_limb *block = scratch + 2 * m->limbs;
    const long top = (limbs - 1) / m->limbs * m->limbs;
    for (long first = top; first >= 0; first -= m->limbs) {
        long size = limbs - first < m->limbs ? limbs - first : m->limbs;
        memset(block, 0, (size_t)m->limbs * sizeof(mont_limb));
        memcpy(block, value + first, (size_t)size * sizeof(mont_limb));
        if (first == top) {
            mont_multiply(m, result, block, m->square, scratch);
            continue;
        }
        mont_multiply(m, result, result, m->square, scratch);
        mont_multiply(m, block, block, m->square, scratch);
        mont_limb carry = mpn_add_n(result, result, block, m->limbs);
        mont_limb borrow = mpn_sub_n(result, result, m->words, m->limbs);
        mpn_cnd_add_n(borrow - carry, result, result, m->words, m->limbs);
    }
}

void mont_leave(const mont_modulus *m, mont_limb *result, const mont_limb *value, mont_limb *scratch) {
    memcpy(scratch, value, (size_t)m->limbs * sizeof(mont_limb));
    memset(scratch + m->limbs, 0, (size_t)m->limbs * sizeof(mont_limb));
    mont_reduce(m, result, scratch);
}

/// result = the entry of `index`; every entry is read, a few limbs of all of them at a time.
static void choose(mont_limb *result, const mont_limb *table, long limbs, unsigned index) {
    mont_limb hits[ENTRIES];
    for (unsigned entry = 0; entry < ENTRIES; entry++) {
        hits[entry] = 0 - (mont_limb)(((entry ^ index) - 1) >> 31);
        // Opaque to the optimiser, which would skip the entries that are not hit.
        __asm__("" : "+r"(hits[entry]));
    }
    long limb = 0;
    for (; limb + 4 <= limbs; limb += 4) {
        mont_limb r0 = 0, r1 = 0, r2 = 0, r3 = 0;
        for (unsigned entry = 0; entry < ENTRIES; entry++) {
            const mont_limb *from = table + entry * limbs + limb;
            r0 |= from[0] & hits[entry], r1 |= from[1] & hits[entry];
            r2 |= from[2] & hits[entry], r3 |= from[3] & hits[entry];
        }
        result[limb] = r0, result[limb + 1] = r1, result[limb + 2] = r2, result[limb + 3] = r3;
    }
    for (; limb < limbs; limb++) {
        result[limb] = 0;
        for (unsigned entry = 0; entry < ENTRIES; entry++) result[limb] |= table[entry * limbs + limb] & hits[entry];
    }
    mont_wipe(hits, sizeof hits);
}

long mont_raise_limbs(const mont_modulus *m) { return (ENTRIES + 1) * m->limbs + mont_multiply_limbs(m); }

void mont_raise(const mont_modulus *m, mont_limb *result, const mont_limb *base, long base_limbs,
                const mont_limb *exponent, long exponent_bits, mont_limb *scratch) {
    long limbs = m->limbs;
    mont_limb *table = scratch;
    mont_limb *chosen = table + ENTRIES * limbs;
    mont_limb *rest = chosen + limbs;
    mont_leave(m, table, m->square, rest);
    mont_enter(m, table + limbs, base, base_limbs, rest);
    for (long entry = 2; entry < ENTRIES; entry++) {
        almost_multiply(m, table + entry * limbs, table + entry / 2 * limbs, table + (entry + 1) / 2 * limbs, rest);
    }

    long first = (exponent_bits - 1) / WINDOW * WINDOW;
    choose(result, table, limbs, mont_window(exponent, first, (int)(exponent_bits - first)));
    while (first > 0) {
        first -= WINDOW;
        for (int bit = 0; bit < WINDOW; bit++) almost_square(m, result, rest);
        choose(chosen, table, limbs, mont_window(exponent, first, WINDOW));
        almost_multiply(m, result, result, chosen, rest);
    }
    mont_leave(m, result, result, rest);
}

long mont_raise_public_limbs(const mont_modulus *m) { return m->limbs + mont_multiply_limbs(m); }

void mont_raise_public(const mont_modulus *m, mont_limb *result, const mont_limb *base, const mont_limb *exponent,
                       long exponent_bits, mont_limb *scratch) {
    mont_limb *entered = scratch, *rest = scratch + m->limbs;
    mont_enter(m, entered, base, m->limbs, rest);
    memcpy(result, entered, (size_t)m->limbs * sizeof(mont_limb));
    for (long bit = exponent_bits - 2; bit >= 0; bit--) {
        almost_square(m, result, rest);
        if (exponent[bit / GMP_NUMB_BITS] >> (bit % GMP_NUMB_BITS) & 1) almost_multiply(m, result, result, entered, rest);
    }
    mont_leave(m, result, result, rest);
}
