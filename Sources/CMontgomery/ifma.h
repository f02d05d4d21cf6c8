// What the one-operation and the eight-lane kernels share.
#ifndef JUXTAPOSE_IFMA_H
#define JUXTAPOSE_IFMA_H

#if defined(__x86_64__)

#include "modulus.h"

#if defined(MONT_EMULATED_VECTORS)
#include "emulated.h"
#else
#include <immintrin.h>
#endif
#include <string.h>

#if defined(MONT_EMULATED_VECTORS)
// For memcheck, which reads this source over plain C.
#define IFMA
#define IFMA_INLINE static inline
#else
#define IFMA __attribute__((target("avx512f,avx512ifma")))
/// Loop bounds become constants only after inlining.
#define IFMA_INLINE __attribute__((target("avx512f,avx512ifma"), always_inline)) static inline
#endif

#define LANES VECTOR_DIGITS
#define DIGIT_BITS IFMA_DIGIT_BITS
#define DIGIT_MASK ((UINT64_C(1) << DIGIT_BITS) - 1)

#define UNROLL _Pragma("clang loop unroll(full)")

IFMA_INLINE __m512i load(const uint64_t *p) { return _mm512_load_si512(p); }
IFMA_INLINE void store(uint64_t *p, __m512i value) { _mm512_store_si512(p, value); }
IFMA_INLINE __m512i everywhere(uint64_t value) { return _mm512_set1_epi64((long long)value); }

#endif
#endif
