/* What the kernel is given and what it gives back. This file is the only declaration of these arrays: marshal.py
 * reads it, so that a field stands under the name that it has in the dataclass of the same name. What the fields
 * mean is said there: sim/engine/engine_input.py, leg_arrays.py, rules.py, day_start.py, day_variates.py and day_trace.py.
 *
 * Every field is a line of its own. Arrays are contiguous; whole numbers are int64_t, or int32_t where an array is long and
 * is read again and again, truth values of arrays uint8_t.
 */

typedef struct {
    const int64_t *seats;
    const int64_t *capacity;
    const int64_t *dwell_rule;
    const double *dead_s;
    const double *boarding_s;
    const double *hindered_boarding_s;
    const double *alighting_s;
    const double *alighting_step_s;
    const double *dwell_per_headway;
} VehicleTypes;

typedef struct {
    const int64_t *block_ptr;
    const int64_t *block_trip;
    const int64_t *visit_ptr;
    const int64_t *trip_vehicle_type;
    const int64_t *trip_last_reached;
    const int64_t *trip_breakdown;
    const uint8_t *trip_cancelled;
    const uint8_t *trip_ends_early;
    const int64_t *visit_trip;
    const int64_t *visit_position;
    const double *visit_running_s;
    const double *scheduled_arrival_s;
    const double *scheduled_departure_s;
    const int64_t *visit_before;
    const int64_t *visit_after;
} Timetable;

typedef struct {
    const int64_t *stop;
    const int64_t *line;
    const uint8_t *lets_out;
    const uint8_t *controlled;
    const int64_t *section;
    const int64_t *point;
    const int64_t *hop;
    const int64_t *queue_ptr;
    const int64_t *queue;
    const double *queue_from_s;
    const double *queue_until_s;
    const int64_t *closure_ptr;
    const double *closure_start_s;
    const double *closure_end_s;
    const int64_t *slowing_ptr;
    const double *slowing_start_s;
    const double *slowing_end_s;
    const double *slowing_factor;
    const double *slowing_added_s;
    const int64_t *slowing_missed;
    int64_t sections;
    int64_t points;
} Positions;

typedef struct {
    double step_s;
    const double *table_s;
} RunningTimes;

typedef struct {
    const int64_t *ptr;
    const double *share;
    const double *cycle_s;
    const double *red_s;
    const double *red_start_s;
    const double *extension_s;
    const int64_t *flow;
    const double *free_share;
    const double *random_s;
    double step_s;
    int64_t steps;
} Signals;

typedef struct {
    const int64_t *berths;
    const double *minimum_headway_s;
    const int64_t *closed_ptr;
    const double *closed_start_s;
    const double *closed_end_s;
    const int64_t *spacing_ptr;
    const int64_t *spacing_group;
    const double *spacing_s;
    int64_t spacing_groups;
} StopRoom;

typedef struct {
    const int64_t *visit;
    const double *after_s;
    const double *duration_s;
    const uint8_t *ends_trip;
    const uint8_t *blocks;
} Breakdowns;

typedef struct {
    int64_t queues;
    const int64_t *queue;
    const int64_t *board_stop;
    const int64_t *goal;
    const int64_t *row_ptr;
    const int64_t *position;
    const double *from_s;
    const double *until_s;
    const int64_t *alight;
    const int64_t *next_leg;
    const double *next_walk_s;
    const int64_t *fallback_ptr;
    const double *fallback_from_s;
    const int64_t *fallback;
    const double *fallback_walk_s;
    const int64_t *interrupted_ptr;
    const int64_t *interrupted_goal;
    const int64_t *interrupted_leg;
} Legs;

typedef struct {
    const int64_t *ptr;
    const int64_t *visit;
    const double *onward_s;
    const double *ready_s;
    const int64_t *next_leg;
    const double *least_s;
    const double *floor_s;
    double wait_weight;
} RealTime;

typedef struct {
    int64_t kind;
    double gain;
    double slack_s;
    double headway_s;
    double most_s;
    int64_t allow_negative;
} Holding;

typedef struct {
    int64_t boarding_rule;
    int64_t overtaking;
    double layover_s;
    double patience_s;
    double end_s;
    int64_t keeps_headways;
    int64_t reconsiders;
} Rules;

typedef struct {
    const double *dispatch_s;
    const double *running_factor;
    const double *running_added_s;
} DayVariates;

typedef struct {
    const int64_t *ride_leg;
    const double *ride_walk_s;
    const int64_t *ride_following;
    const double *ride_wait_from_s;
    const int64_t *queue_ptr;
    const double *entry_time_s;
    const int64_t *entry_ride;
} DayStart;

typedef struct {
    const int64_t *next_ride;
    const double *egress_s;
    const double *not_before_s;
    const double *stay_s;
} Stays;

/* The queues that the vehicle of each visit is for by the timetable, so that no vehicle looks at the others of its place;
 * NULL where every vehicle of a place is for all of them, or people know real times. No dataclass has it: run.py. */
typedef struct {
    const int64_t *ptr;
    const int32_t *queue;
} ServedQueues;

/* How many there are of each; no dataclass has it either. */
typedef struct {
    int64_t vehicle_types;
    int64_t blocks;
    int64_t trips;
    int64_t visits;
    int64_t positions;
    int64_t stops;
    int64_t lines;
    int64_t hops;
    int64_t steps;
    int64_t breakdowns;
    int64_t legs;
    int64_t rides;
    int64_t entries;
    int64_t stays;
    int64_t interrupted;
    int64_t known_legs;
} Sizes;

typedef struct {
    int64_t *ride_leg;
    double *ride_walk_s;
    double *ride_wait_from_s;
    double *ride_alight_s;
    int64_t *ride_board_visit;
    int64_t *ride_alight_visit;
    double *ride_left_s;
    double *ride_last_walk_s;
    int64_t *continued_root;
    int64_t *continued_cause;
    double *queue_last_visit_s;
    int64_t *queue_compared;
    double *visit_arrival_s;
    double *visit_departure_s;
    int64_t *visit_boardings;
    int64_t *visit_alightings;
    int64_t *visit_denied;
    int64_t *visit_load;
    double *visit_holding_s;
    double *visit_berth_wait_s;
    int64_t *visit_disruption;
    int64_t *denied_ride;
    int64_t *denied_visit;
    int64_t *trip_broken_visit;
    double *trip_reopened_s;
} DayTrace;

/* Everything that a day is run from. */
typedef struct {
    Sizes sizes;
    VehicleTypes types;
    Timetable timetable;
    Positions positions;
    RunningTimes times;
    Signals signals;
    StopRoom stops;
    Breakdowns breakdowns;
    Legs legs;
    ServedQueues served;
    RealTime real_time;
    Holding holding;
    Rules rules;
    DayVariates chance;
    DayStart start;
    Stays stays;
    const uint8_t *needs_departure;
} Input;
