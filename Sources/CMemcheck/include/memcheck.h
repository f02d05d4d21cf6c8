// Requests to valgrind's memcheck: which bytes are secrets. Memcheck then reports every branch and every address that
// depends on one. Outside valgrind a request does nothing.
#ifndef JUXTAPOSE_MEMCHECK_H
#define JUXTAPOSE_MEMCHECK_H

#include <stddef.h>
#include <stdint.h>

/// Client request codes of memcheck: 'M' 'C' in the upper half, the request below.
enum { memcheck_make_undefined = 0x4d430001, memcheck_make_defined = 0x4d430002 };

static inline uintptr_t memcheck_request(uintptr_t request, const void *bytes, size_t count) {
#if defined(__x86_64__)
    // Rotations that add up to nothing, then an exchange with itself: valgrind knows the sequence, a processor ignores it.
    volatile uintptr_t arguments[6] = {request, (uintptr_t)bytes, count, 0, 0, 0};
    uintptr_t result = 0;
    __asm__ volatile(
        "rolq $3, %%rdi\n\trolq $13, %%rdi\n\trolq $61, %%rdi\n\trolq $51, %%rdi\n\txchgq %%rbx, %%rbx"
        : "+d"(result)
        : "a"(&arguments[0])
        : "cc", "memory");
    return result;
#else
    (void)request, (void)bytes, (void)count;
    return 0;
#endif
}

static inline void memcheck_mark_secret(const void *bytes, size_t count) {
    memcheck_request(memcheck_make_undefined, bytes, count);
}
static inline void memcheck_declassify(const void *bytes, size_t count) {
    memcheck_request(memcheck_make_defined, bytes, count);
}

#endif
