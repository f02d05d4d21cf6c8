// Exponentiations that run beside each other, one in each lane of a vector: what every such kernel does around its
// products. The including file defines LANES, DIGIT_BITS, ROWS, LANES_FUNCTION, the type `lanes`, and form_product(),
// form_square(), reduce() and choose().

/// Where the numbers of one call lie in its scratch space.
typedef struct {
    long digits, friend_digits;
    lanes *product, *friend, *value, *other, *table;
} workspace;

static size_t scratch_bytes(const mont_modulus *m) {
    // Product, friend, two values and the table, with slack for steps of several rows.
    return (size_t)((5 + ENTRIES) * m->digits.count + 5 * ROWS) * sizeof(lanes);
}

LANES_FUNCTION void multiply(const workspace *w, lanes *out, const lanes *a, const lanes *b) {
    form_product(w->product, a, b, w->digits);
    reduce(out, w->product, w->friend, w->friend_digits, w->digits);
}

LANES_FUNCTION void square(const workspace *w, lanes *value) {
    form_square(w->product, value, w->digits);
    reduce(value, w->product, w->friend, w->friend_digits, w->digits);
}

/// The lanes' numbers, from one row of digits each to one lane each.
static void spread(lanes *target, const uint64_t *const *rows, long digits) {
    for (long digit = 0; digit < digits; digit++) {
        for (int lane = 0; lane < LANES; lane++) target[digit][lane] = rows[lane][digit];
    }
}

LANES_FUNCTION void choose_window(const workspace *w, lanes *out, const mont_limb *const *exponents, long first,
                                  int width) {
    lanes indices;
    for (int lane = 0; lane < LANES; lane++) indices[lane] = mont_window(exponents[lane], first, width);
    choose(out, w->table, w->digits, indices);
    mont_wipe(indices, sizeof indices);
}

/// target = base * V: the sum of an input's blocks, each times its power of V.
LANES_FUNCTION void enter(const workspace *w, const mont_modulus *const *moduli, lanes *target,
                          const mont_limb *const *bases, long base_limbs) {
    const long digits = w->digits;
    const uint64_t *entries[LANES];
    for (long block = 0; block < moduli[0]->digits.blocks; block++) {
        for (int lane = 0; lane < LANES; lane++) {
            entries[lane] = moduli[lane]->digits.entry + block * mont_stride(moduli[lane]);
            for (long digit = 0; digit < digits; digit++) {
                mont_cut_digits(&w->other[digit][lane], DIGIT_BITS, 1, bases[lane], base_limbs,
                                (block * digits + digit) * DIGIT_BITS);
            }
        }
        spread(w->value, entries, digits);
        multiply(w, block == 0 ? target : w->other, w->value, w->other);
        if (block == 0) continue;
        for (int lane = 0; lane < LANES; lane++) {
            uint64_t carry = 0;
            for (long digit = 0; digit < digits; digit++) {
                carry += target[digit][lane] + w->other[digit][lane];
                target[digit][lane] = carry & ((UINT64_C(1) << DIGIT_BITS) - 1);
                carry >>= DIGIT_BITS;
            }
        }
    }
}

LANES_FUNCTION void raise_lanes(const mont_modulus *const *moduli, mont_limb *const *results,
                                const mont_limb *const *bases, long base_limbs, const mont_limb *const *exponents,
                                long exponent_bits, void *scratch) {
    const long digits = moduli[0]->digits.count;
    workspace w = {.digits = digits, .friend_digits = digits - 1, .product = scratch};
    w.friend = w.product + 2 * digits + 2 * ROWS;
    w.value = w.friend + digits;
    w.other = w.value + digits + ROWS;
    w.table = w.other + digits + ROWS;
    const uint64_t *rows[LANES];

    for (int lane = 0; lane < LANES; lane++) rows[lane] = moduli[lane]->digits.friend;
    spread(w.friend, rows, digits);
    for (int lane = 0; lane < LANES; lane++) rows[lane] = moduli[lane]->digits.entry;
    spread(w.value, rows, digits);
    memset(w.other, 0, (size_t)digits * sizeof(lanes));
    for (int lane = 0; lane < LANES; lane++) w.other[0][lane] = 1;
    multiply(&w, w.table, w.value, w.other);
    enter(&w, moduli, w.table + digits, bases, base_limbs);
    for (long entry = 2; entry < ENTRIES; entry++) {
        multiply(&w, w.table + entry * digits, w.table + entry / 2 * digits, w.table + (entry + 1) / 2 * digits);
    }

    long first = (exponent_bits - 1) / WINDOW * WINDOW;
    choose_window(&w, w.value, exponents, first, (int)(exponent_bits - first));
    while (first > 0) {
        first -= WINDOW;
        for (int bit = 0; bit < WINDOW; bit++) square(&w, w.value);
        choose_window(&w, w.other, exponents, first, WINDOW);
        multiply(&w, w.value, w.value, w.other);
    }

    for (int lane = 0; lane < LANES; lane++) rows[lane] = moduli[lane]->digits.exit;
    spread(w.other, rows, digits);
    multiply(&w, w.value, w.value, w.other);
    for (int lane = 0; lane < LANES; lane++) {
        // The table has served: its memory takes the limbs.
        mont_limb *wide = (mont_limb *)w.table;
        mont_join_digits(wide, 2 * moduli[lane]->limbs, w.value[0] + lane, DIGIT_BITS, digits, LANES);
        mont_reduce(moduli[lane], results[lane], wide);
    }
}
