/* A program whose heap is known: what it keeps alive at two points in time, by function.
 *
 *   leak FOLDER   writes FOLDER/base.* and FOLDER/current.*, as the allocator that is loaded can
 *
 *                 live objects x bytes    at base         at current
 *   session       a record               20000 x 96      60000 x 96       leaks in both phases
 *   session       its name               20000 x 24..279 60000 x 24..279  likewise
 *   index_grow    an array, reallocated      1 x 4 MB        1 x 12 MB    grows in size
 *   cache_fill    entries, replaced       4000 x 2048     4000 x 2048     steady
 *   buffers       blocks                   512 x 16384     128 x 16384    shrinks
 *   early         pages                    200 x 8192                     gone
 *   late          blocks, on a thread                     3000 x 1500     new
 *   churn         nothing; allocates and frees all the time
 *
 * It starts with churn, as gperftools samples nothing of the first 16 MB of a process: the sampler's first countdown starts
 * before the library reads its environment.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int mallctl_function(const char *name, void *old, size_t *old_size, void *new, size_t new_size);
typedef void dump_function(const char *reason);

/* In sample.cc: gperftools' sampled heap. */
void write_heap_sample(const char *path);

struct session {
    struct session *next;
    char *name;
    char rest[80];
};

static struct session *sessions;
static char *array;
static char *cache[4000];
static char *buffer[512];
static void *page[200];
static char *block[3000];
static unsigned long random_state = 1;

static unsigned long any(unsigned long below) {
    random_state = random_state * 6364136223846793005UL + 1442695040888963407UL;
    return (random_state >> 33) % below;
}

static void session(void) {
    struct session *new = malloc(sizeof *new);
    size_t length = 24 + any(256);
    new->name = malloc(length);
    memset(new->name, 'n', length);
    new->next = sessions;
    sessions = new;
}

static void index_grow(size_t size) {
    array = realloc(array, size);
    memset(array, 1, size);
}

static void cache_fill(void) {
    for (int i = 0; i < 4000; i++) {
        free(cache[i]);
        cache[i] = calloc(1, 2048);
    }
}

static void buffers(int wanted) {
    for (int i = 0; i < 512; i++) {
        if (i < wanted && !buffer[i]) {
            buffer[i] = malloc(16384);
        } else if (i >= wanted) {
            free(buffer[i]);
            buffer[i] = NULL;
        }
    }
}

static void early(void) {
    for (int i = 0; i < 200; i++) {
        if (posix_memalign(&page[i], 4096, 8192)) {
            abort();
        }
    }
}

static void *late(void *unused) {
    for (int i = 0; i < 3000; i++) {
        block[i] = malloc(1500);
    }
    return unused;
}

static void churn(int pieces) {
    for (int i = 0; i < pieces; i++) {
        char *volatile piece = malloc(1000 + any(3000));
        free(piece);
    }
}

static void dump(const char *folder, const char *when) {
    char path[1000];
    const char *name = path;
    mallctl_function *mallctl = (mallctl_function *)dlsym(RTLD_DEFAULT, "mallctl");
    dump_function *profiler = (dump_function *)dlsym(RTLD_DEFAULT, "HeapProfilerDump");
    if (mallctl) {
        snprintf(path, sizeof path, "%s/%s.heap", folder, when);
        if (mallctl("prof.dump", NULL, NULL, &name, sizeof name)) {
            abort();
        }
    } else if (profiler && getenv("HEAPPROFILE")) {
        profiler(when);
    } else {
        snprintf(path, sizeof path, "%s/%s.heap", folder, when);
        write_heap_sample(path);
    }
}

int main(int argc, char **argv) {
    pthread_t thread;
    if (argc != 2) {
        return 2;
    }
    churn(20000);
    early();
    buffers(512);
    cache_fill();
    index_grow(4 << 20);
    for (int i = 0; i < 20000; i++) {
        session();
    }
    churn(2000);
    dump(argv[1], "base");

    for (int i = 0; i < 200; i++) {
        free(page[i]);
    }
    buffers(128);
    cache_fill();
    index_grow(12 << 20);
    for (int i = 0; i < 40000; i++) {
        session();
    }
    churn(2000);
    if (pthread_create(&thread, NULL, late, NULL) || pthread_join(thread, NULL)) {
        abort();
    }
    dump(argv[1], "current");
    return 0;
}
