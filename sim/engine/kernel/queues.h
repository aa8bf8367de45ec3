/* Who waits where, in order of joining and, of those who joined in the same instant, of their numbers. */

/* Whether a ride joined before another one. */
static int joined_before(const Ride *rides, int32_t one, int32_t other) {
    const Ride *a = &rides[one], *b = &rides[other];
    return a->wait_from_s < b->wait_from_s || (a->wait_from_s == b->wait_from_s && a->number < b->number);
}

/* Two pairing heaps as one; -1 is an empty one. */
static int32_t melded(Ride *rides, int32_t one, int32_t other) {
    if (one < 0) return other;
    if (other < 0) return one;
    if (joined_before(rides, other, one)) {
        int32_t swap = one;
        one = other;
        other = swap;
    }
    rides[other].next = rides[one].child;
    rides[one].child = other;
    return one;
}

/* A pairing heap without its first ride: children are melded by pairs, and then from the last pair on. */
static int32_t without_first(Ride *rides, int32_t heap) {
    int32_t child = rides[heap].child, pairs = NOBODY, rest;
    while (child >= 0) {
        int32_t second = rides[child].next, onward = second >= 0 ? rides[second].next : NOBODY;
        rides[child].next = NOBODY;
        if (second >= 0) rides[second].next = NOBODY;
        int32_t pair = melded(rides, child, second);
        rides[pair].next = pairs;
        pairs = pair;
        child = onward;
    }
    for (rest = NOBODY; pairs >= 0;) {
        int32_t pair = pairs;
        pairs = rides[pair].next;
        rides[pair].next = NOBODY;
        rest = melded(rides, rest, pair);
    }
    return rest;
}

/* Put in somebody who changes vehicles, at the time that the ride says. */
static void join(Day *day, int32_t ride) {
    Ride *rides = day->rides;
    Queue *queue = &day->queues[rides[ride].queue];
    rides[ride].next = rides[ride].child = NOBODY;
    if (rides[ride].wait_from_s < queue->ready_s) queue->ready_s = rides[ride].wait_from_s;
    if (rides[ride].wait_from_s > queue->looked_s) {
        queue->later = melded(rides, queue->later, ride);
        return;
    }
    if (queue->first < 0) {
        queue->first = queue->last = ride;
    } else if (joined_before(rides, queue->last, ride)) {
        rides[queue->last].next = ride;
        queue->last = ride;
    } else if (joined_before(rides, ride, queue->first)) {
        rides[ride].next = queue->first;
        queue->first = ride;
    } else {
        int32_t before = queue->first;
        while (joined_before(rides, rides[before].next, ride)) before = rides[before].next;
        rides[ride].next = rides[before].next;
        rides[before].next = ride;
    }
}

/* Look at a queue at a time: whoever has changed vehicles and joined by then moves to the end of the list. */
static void look(Day *day, Queue *queue, double time_s) {
    Ride *rides = day->rides;
    while (queue->later >= 0 && rides[queue->later].wait_from_s <= time_s) {
        int32_t ride = queue->later;
        queue->later = without_first(rides, ride);
        rides[ride].next = rides[ride].child = NOBODY;
        if (queue->first < 0) queue->first = ride;
        else rides[queue->last].next = ride;
        queue->last = ride;
    }
}

/* When anybody in a queue joined at the earliest who is not in its list; infinite for nobody. */
static double ready_s(const Day *day, const Queue *queue) {
    double from_home_s = queue->head < queue->end ? day->entries[queue->head].time_s : INFINITY;
    double changed_s = queue->later >= 0 ? day->rides[queue->later].wait_from_s : INFINITY;
    return from_home_s < changed_s ? from_home_s : changed_s;
}

/* The first one from home who has joined by a time; -1 for none. */
static int32_t first_from_home(const Day *day, const Queue *queue, double time_s) {
    if (queue->head >= queue->end || day->entries[queue->head].time_s > time_s) return NOBODY;
    return day->entries[queue->head].ride;
}

/* Ask for those of whom one boards next. */
static void fetch_first(const Day *day, const Queue *queue) {
    if (queue->head < queue->end) FETCH(&day->entries[queue->head]);
    if (queue->first >= 0) FETCH(&day->rides[queue->first]);
    if (queue->later >= 0) FETCH(&day->rides[queue->later]);
}

/* Who boards next of a queue that was looked at at this time; -1 for nobody. */
static int32_t first_waiting(const Day *day, const Queue *queue, double time_s) {
    int32_t from_home = first_from_home(day, queue, time_s), changed = queue->first;
    if (changed < 0) return from_home;
    if (from_home < 0 || joined_before(day->rides, changed, from_home)) return changed;
    return from_home;
}

/* Take out the one whom `first_waiting` names. */
static void take_first(Day *day, Queue *queue, int32_t ride) {
    if (ride == queue->first) {
        queue->first = day->rides[ride].next;
        if (queue->first < 0) queue->last = NOBODY;
    } else {
        queue->head++;
        if (queue->head < queue->end) FETCH(&day->rides[day->entries[queue->head].ride]);
    }
}

/* Take out those who have given up before a time. They are not recorded here: who never boards and has waited as long
 * as their patience lasts is known at the end of the day. They are the first ones, since all are equally patient. */
static void drop_impatient(Day *day, Queue *queue, double time_s, double patience_s) {
    for (;;) {
        int32_t ride = first_waiting(day, queue, time_s);
        if (ride < 0 || day->rides[ride].wait_from_s + patience_s >= time_s) return;
        take_first(day, queue, ride);
    }
}
