// The vector kernels under memcheck, over emulated intrinsics: modulus, base and exponent are secrets.
//
//     vectors            exits 0 when memcheck sees no use of them, and prints the residues' check
//     vectors control    the same with GMP's mpz_powm, which must be caught
#include "memcheck.h"
#include "montgomery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 683, LIMBS = (BITS + GMP_NUMB_BITS - 1) / GMP_NUMB_BITS, EXPONENT_BITS = 128, COUNT = 3 };

static gmp_randstate_t random_state;

static void draw(mpz_t value, mont_limb *words, long limbs, long bits, int odd) {
    mpz_urandomb(value, random_state, (mp_bitcnt_t)bits);
    mpz_setbit(value, (mp_bitcnt_t)(bits - 1));
    if (odd) mpz_setbit(value, 0);
    memset(words, 0, (size_t)limbs * sizeof *words);
    mpz_export(words, NULL, -1, sizeof *words, 0, 0, value);
}

static void secret(const void *bytes, size_t count) { memcheck_mark_secret(bytes, count); }

static void compare(const char *what, mont_limb *found, mpz_t base, mpz_t exponent, mpz_t modulus) {
    memcheck_declassify(found, LIMBS * sizeof *found);
    mpz_t expected, value;
    mpz_inits(expected, value, NULL);
    mpz_powm(expected, base, exponent, modulus);
    mpz_import(value, LIMBS, -1, sizeof *found, 0, 0, found);
    if (mpz_cmp(expected, value) != 0) {
        printf("%s: wrong result\n", what);
        exit(2);
    }
    mpz_clears(expected, value, NULL);
}

int main(int count, char **arguments) {
    gmp_randinit_default(random_state);
    gmp_randseed_ui(random_state, 20100913);
    static mont_limb moduli[COUNT][LIMBS], exponents[COUNT][8], results[8][LIMBS], base[3 * LIMBS];
    mpz_t m[COUNT], e[COUNT], b;
    mont_modulus *prepared[8];
    mont_limb *targets[8];
    const mont_limb *powers[8], *bases[8];
    mpz_init(b);
    draw(b, base, 3 * LIMBS, 3 * BITS, 0);
    for (int i = 0; i < COUNT; i++) {
        mpz_inits(m[i], e[i], NULL);
        draw(m[i], moduli[i], LIMBS, BITS, 1);
        draw(e[i], exponents[i], 8, EXPONENT_BITS, 0);
    }
    if (count > 1 && strcmp(arguments[1], "control") == 0) {
        mpz_t r;
        mpz_init(r);
        secret(e[0]->_mp_d, (size_t)e[0]->_mp_size * sizeof(mont_limb));
        mpz_powm(r, b, e[0], m[0]);
        return 0;
    }
    secret(base, sizeof base);
    secret(moduli, sizeof moduli);
    secret(exponents, sizeof exponents);
    for (int lane = 0; lane < 8; lane++) {
        int i = lane % COUNT;
        prepared[lane] = mont_modulus_new(moduli[i], LIMBS, BITS, BITS, 3 * BITS, mont_ifma);
        targets[lane] = results[lane];
        powers[lane] = exponents[i];
        bases[lane] = base;
    }
    void *scratch = aligned_alloc(64, mont_vector_raise_bytes(prepared[0]));
    mont_vector_raise(COUNT, (const mont_modulus *const *)prepared, targets, base, 3 * LIMBS, powers, EXPONENT_BITS,
                      scratch);
    for (int i = 0; i < COUNT; i++) compare("one operation", results[i], b, e[i], m[i]);
    free(scratch);
    scratch = aligned_alloc(64, mont_vector_raise8_bytes(prepared[0]));
    mont_vector_raise8((const mont_modulus *const *)prepared, targets, bases, 3 * LIMBS, powers, EXPONENT_BITS, scratch);
    for (int lane = 0; lane < 8; lane++) compare("eight lanes", results[lane], b, e[lane % COUNT], m[lane % COUNT]);
    puts("vector kernels: every result right");
    return 0;
}
