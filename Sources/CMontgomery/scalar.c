// Montgomery arithmetic on limbs: with GMP's constant-time functions, which every processor that GMP knows has in
// assembly, or by columns where there are any for the modulus' length.
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

/// From below 2 * m, a carry above included, to below m.
static void reduce_once(const mont_modulus *m, mont_limb *result, mont_limb carry) {
    mont_limb borrow = mpn_sub_n(result, result, m->words, m->limbs);
    mpn_cnd_add_n(borrow - carry, result, result, m->words, m->limbs);
}

void mont_reduce(const mont_modulus *m, mont_limb *result, mont_limb *value) {
    reduce_once(m, result, clear_low_half(m, result, value));
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
    if (m->columns != NULL) {
        m->columns->multiply(m, result, a, b, scratch);
        reduce_once(m, result, 0);
        return;
    }
    mpn_sec_mul(scratch, a, m->limbs, b, m->limbs, scratch + 3 * m->limbs);
    mont_reduce(m, result, scratch);
}

/// As mont_multiply(), for operands below R and with a result below R.
static void almost_multiply(const mont_modulus *m, mont_limb *result, const mont_limb *a, const mont_limb *b,
                            mont_limb *scratch) {
    if (m->columns != NULL) {
        m->columns->multiply(m, result, a, b, scratch);
        return;
    }
    mpn_sec_mul(scratch, a, m->limbs, b, m->limbs, scratch + 3 * m->limbs);
    almost_reduce(m, result, scratch);
}

static void almost_square(const mont_modulus *m, mont_limb *value, mont_limb *scratch) {
    if (m->columns != NULL) {
        m->columns->square(m, value, scratch);
        return;
    }
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
        reduce_once(m, result, mpn_add_n(result, result, block, m->limbs));
    }
}

void mont_leave(const mont_modulus *m, mont_limb *result, const mont_limb *value, mont_limb *scratch) {
    memcpy(scratch, value, (size_t)m->limbs * sizeof(mont_limb));
    memset(scratch + m->limbs, 0, (size_t)m->limbs * sizeof(mont_limb));
    mont_reduce(m, result, scratch);
}

/// What every vector unit has: a few limbs, wherever they lie, and a mask over them.
typedef mont_limb limb_vector __attribute__((vector_size(16), aligned(sizeof(mont_limb)), may_alias));
typedef int32_t mask_vector __attribute__((vector_size(16)));
enum { VECTOR_LIMBS = sizeof(limb_vector) / sizeof(mont_limb), AT_ONCE = 8 };

/// Limbs from one entry of a table to the next: whole vectors.
static long table_stride(const mont_modulus *m) {
    return (m->limbs + VECTOR_LIMBS - 1) / VECTOR_LIMBS * VECTOR_LIMBS;
}

/// result = the limbs at `table` of the entry of `index`, `vectors` vectors, known when this is compiled.
static inline __attribute__((always_inline)) void choose_vectors(const int vectors, mont_limb *result,
                                                                 const mont_limb *table, long stride,
                                                                 mask_vector index) {
    limb_vector found[AT_ONCE] = {{0}};
    mask_vector entry = {0};
    for (const mont_limb *from = table; from < table + ENTRIES * stride; from += stride, entry += 1) {
        const limb_vector hit = (limb_vector)(entry == index);
        for (int part = 0; part < vectors; part++) found[part] |= ((const limb_vector *)from)[part] & hit;
    }
    memcpy(result, found, (size_t)vectors * sizeof *found);
}

/// result = the entry of `index`, `stride` limbs; every entry is read, a few vectors of all of them at a time.
static void choose(mont_limb *result, const mont_limb *table, long stride, unsigned index) {
    // Opaque to the optimiser, which would skip the entries that are not hit.
    __asm__("" : "+r"(index));
    const mask_vector wanted = (mask_vector){0} + (int32_t)index;
    long limb = 0;
    for (; limb + AT_ONCE * VECTOR_LIMBS <= stride; limb += AT_ONCE * VECTOR_LIMBS) {
        choose_vectors(AT_ONCE, result + limb, table + limb, stride, wanted);
    }
    for (; limb + 2 * VECTOR_LIMBS <= stride; limb += 2 * VECTOR_LIMBS) {
        choose_vectors(2, result + limb, table + limb, stride, wanted);
    }
    if (limb < stride) choose_vectors(1, result + limb, table + limb, stride, wanted);
}

long mont_raise_limbs(const mont_modulus *m) { return (ENTRIES + 1) * table_stride(m) + mont_multiply_limbs(m); }

void mont_raise(const mont_modulus *m, mont_limb *result, const mont_limb *base, long base_limbs,
                const mont_limb *exponent, long exponent_bits, mont_limb *scratch) {
    const long stride = table_stride(m);
    mont_limb *table = scratch;
    mont_limb *chosen = table + ENTRIES * stride;
    mont_limb *rest = chosen + stride;
    mont_leave(m, table, m->square, rest);
    mont_enter(m, table + stride, base, base_limbs, rest);
    for (long entry = 2; entry < ENTRIES; entry++) {
        almost_multiply(m, table + entry * stride, table + entry / 2 * stride, table + (entry + 1) / 2 * stride, rest);
    }

    long first = (exponent_bits - 1) / WINDOW * WINDOW;
    choose(chosen, table, stride, mont_window(exponent, first, (int)(exponent_bits - first)));
    memcpy(result, chosen, (size_t)m->limbs * sizeof(mont_limb));
    while (first > 0) {
        first -= WINDOW;
        for (int bit = 0; bit < WINDOW; bit++) almost_square(m, result, rest);
        choose(chosen, table, stride, mont_window(exponent, first, WINDOW));
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
        if (!(exponent[bit / GMP_NUMB_BITS] >> (bit % GMP_NUMB_BITS) & 1)) continue;
        if (bit > 0) {
            almost_multiply(m, result, result, entered, rest);
        } else {
            // The base itself, which was never entered: the product leaves Montgomery form by itself.
            return mont_multiply(m, result, result, base, rest);
        }
    }
    mont_leave(m, result, result, rest);
}
