// What a prepared modulus holds, for the kernels.
#ifndef JUXTAPOSE_MODULUS_H
#define JUXTAPOSE_MODULUS_H

#include "montgomery.h"

#include <stdint.h>

#if GMP_NAIL_BITS != 0
#error "limbs with nails are not supported"
#endif

/// Bits of a digit in the vector kernels, which is what their multiplier takes.
#define DIGIT_BITS 52
#define DIGIT_MASK ((UINT64_C(1) << DIGIT_BITS) - 1)
#define LANES 8

struct mont_modulus {
    long limbs, bits, input_bits;
    mont_limb negated_inverse;  // -1 / m mod 2^GMP_NUMB_BITS
    mont_limb *words;           // m
    mont_limb *square;          // R^2 mod m

    // For the vector kernels: V = 2^(DIGIT_BITS * digits) takes the place of R.
    long digits;    // of an operand, which may reach 2^(DIGIT_BITS + 1) times the modulus
    long vectors;   // of eight digits, for one operand
    long blocks;    // of `digits` digits, for one input
    uint64_t *friend_digits;   // (m * t + 1) / 2^DIGIT_BITS where m * t = -1 mod 2^DIGIT_BITS
    uint64_t *entry_digits;    // V^(2 + i) mod m for each block i of an input
    uint64_t *exit_digits;     // R mod m: multiplying by it leaves a value that mont_reduce() finishes
};

/// Digits that one operand occupies in memory: whole vectors, and a zero after the last digit.
static inline long mont_stride(const mont_modulus *m) { return (m->vectors + 1) * LANES; }

/// Cuts `limbs` limbs from bit `first` into `digits` digits; digits past the end are zero.
void mont_cut_digits(uint64_t *target, long digits, const mont_limb *words, long limbs, long first);

/// The inverse: digits, each below 2^DIGIT_BITS, into limbs; what does not fit must be zero.
void mont_join_digits(mont_limb *target, long limbs, const uint64_t *digits, long count, long stride);

void mont_wipe(void *bytes, size_t count);

#endif
