// Montgomery products column by column, in the instructions that every x86-64 processor has: all products of one
// weight, those of the factors and those that clear the low half, are added up in three registers before one limb is
// stored ("finely integrated product scanning": Koç, Acar and Kaliski, IEEE Micro 16(3), 1996).
//
// Counted per product: a load, a multiplication, three additions, about what a processor issues in one cycle; no sum
// returns to memory in between. Whole columns are laid out straight, for the few lengths that RSA's primes have.
#include "modulus.h"

#if defined(__x86_64__)

#define INLINE static inline __attribute__((always_inline))
#define STRAIGHT _Pragma("clang loop unroll(full)")

/// One column, with room for 2^64 products.
typedef struct {
    mont_limb low, middle, high;
} sum;

INLINE void add_product(sum *s, const mont_limb *a, const mont_limb *b) {
    __asm__("movq %3, %%rax\n\tmulq %4\n\taddq %%rax, %0\n\tadcq %%rdx, %1\n\tadcq $0, %2"
            : "+r"(s->low), "+r"(s->middle), "+r"(s->high)
            : "m"(*a), "m"(*b)
            : "rax", "rdx", "cc");
}

INLINE void double_sum(sum *s) {
    __asm__("addq %0, %0\n\tadcq %1, %1\n\tadcq %2, %2" : "+r"(s->low), "+r"(s->middle), "+r"(s->high) : : "cc");
}

/// s += what the column below left above its limb.
INLINE void add_carry(sum *s, const sum *below) {
    __asm__("addq %3, %0\n\tadcq %4, %1\n\tadcq $0, %2"
            : "+r"(s->low), "+r"(s->middle), "+r"(s->high)
            : "r"(below->middle), "r"(below->high)
            : "cc");
}

/// The middle of a number, from where every limb is a short offset away: a tenth less code.
INLINE const mont_limb *middle_of(const mont_limb *number, const int limbs) {
    number += limbs / 2;
    __asm__("" : "+r"(number));
    return number;
}

/// result = a * b / R modulo m below R, for `limbs` limbs, known when this is compiled; result may be a or b.
/// For a square, b is a, and products that occur twice are added once and doubled. `multiples`, those of m that clear
/// the low half, is scratch, `limbs` long.
INLINE void scan(const int limbs, const int square, const mont_modulus *m, mont_limb *result, const mont_limb *a,
                 const mont_limb *b, mont_limb *multiples) {
    const int middle = limbs / 2;
    const mont_limb *x = middle_of(a, limbs), *y = square ? x : middle_of(b, limbs);
    const mont_limb *words = middle_of(m->words, limbs), *q = middle_of(multiples, limbs);
    sum below = {0, 0, 0};
    STRAIGHT for (int column = 0; column < 2 * limbs; column++) {
        const int first = column < limbs ? 0 : column - limbs + 1;
        const int end = column < limbs ? column + 1 : limbs;
        sum s = {0, 0, 0};
        STRAIGHT for (int i = first; i < (square ? (column + 1) / 2 : end); i++) {
            add_product(&s, x + i - middle, y + column - i - middle);
        }
        if (square) double_sum(&s);
        if (square && column % 2 == 0) add_product(&s, x + column / 2 - middle, x + column / 2 - middle);
        // The latest multiple comes last: all else is added up while it is still on its way.
        STRAIGHT for (int i = first; i < end && i < column; i++) {
            add_product(&s, q + i - middle, words + column - i - middle);
        }
        add_carry(&s, &below);
        if (column < limbs) {
            multiples[column] = s.low * m->negated_inverse;
            add_product(&s, q + column - middle, words - middle);
        } else {
            result[column - limbs] = s.low;
        }
        below = s;
    }
    mpn_cnd_sub_n(below.middle, result, result, m->words, limbs);
}

#define LENGTH(limbs)                                                                                            \
    static void multiply_##limbs(const mont_modulus *m, mont_limb *result, const mont_limb *a, const mont_limb *b, \
                                 mont_limb *multiples) {                                                         \
        scan(limbs, 0, m, result, a, b, multiples);                                                              \
    }                                                                                                            \
    static void square_##limbs(const mont_modulus *m, mont_limb *value, mont_limb *multiples) {                  \
        scan(limbs, 1, m, value, value, value, multiples);                                                       \
    }

// 512 bits; a third of 2048; 1024, 1536 and 2048 bits.
LENGTH(8)
LENGTH(11)
LENGTH(16)
LENGTH(24)
LENGTH(32)

int mont_columns_available(void) { return 1; }

const mont_columns *mont_columns_of(long limbs) {
    static const mont_columns lengths[] = {{8, multiply_8, square_8},
                                           {11, multiply_11, square_11},
                                           {16, multiply_16, square_16},
                                           {24, multiply_24, square_24},
                                           {32, multiply_32, square_32}};
    for (size_t index = 0; index < sizeof lengths / sizeof *lengths; index++) {
        if (lengths[index].limbs == limbs) return lengths + index;
    }
    return NULL;
}

#else

int mont_columns_available(void) { return 0; }
const mont_columns *mont_columns_of(long limbs) { return (void)limbs, NULL; }

#endif
