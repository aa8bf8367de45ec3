/* Memory of one day. Whatever cannot be had, or does not fit the numbers of the input, ends the day with a code:
 * `fail` jumps back to `peakshift_day_run`, which frees everything. Nothing is shared between days. */

/* Ask for a line of memory that will be needed soon. */
#if defined(__GNUC__) || defined(__clang__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

/* How many rows ahead a loop over rows in no order asks. */
#define AHEAD 16

/* Give up the day with a code. */
static void fail(Day *day, int code) { longjmp(day->give_up, code); }

/* An array of n items of a size, which has to be written before it is read; never NULL. A large one asks the system for
 * large pages: half of the time of a day went into making and finding small ones. */
static void *space(Day *day, int64_t n, size_t size) {
    if (n < 0 || (uint64_t)n > SIZE_MAX / size / 2) fail(day, FAILED_TOO_LARGE);
    size_t bytes = n ? (size_t)n * size : 1;
    void *array = NULL;
#ifdef MADV_HUGEPAGE
    if (bytes >= 2 * LARGE_PAGE) {
        bytes = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
        array = aligned_alloc(LARGE_PAGE, bytes);
        if (array) madvise(array, bytes, MADV_HUGEPAGE); /* whether it is heard makes no difference but in time */
    }
#endif
    if (!array) array = malloc(bytes);
    if (!array) fail(day, FAILED_MEMORY);
    return array;
}

/* The same with all bits zero. */
static void *zeros(Day *day, int64_t n, size_t size) {
    void *array = space(day, n, size);
    memset(array, 0, n ? (size_t)n * size : 1);
    return array;
}

/* Room for at least one item more than n in an array of a size; doubles the room, so that growth costs a constant
 * each. Returns the array, which may have moved: no pointer into it survives. */
static void *grown(Day *day, void *array, int64_t n, int64_t *room, size_t size) {
    if (n < *room) return array;
    int64_t wanted = *room < 32 ? 64 : 2 * *room;
    if ((uint64_t)wanted > SIZE_MAX / size / 2 || wanted > MOST_ROWS) fail(day, FAILED_TOO_LARGE);
    void *larger = realloc(array, (size_t)wanted * size);
    if (!larger) fail(day, FAILED_MEMORY);
    *room = wanted;
    return larger;
}

/* Round a time or duration to the tick of the clock, half to even, as sim.units.quantize_one does. The added zero
 * turns -0.0 into 0.0, which Python's whole numbers do not know. */
static double round_tick(double seconds) { return rint(seconds * TICKS_PER_S) / TICKS_PER_S + 0.0; }

static double larger_of(double a, double b) { return b > a ? b : a; }
