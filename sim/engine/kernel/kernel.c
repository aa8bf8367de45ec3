/* The compiled engine: a day from arrays to arrays, event by event in the order of sim/engine/__init__.py.
 *
 * It does in doubles, operation by operation, what the SimPy engine does, and gives the same bits; it is compiled
 * without fused operations and calls no function that a library may round in its own way. It keeps nothing between
 * calls, so that any number of days may run in one process at once. */

#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "numbers.h"
#include "arrays.h"
#include "state.h"
#include "memory.h"
#include "queues.h"
#include "rules.h"
#include "real_time.h"
#include "passengers.h"
#include "doors.h"
#include "events.h"
#include "vehicles.h"
#include "setup.h"

#ifdef _WIN32
#define OFFERED __declspec(dllexport)
#else
#define OFFERED __attribute__((visibility("default")))
#endif

/* The number of the sources that this library was made of; see build.py. */
OFFERED uint64_t peakshift_source(void) { return PEAKSHIFT_SOURCE; }

/* Free a day; NULL is none. */
OFFERED void peakshift_day_free(Day *day) {
    if (!day) return;
    void *arrays[] = {day->rides, day->row_of, day->entries, day->visits, day->places, day->queues, day->vehicles, day->events, day->room,
                      day->lanes, day->spacing_s, day->point_arrival_s, day->point_departure_s, day->point_held_s,
                      day->trip_left_visit, day->trip_left_s, day->holding_s, day->berth_wait_s, day->disruption, day->broken_visit, day->reopened_s,
                      day->roots, day->causes, day->denials, day->left, day->last_walks,
                      day->served, day->present, day->movers, day->trip_reached, day->coming_row, day->compared, day->chosen};
    for (size_t at = 0; at < sizeof arrays / sizeof *arrays; at++) free(arrays[at]);
    free(day);
}

/* Run a day. Returns 0, and the day, which has to be freed; or a code of numbers.h, and NULL. The arrays of the input
 * have to stay where they are until the day has been read. */
OFFERED int peakshift_day_run(const Input *input, Day **result) {
    *result = NULL;
    Day *day = calloc(1, sizeof(Day));
    if (!day) return FAILED_MEMORY;
    day->input = input;
    int code = setjmp(day->give_up);
    if (code) {
        peakshift_day_free(day);
        return code;
    }
    check_input(day);
    set_up_people(day);
    set_up_vehicles(day);
    run_vehicles(day);
    *result = day;
    return FAILED_NOT;
}

/* How many rides and denials a day has. */
OFFERED void peakshift_day_counts(const Day *day, int64_t *rides, int64_t *denials) {
    *rides = day->ride_count;
    *denials = day->denial_count;
}

/* Write what has happened into arrays of the right sizes. */
OFFERED void peakshift_day_read(const Day *day, const DayTrace *to) {
    read_rides(day, to);
    read_visits(day, to);
}
