// What the probe asks of the operating system: arguments, clocks, two processes and a socket between them. Inline, so
// that Embedded Swift needs no further object.
#ifndef PROBE_PROCESS_H
#define PROBE_PROCESS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Keys and signatures made by openssl when the probe was built (tools/probe): four keys a suite, then the first one's
// signature over "juxtapose".
extern const unsigned char probe_material[];
extern const unsigned int probe_material_sizes[];

static inline const unsigned char *probe_material_start(void) { return probe_material; }

static inline unsigned int probe_material_size(int index) { return probe_material_sizes[index]; }

static inline uint64_t probe_nanoseconds(int of_this_thread) {
    struct timespec time;
    clock_gettime(of_this_thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// The command line, arguments separated by zero bytes.
static inline long probe_arguments(char *target, long capacity) {
    int file = open("/proc/self/cmdline", O_RDONLY);
    if (file < 0) return 0;
    long count = read(file, target, (size_t)capacity);
    close(file);
    return count < 0 ? 0 : count;
}

static inline long probe_file(const char *path, char *target, long capacity) {
    int file = open(path, O_RDONLY);
    if (file < 0) return 0;
    long count = read(file, target, (size_t)capacity);
    close(file);
    return count < 0 ? 0 : count;
}

// The same "random" numbers in every run: for counts, and for nothing else.
static inline int probe_next_bytes(unsigned char *target, int count) {
    static uint64_t state = 1;
    for (int index = 0; index < count; index++) {
        // Knuth's multiplier (The Art of Computer Programming, volume 2, 3.3.4): any sequence serves that is always the same.
        state = state * 6364136223846793005u + 1442695040888963407u;
        target[index] = (unsigned char)(state >> 56);
    }
    return 1;
}

static inline int probe_is_set(const char *name, const char *value) {
    const char *found = getenv(name);
    return found && strcmp(found, value) == 0;
}

// The same program with the same arguments and one variable more.
static inline void probe_start_again(const char *name, const char *value) {
    static char line[4096];
    char *arguments[64];
    int count = 0;
    long size = probe_arguments(line, sizeof line - 1);
    for (char *word = line; word < line + size && count < 63; word += strlen(word) + 1) arguments[count++] = word;
    arguments[count] = 0;
    setenv(name, value, 1);
    execv("/proc/self/exe", arguments);
}

static inline int probe_listen(int *port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return listener;
}

static inline void probe_no_delay(int file) {
    int one = 1;
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static inline int probe_accept(int listener) {
    int file = accept(listener, 0, 0);
    if (file >= 0) probe_no_delay(file);
    return file;
}

static inline int probe_connect(int port) {
    struct sockaddr_in address;
    int file = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    if (file < 0 || connect(file, (struct sockaddr *)&address, sizeof address) != 0) return -1;
    probe_no_delay(file);
    return file;
}

static inline int probe_send(int file, const void *bytes, long count) {
    const char *next = (const char *)bytes;
    while (count > 0) {
        long sent = send(file, next, (size_t)count, MSG_NOSIGNAL);
        if (sent <= 0) return 0;
        next += sent;
        count -= sent;
    }
    return 1;
}

static inline int probe_receive(int file, void *bytes, long count) {
    char *next = (char *)bytes;
    while (count > 0) {
        long got = read(file, next, (size_t)count);
        if (got <= 0) return 0;
        next += got;
        count -= got;
    }
    return 1;
}

static inline int probe_same(const void *left, const void *right, long count) {
    return memcmp(left, right, (size_t)count) == 0;
}

static inline int probe_fork(void) {
    fflush(stdout);
    return fork();
}

// Ends a child that has been told to end, and gives its exit status.
static inline int probe_wait(int child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static inline void probe_print(const char *bytes, long count) { fwrite(bytes, 1, (size_t)count, stdout); }

static inline void probe_note(const char *bytes, long count) { fwrite(bytes, 1, (size_t)count, stderr); }

static inline void probe_exit(int status) {
    fflush(stdout);
    exit(status);
}

#endif
