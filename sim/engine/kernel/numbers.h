/* Numbers that Python and the kernel share; a test compares each with the enumeration of Python that it belongs to. */

enum { BOARDING_PRESENT_AT_ARRIVAL = 0, BOARDING_DURING_DWELL = 1 };

enum { DWELL_CONSTANT = 0, DWELL_SUM = 1, DWELL_MAX = 2, DWELL_DUEKER = 3, DWELL_HEADWAY = 4 };

enum { HOLDING_NONE = 0, HOLDING_SCHEDULE = 1, HOLDING_FORWARD_HEADWAY = 2, HOLDING_EVEN_HEADWAY = 3, HOLDING_HEADWAY_THRESHOLD = 5 };

enum { CAUSE_NONE = 0, CAUSE_TRIP_CANCELLED = 8, CAUSE_VEHICLE_BROKE_DOWN = 9, CAUSE_STOP_CLOSED = 10 };

/* Of Legs.next_leg and Legs.fallback. */
enum { LEG_AS_PLANNED = -2, LEG_AT_GOAL = -1, LEG_NO_FALLBACK = -1, LEG_ON_FOOT = -2 };

/* What the functions of the library return. */
enum { FAILED_NOT = 0, FAILED_MEMORY = 1, FAILED_TOO_LARGE = 2, FAILED_INPUT = 3 };

enum {
    DISRUPTION_LINK_SLOW = 1,
    DISRUPTION_LINK_CLOSED = 2,
    DISRUPTION_BEHIND_BROKEN_VEHICLE = 3,
    DISRUPTION_STOP_CLOSED = 4,
    DISRUPTION_VEHICLE_BROKE_DOWN = 5
};
