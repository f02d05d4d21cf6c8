// Constant-time modular exponentiation for RSA: the kernels under every engine of our own.
//
// Numbers are GMP limbs, least significant first. Their lengths are public; every value, the modulus included, is
// treated as a secret: no branch and no address depends on one. Scratch space is the caller's, aligned to 64 bytes,
// and it is the caller who wipes it.
#ifndef JUXTAPOSE_MONTGOMERY_H
#define JUXTAPOSE_MONTGOMERY_H

#include <gmp.h>
#include <stddef.h>

typedef mp_limb_t mont_limb;

/// Which kernel raises: GMP's limb functions, columns in x86-64 instructions on the same limbs, AVX-512 IFMA, or the two
/// lanes of SSE2 that a Pentium M has too.
typedef enum { mont_limbs, mont_columns_x64, mont_ifma, mont_sse2 } mont_kernel;

/// An odd modulus with the constants that Montgomery arithmetic needs, all of them derived in constant time.
///
/// GMP's own division and inversion look tables up by the divisor's bits: a CRT prime must never meet them.
typedef struct mont_modulus mont_modulus;

/// - limbs: length of `words`, whose top limb is not zero.
/// - bits: length up to the highest set bit.
/// - longest_bits: that of the longest modulus that will be raised beside this one; all of them then have equal shapes.
/// - input_bits: length of the longest number that will be raised modulo this one.
/// - kernel: whose constants are prepared; those of mont_limbs always are.
/// Null where memory is short.
mont_modulus *mont_modulus_new(const mont_limb *words, long limbs, long bits, long longest_bits,
                               long input_bits, mont_kernel kernel);

/// Wipes the constants. Null is allowed.
void mont_modulus_free(mont_modulus *modulus);

long mont_modulus_limbs(const mont_modulus *modulus);

/// result = value / R mod m for a value below m * R, where R = 2^(limb bits * limbs). `value`, 2 * limbs long, is lost.
void mont_reduce(const mont_modulus *modulus, mont_limb *result, mont_limb *value);

/// result = a * b / R mod m; result may be a or b. Scratch: mont_multiply_limbs() limbs.
void mont_multiply(const mont_modulus *modulus, mont_limb *result, const mont_limb *a, const mont_limb *b,
                   mont_limb *scratch);
long mont_multiply_limbs(const mont_modulus *modulus);

/// result = value * R mod m, for a value of any length; result may be a value no longer than the modulus.
/// Scratch: mont_multiply_limbs() limbs.
void mont_enter(const mont_modulus *modulus, mont_limb *result, const mont_limb *value, long limbs,
                mont_limb *scratch);

/// result = value / R mod m: back from mont_enter(). Scratch: mont_multiply_limbs() limbs.
void mont_leave(const mont_modulus *modulus, mont_limb *result, const mont_limb *value, mont_limb *scratch);

/// Whether moduli may be made for mont_columns_x64. Lengths that it has no columns for are left to GMP.
int mont_columns_available(void);

/// result = base^exponent mod m, by columns or on GMP's side-channel-silent functions. `base` is `base_limbs` long and is reduced
/// first; `exponent` holds at least `exponent_bits` bits. Scratch: mont_raise_limbs() limbs.
void mont_raise(const mont_modulus *modulus, mont_limb *result, const mont_limb *base, long base_limbs,
                const mont_limb *exponent, long exponent_bits, mont_limb *scratch);
long mont_raise_limbs(const mont_modulus *modulus);

/// result = base^exponent mod m for a base below m, elsewhere than result, and a public exponent, whose bits decide
/// branches.
/// Scratch: mont_raise_public_limbs() limbs.
void mont_raise_public(const mont_modulus *modulus, mont_limb *result, const mont_limb *base,
                       const mont_limb *exponent, long exponent_bits, mont_limb *scratch);
long mont_raise_public_limbs(const mont_modulus *modulus);

// Vector kernels: AVX-512 IFMA on x86-64. Elsewhere the question is answered with no and the rest is never called.

/// Whether this processor and its operating system run the vector kernels. A mask that a user set for libcrypto is not
/// known here.
int mont_vectors_available(void);

/// Whether the kernels have a shape for a modulus of this length: secret ones to 2440 bits, public ones to 4096.
int mont_vectors_serve(const mont_modulus *modulus);
int mont_vectors_serve_public(const mont_modulus *modulus);

/// results[i] = base^exponents[i] mod moduli[i] for the primes of one key, whose chains are interleaved.
/// The moduli were made with equal longest_bits and input_bits.
/// Scratch: mont_vector_raise_bytes() bytes.
void mont_vector_raise(long count, const mont_modulus *const *moduli, mont_limb *const *results, const mont_limb *base,
                       long base_limbs, const mont_limb *const *exponents, long exponent_bits, void *scratch);
size_t mont_vector_raise_bytes(const mont_modulus *modulus);

/// result = base^exponent mod m for a public exponent, whose bits decide branches.
/// Scratch: mont_vector_raise_public_bytes() bytes.
void mont_vector_raise_public(const mont_modulus *modulus, mont_limb *result, const mont_limb *base, long base_limbs,
                              const mont_limb *exponent, long exponent_bits, void *scratch);
size_t mont_vector_raise_public_bytes(const mont_modulus *modulus);

/// Whether the pair kernel was compiled in, which takes SSE2 in the compiler's target.
int mont_pairs_available(void);

/// Whether the pair kernel's columns hold this modulus: primes to 3300 bits.
int mont_pairs_serve(const mont_modulus *modulus);

/// As mont_vector_raise(), two primes at a time on SSE2. Scratch: mont_pairs_raise_bytes() bytes, aligned to 16.
void mont_pairs_raise(long count, const mont_modulus *const *moduli, mont_limb *const *results, const mont_limb *base,
                      long base_limbs, const mont_limb *const *exponents, long exponent_bits, void *scratch);
size_t mont_pairs_raise_bytes(const mont_modulus *modulus);

/// Eight independent exponentiations, one in each lane: result[i] = base[i]^exponent[i] mod modulus[i].
/// The moduli agree as for mont_vector_raise(), and so do the lengths of bases and exponents.
/// Scratch: mont_vector_raise8_bytes() bytes.
void mont_vector_raise8(const mont_modulus *const *moduli, mont_limb *const *results, const mont_limb *const *bases,
                        long base_limbs, const mont_limb *const *exponents, long exponent_bits, void *scratch);
size_t mont_vector_raise8_bytes(const mont_modulus *modulus);

#endif
