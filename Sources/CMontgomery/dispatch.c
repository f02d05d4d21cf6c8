// Which kernels this processor runs; where there are none, functions that are never called.
#include "modulus.h"

#if defined(__x86_64__)

#include <cpuid.h>

int mont_vectors_available(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    // The operating system saves opmask and all of the 512-bit registers.
    if ((low & 0xe6) != 0xe6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    return (b & bit_AVX512F) && (b & bit_AVX512IFMA);
}

#else

#include <stdlib.h>

int mont_vectors_available(void) { return 0; }
int mont_vectors_serve(const mont_modulus *m) { return (void)m, 0; }
int mont_vectors_serve_public(const mont_modulus *m) { return (void)m, 0; }
size_t mont_vector_raise_bytes(const mont_modulus *m) { return (void)m, 0; }
size_t mont_vector_raise_public_bytes(const mont_modulus *m) { return (void)m, 0; }
size_t mont_vector_raise8_bytes(const mont_modulus *m) { return (void)m, 0; }

void mont_vector_raise(long count, const mont_modulus *const *m, mont_limb *const *r, const mont_limb *b, long n,
                       const mont_limb *const *e, long bits, void *scratch) {
    (void)count, (void)m, (void)r, (void)b, (void)n, (void)e, (void)bits, (void)scratch;
    abort();
}
void mont_vector_raise_public(const mont_modulus *m, mont_limb *r, const mont_limb *b, long n, const mont_limb *e,
                              long bits, void *scratch) {
    (void)m, (void)r, (void)b, (void)n, (void)e, (void)bits, (void)scratch;
    abort();
}
void mont_vector_raise8(const mont_modulus *const *m, mont_limb *const *r, const mont_limb *const *b, long n,
                        const mont_limb *const *e, long bits, void *scratch) {
    (void)m, (void)r, (void)b, (void)n, (void)e, (void)bits, (void)scratch;
    abort();
}

#endif
