// gmp.h renames every function by macro, which Swift cannot import: one inline function for each that CryptoCore calls.
#ifndef JUXTAPOSE_CGMP_H
#define JUXTAPOSE_CGMP_H

#include <gmp.h>

typedef mp_limb_t gmp_limb;

static inline const char *gmp_library_version(void) { return gmp_version; }

static inline gmp_limb gmp_add_n(gmp_limb *r, const gmp_limb *a, const gmp_limb *b, long n) {
    return mpn_add_n(r, a, b, n);
}
static inline gmp_limb gmp_sub_n(gmp_limb *r, const gmp_limb *a, const gmp_limb *b, long n) {
    return mpn_sub_n(r, a, b, n);
}
static inline gmp_limb gmp_cnd_add_n(gmp_limb condition, gmp_limb *r, const gmp_limb *a, const gmp_limb *b, long n) {
    return mpn_cnd_add_n(condition, r, a, b, n);
}

static inline void gmp_sec_mul(gmp_limb *r, const gmp_limb *a, long an, const gmp_limb *b, long bn, gmp_limb *scratch) {
    mpn_sec_mul(r, a, an, b, bn, scratch);
}
static inline long gmp_sec_mul_itch(long an, long bn) { return mpn_sec_mul_itch(an, bn); }

static inline void gmp_mul_1(gmp_limb *r, const gmp_limb *a, long n, gmp_limb factor) {
    r[n] = mpn_mul_1(r, a, n, factor);
}

/// a^e mod m by the window method whose steps depend on e: what a leak test must catch, and nothing else may call.
static inline void gmp_variable_time_power(const void *e, const void *m, long n) {
    mpz_t exponent, modulus, result;
    mpz_init_set_ui(result, 3);
    mpz_powm(result, result, mpz_roinit_n(exponent, (const gmp_limb *)e, n), mpz_roinit_n(modulus, (const gmp_limb *)m, n));
    mpz_clear(result);
}

/// r = 1 / a mod m, or no and r untouched. Takes a time that depends on the value.
static inline int gmp_invert(gmp_limb *r, const gmp_limb *a, const gmp_limb *m, long n) {
    mpz_t value, modulus, inverse;
    mpz_init(inverse);
    int found = mpz_invert(inverse, mpz_roinit_n(value, a, n), mpz_roinit_n(modulus, m, n));
    if (found) {
        for (long i = 0; i < n; i++) r[i] = mpz_getlimbn(inverse, i);
    }
    mpz_clear(inverse);
    return found;
}

#endif
