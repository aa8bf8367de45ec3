/* The state of one day. Rows are int32_t inside: half the memory, and no day has 2^31 rides or visits. */

#define TICKS_PER_S 1048576.0
#define MOST_ROWS 2000000000
#define NOBODY (-1)
#define HEAP_WAYS 4 /* `sink` compares four children by pairs */
#define LARGE_PAGE ((size_t)1 << 21)

/* A ride: one line of the cache, since boarding and alighting touch all of it and rides lie in no other order of use.
 * Rides of the journeys lie in the order in which their first ones join the queues, each followed by the later rides
 * of its journey; `number` is the row that Python knows. Those that continue others come behind, in order of creation,
 * with their own row as number. */
typedef struct {
    double walk_s, wait_from_s, alight_s;
    int32_t leg, queue;
    int32_t row;           /* of Legs: the first of the leg, and once boarded that by which, where somebody needs it */
    int32_t alight_after;  /* visits from the first one of the trip boarded; less the number of rows where there are several */
    int32_t following;     /* -1 where the journey ends */
    int32_t next, child;   /* in the one list or heap that the ride is in */
    int32_t number;
    int32_t board_visit, alight_visit;
} Ride;

/* A visit of a trip at a stop. Before the vehicle arrives: who gets out there, a list of rides in order of boarding.
 * From then on: how many have got in and out. One place serves both, since the list ends when the vehicle arrives. */
typedef struct {
    double arrival_s, departure_s;
    union {
        struct {
            int32_t first, last;
        } riders;
        struct {
            int32_t boardings, alightings;
        } counts;
    } people;
    int32_t denied, load;
} Visit;

/* What is the same at a stop for all trips of a pattern. */
typedef struct {
    int32_t stop, line, section, point, hop;
    int32_t queue_first, queue_end; /* rows of Positions.queue */
    int32_t flags;
} Place;

enum {
    NEEDS_DEPARTURE = 1, /* a rule needs the vehicle at its departure */
    CONTROLLED = 2,      /* the holding rule is asked */
    LETS_OUT = 4,
    CLOSES = 8,          /* the stop is closed at times */
    IS_HINDERED = 16,    /* the way to the next stop is closed or slow at times, or has signals */
    VARIES = 32          /* some queues are served by some of the vehicles only */
};

/* Somebody who will join a queue from home. */
typedef struct {
    double time_s;
    int32_t ride;
} Entry;

/* A queue, in three parts. Who comes from home lies in `entries` from `head` to `end`, sorted by joining time and
 * number. Who has changed vehicles stands in the list `first`..`last` once the time to which the queue was looked at
 * (`looked_s`) has come, sorted in the same way, and before that in the heap `later`.
 * Holds always: all in the list joined at `looked_s` or before, all in the heap later. So whoever leaves the heap goes
 * to the end of the list. tests/functional/test_engines_agree.py.
 * Holds always: nobody in the queue joined before `ready_s`. Vehicles come by dozens of queues that are mostly empty, and
 * need not look at who is first in one that is not ready (test_a_queue_is_never_passed_over_that_somebody_is_in). */
typedef struct {
    double ready_s;
    double looked_s, last_visit_s;
    int32_t head, end;
    int32_t first, last, later;
    int32_t fill[5]; /* a line of the cache for each queue */
} Queue;

typedef struct {
    int32_t ride, visit;
} Denial;

typedef struct {
    double value;
    int32_t ride;
} Note;

/* A stop as vehicles find it. */
typedef struct {
    double last_departure_s;
    int32_t standing, blocked;
    int32_t line_first, line_last; /* vehicles that wait for a berth */
    int32_t open_first, open_last; /* vehicles whose doors are open for those who come while they stand */
} Room;

/* Vehicles at a stop that go on to the same next stop and may not pass each other, by section. */
typedef struct {
    double last_arrival_s; /* at the next stop; NaN before the first */
    int32_t first, last;
} Lane;

/* A list of rides. */
typedef struct {
    int32_t first, last;
} Riders;

/* The vehicle of a block, on its trip and at its stop. */
typedef struct {
    int32_t phase, visit, first_visit, last_visit, last_reached;
    int32_t trip, type, position;
    int32_t load, boarded, alighted;
    int32_t late_after;       /* how many had boarded at `late_s` */
    int64_t denials_first;    /* how many denials there were when the doors opened */
    double opened_s, out_s;   /* when the doors opened, and when the last of those who get out is out */
    double looked_s, late_s;  /* as in sim/engine/doors.py */
    Riders passed;            /* on board although their stop was passed */
    int32_t at, end;          /* of block_trip: the trip, and the end of the block's */
    int32_t trouble;          /* row of Breakdowns that is still to come; -1 for none */
    int32_t lane_before, lane_behind, line_behind, open_before, open_behind;
    double headway_s;         /* since the arrival before; NaN for none */
    double came_s;            /* when it came to the stop, berth or not */
    double until_s;           /* when to look again */
    double ready_s, departure_s;
    int32_t after_load;
    uint8_t left_behind, waits_in_lane;
} Vehicle;

/* When a vehicle acts next, and at which visit. */
typedef struct {
    double time_s;
    int32_t block, visit;
} Event;

typedef struct Day {
    const Input *input;
    jmp_buf give_up;
    Ride *rides;
    int64_t ride_count, ride_room, planned;
    int32_t *row_of;          /* by number of a planned ride: where it lies in `rides` */
    Entry *entries;
    Visit *visits;
    Place *places;
    Queue *queues;
    Vehicle *vehicles;
    Event *events;            /* a heap, the next one first */
    int64_t event_count;
    Room *room;
    Lane *lanes;
    double *spacing_s;        /* last departures, by group and section */
    double *point_arrival_s, *point_departure_s, *point_held_s;
    int32_t *trip_left_visit;
    double *trip_left_s;
    double *holding_s;
    double *berth_wait_s;     /* by visit; NULL where no vehicle ever waits for a berth */
    int32_t *disruption;
    int32_t *broken_visit;
    double *reopened_s;
    int32_t *roots, *causes;  /* of rides beyond the planned ones */
    int64_t root_room, cause_room;
    Denial *denials;
    int64_t denial_count, denial_room;
    Note *left, *last_walks;
    int64_t left_count, left_room, last_walk_count, last_walk_room;
    int32_t *served, *present; /* queues of a place that a vehicle is for, and those of them in which somebody waits */
    int32_t *movers;
    int32_t *trip_reached;    /* last visit of each trip that has begun, -1 before; NULL where nobody knows of delays */
    int32_t *coming_row;      /* by row of RealTime: itself, or a later row of the leg before which no vehicle comes any more */
    double least_late_s;      /* of all vehicles so far, 0 counted: negative where one was early */
    int64_t *compared;        /* by queue: vehicles that were compared with those that came; NULL with trip_reached */
    uint8_t *chosen;          /* by block and row of the place: whether people board the vehicle that stands there */
    int64_t most_queues;      /* of a place */
    int64_t mover_room;
    double now_s;
    int open_ended;           /* whether strategies name legs that follow */
    int acting;               /* whether the vehicle that acts is still in front of the heap */
} Day;
