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

static inline void gmp_sec_div_r(gmp_limb *n, long nn, const gmp_limb *d, long dn, gmp_limb *scratch) {
    mpn_sec_div_r(n, nn, d, dn, scratch);
}
static inline long gmp_sec_div_r_itch(long nn, long dn) { return mpn_sec_div_r_itch(nn, dn); }

static inline void gmp_sec_powm(gmp_limb *r, const gmp_limb *b, long bn, const gmp_limb *e, unsigned long ebits,
                                const gmp_limb *m, long n, gmp_limb *scratch) {
    mpn_sec_powm(r, b, bn, e, ebits, m, n, scratch);
}
static inline long gmp_sec_powm_itch(long bn, unsigned long ebits, long n) { return mpn_sec_powm_itch(bn, ebits, n); }

static inline int gmp_sec_invert(gmp_limb *r, gmp_limb *a, const gmp_limb *m, long n, unsigned long bits,
                                 gmp_limb *scratch) {
    return mpn_sec_invert(r, a, m, n, bits, scratch);
}
static inline long gmp_sec_invert_itch(long n) { return mpn_sec_invert_itch(n); }

#endif
