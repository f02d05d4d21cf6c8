// The intrinsics that the vector kernels use, lane by lane in plain C without a branch: valgrind knows no AVX-512, so
// memcheck reads the kernels' own source over these. A mask is spread to whole words before it selects.
#ifndef JUXTAPOSE_EMULATED_H
#define JUXTAPOSE_EMULATED_H

#include <stdint.h>
#include <string.h>

typedef struct { uint64_t lane[8]; } __m512i;
typedef struct { uint64_t lane[2]; } __m128i;
typedef uint8_t __mmask8;

#define EACH for (int i = 0; i < 8; i++)
#define MAP(expression) { __m512i r; EACH r.lane[i] = (expression); return r; }
#define LOW52 ((UINT64_C(1) << 52) - 1)

/// Opaque to the optimiser, which would select with a branch otherwise.
static inline uint64_t word_of(__mmask8 mask, int i) {
    uint64_t word = 0 - (uint64_t)(mask >> i & 1);
    __asm__("" : "+r"(word));
    return word;
}
/// 1 where a is zero.
static inline uint64_t is_zero(uint64_t a) { return (~a & (a - 1)) >> 63; }

static inline __m512i _mm512_load_si512(const void *p) { __m512i r; memcpy(&r, p, sizeof r); return r; }
static inline void _mm512_store_si512(void *p, __m512i a) { memcpy(p, &a, sizeof a); }
static inline __m512i _mm512_set1_epi64(long long value) MAP((uint64_t)value)
static inline __m512i _mm512_setzero_si512(void) MAP(0)
static inline __m512i _mm512_add_epi64(__m512i a, __m512i b) MAP(a.lane[i] + b.lane[i])
static inline __m512i _mm512_and_si512(__m512i a, __m512i b) MAP(a.lane[i] & b.lane[i])
static inline __m512i _mm512_srli_epi64(__m512i a, unsigned bits) MAP(a.lane[i] >> bits)
static inline __m512i _mm512_maskz_srli_epi64(__mmask8 k, __m512i a, unsigned bits) MAP(a.lane[i] >> bits & word_of(k, i))
static inline __m512i _mm512_mask_mov_epi64(__m512i a, __mmask8 k, __m512i b)
    MAP((a.lane[i] & ~word_of(k, i)) | (b.lane[i] & word_of(k, i)))
static inline __m512i _mm512_mask_add_epi64(__m512i s, __mmask8 k, __m512i a, __m512i b)
    MAP((s.lane[i] & ~word_of(k, i)) | ((a.lane[i] + b.lane[i]) & word_of(k, i)))
static inline __m512i _mm512_madd52lo_epu64(__m512i s, __m512i a, __m512i b)
    MAP(s.lane[i] + ((uint64_t)((unsigned __int128)(a.lane[i] & LOW52) * (b.lane[i] & LOW52)) & LOW52))
static inline __m512i _mm512_madd52hi_epu64(__m512i s, __m512i a, __m512i b)
    MAP(s.lane[i] + (uint64_t)((unsigned __int128)(a.lane[i] & LOW52) * (b.lane[i] & LOW52) >> 52))
/// The constant is known when the compiler inlines.
static inline __m512i _mm512_alignr_epi64(__m512i a, __m512i b, int shift)
    MAP(i + shift < 8 ? b.lane[i + shift] : a.lane[i + shift - 8])
static inline __m128i _mm512_castsi512_si128(__m512i a) { return (__m128i){{a.lane[0], a.lane[1]}}; }
static inline __m512i _mm512_broadcastq_epi64(__m128i a) MAP(a.lane[0])
static inline __mmask8 _mm512_cmpeq_epi64_mask(__m512i a, __m512i b) {
    unsigned k = 0;
    EACH k |= (unsigned)is_zero(a.lane[i] ^ b.lane[i]) << i;
    return (__mmask8)k;
}
static inline __mmask8 _mm512_cmpgt_epu64_mask(__m512i a, __m512i b) {
    // Both stay below 2^63: the difference's sign says which is greater.
    unsigned k = 0;
    EACH k |= (unsigned)((b.lane[i] - a.lane[i]) >> 63) << i;
    return (__mmask8)k;
}

#endif
