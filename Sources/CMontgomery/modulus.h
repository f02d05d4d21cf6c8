// What a prepared modulus holds, for the kernels.
#ifndef JUXTAPOSE_MODULUS_H
#define JUXTAPOSE_MODULUS_H

#include "montgomery.h"

#include <stdint.h>

#if GMP_NAIL_BITS != 0
#error "limbs with nails are not supported"
#endif

/// Digits in vectors are as long as the multiplier takes, or leaves room to add its products up.
enum { IFMA_DIGIT_BITS = 52, SSE2_DIGIT_BITS = 28 };
/// Digits whose memory is rounded up to: a whole vector of the widest kernel.
#define VECTOR_DIGITS 8

/// What the vector kernels need: V = 2^(bits * count) takes the place of R.
struct mont_digits {
    int bits;          // of one digit; 0 where no vector kernel was asked for
    long count;        // of an operand, which may reach 2^(bits + 1) times the modulus
    long vectors;      // of eight digits, for one operand
    long blocks;       // of `count` digits, for one input
    uint64_t *friend;  // (m * t + 1) / 2^bits where m * t = -1 mod 2^bits
    uint64_t *entry;   // V^(2 + i) mod m for each block i of an input
    uint64_t *exit;    // R mod m: multiplying by it leaves a value that mont_reduce() finishes
};

/// Products modulo m with operands and results below R, for one length.
typedef struct {
    long limbs;
    /// result = a * b / R; result may be a or b. `multiples` is scratch, `limbs` long.
    void (*multiply)(const mont_modulus *m, mont_limb *result, const mont_limb *a, const mont_limb *b,
                     mont_limb *multiples);
    /// value = value * value / R.
    void (*square)(const mont_modulus *m, mont_limb *value, mont_limb *multiples);
} mont_columns;

/// Null where there is no code for this length on this processor.
const mont_columns *mont_columns_of(long limbs);

struct mont_modulus {
    long limbs, bits;
    mont_limb negated_inverse;  // -1 / m mod 2^GMP_NUMB_BITS
    mont_limb *words;           // m
    mont_limb *square;          // R^2 mod m
    const mont_columns *columns;  // null where GMP multiplies
    struct mont_digits digits;
};

/// Digits that one operand occupies in memory: whole vectors, and a zero after the last digit.
static inline long mont_stride(const mont_modulus *m) { return (m->digits.vectors + 1) * VECTOR_DIGITS; }

/// `width` bits of the exponent from bit `first`, which is public.
unsigned mont_window(const mont_limb *exponent, long first, int width);

/// Cuts `limbs` limbs from bit `first` into `count` digits of `bits` bits; digits past the end are zero.
void mont_cut_digits(uint64_t *target, int bits, long count, const mont_limb *words, long limbs, long first);

/// The inverse: digits, each within its bits, into limbs; what does not fit must be zero.
void mont_join_digits(mont_limb *target, long limbs, const uint64_t *digits, int bits, long count, long stride);

/// Widths of the windows over secret exponents.
#define WINDOW 5
#define ENTRIES (1 << WINDOW)

void mont_wipe(void *bytes, size_t count);

#endif
