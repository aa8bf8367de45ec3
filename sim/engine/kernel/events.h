/* Which vehicle acts next: the one with the least (time, row of its block). Each one waits for one thing at a time, so
 * this leaves nothing open; sim/engine/turn.py says the same, tests/functional/test_engines_agree.py compares. */

static int acts_before(Event a, Event b) {
    return (a.time_s < b.time_s) | ((a.time_s == b.time_s) & (a.block < b.block)); /* without branches */
}

/* Put an event in at the place `at` or, where later ones are in front of it, further up. */
static void lift(Event *heap, int64_t at, Event event) {
    while (at) {
        int64_t parent = (at - 1) / HEAP_WAYS;
        if (!acts_before(event, heap[parent])) break;
        heap[at] = heap[parent];
        at = parent;
    }
    heap[at] = event;
}

/* Ask for the memory that a vehicle will need, step by step as its event comes forward in the heap: each step needs
 * what the one before has fetched. Four fifths of the time of a day would be waiting for memory without it. It only
 * ever fetches; what happens does not depend on it. */
static void fetch_ahead(const Day *day, int64_t at, Event event) {
    const Visit *visit = &day->visits[event.visit];
    const ServedQueues *served = &day->input->served;
    if (at >= 21) {
        FETCH(visit);
        FETCH(&day->vehicles[event.block]);
        FETCH(&day->input->timetable.visit_position[event.visit]);
        FETCH(&day->input->timetable.visit_running_s[event.visit]);
        FETCH(&day->input->chance.running_factor[event.visit]);
        if (served->ptr) FETCH(&served->ptr[event.visit]);
    } else if (at >= 5) {
        int64_t position = day->input->timetable.visit_position[event.visit];
        int32_t rider = visit->people.riders.first;
        FETCH(&day->places[position]);
        if (served->ptr) {
            FETCH(&served->queue[served->ptr[event.visit]]);
            FETCH(&served->queue[served->ptr[event.visit]] + 16);
        }
        if (rider >= 0 && isnan(visit->arrival_s)) FETCH(&day->rides[rider]);
    } else if (at >= 1) {
        int32_t rider = visit->people.riders.first;
        if (served->ptr) {
            const int32_t *queue = &served->queue[served->ptr[event.visit]], *end = &served->queue[served->ptr[event.visit + 1]];
            for (; queue < end; queue++) FETCH(&day->queues[*queue]);
        } else {
            const Place *place = &day->places[day->input->timetable.visit_position[event.visit]];
            if (place->queue_first < place->queue_end) {
                int64_t queue = day->input->positions.queue[place->queue_first];
                FETCH(&day->queues[queue]);
            }
        }
        if (rider >= 0 && isnan(visit->arrival_s)) {
            const Ride *ride = &day->rides[rider];
            if (ride->following >= 0) FETCH(&day->rides[ride->following]);
            if (ride->next >= 0) FETCH(&day->rides[ride->next]);
            if (day->open_ended) fetch_onward(day, ride);
        }
    } else if (served->ptr) {
        const int32_t *queue = &served->queue[served->ptr[event.visit]], *end = &served->queue[served->ptr[event.visit + 1]];
        for (; queue < end; queue++)
            if (day->queues[*queue].ready_s <= event.time_s) fetch_first(day, &day->queues[*queue]);
    } else {
        const Place *place = &day->places[day->input->timetable.visit_position[event.visit]];
        if (place->queue_first < place->queue_end)
            fetch_first(day, &day->queues[day->input->positions.queue[place->queue_first]]);
    }
}

/* Put an event in at the front or, where earlier ones are behind it, further down. */
static void sink(Day *day, Event event) {
    Event *heap = day->events;
    int64_t at = 0, child, count = day->event_count;
    while ((child = HEAP_WAYS * at + 1) < count) {
        int64_t first = child;
        if (child + 3 < count) {
            int64_t one = child + acts_before(heap[child + 1], heap[child]);
            int64_t other = child + 2 + acts_before(heap[child + 3], heap[child + 2]);
            first = acts_before(heap[other], heap[one]) ? other : one;
        } else {
            for (int64_t other = child + 1; other < count; other++)
                if (acts_before(heap[other], heap[first])) first = other;
        }
        if (!acts_before(heap[first], event)) break;
        heap[at] = heap[first];
        if (at < 85) fetch_ahead(day, at, heap[at]);
        at = first;
    }
    heap[at] = event;
}

/* The event of the vehicle that acts stays in front until it waits again or wakes another one: most vehicles only
 * come again, and then one step down the heap is all. */
static void take_out_acting(Day *day) {
    if (!day->acting) return;
    day->acting = 0;
    day->event_count--;
    if (day->event_count) sink(day, day->events[day->event_count]);
}

static void wake(Day *day, int32_t block) {
    take_out_acting(day);
    lift(day->events, day->event_count, (Event){day->now_s, block, day->vehicles[block].visit});
    day->event_count++;
}

/* Let the vehicle that acts go on in a phase at a time, now or later. Tells whether that is at once: nobody acts
 * before it. */
static int at_once(Day *day, Vehicle *vehicle, double time_s, int32_t phase) {
    Event event = {time_s, (int32_t)(vehicle - day->vehicles), vehicle->visit};
    vehicle->phase = phase;
    if (day->acting) {
        sink(day, event);
    } else {
        lift(day->events, day->event_count, event);
        day->event_count++;
    }
    day->acting = 0;
    if (day->events[0].block != event.block || time_s >= day->input->rules.end_s) return 0;
    day->acting = 1;
    day->now_s = time_s;
    return 1;
}

/* Let the vehicle that acts go on in a phase at a time, or where that has come without giving way to anybody. */
static int wait_until(Day *day, Vehicle *vehicle, double time_s, int32_t phase) {
    if (time_s > day->now_s) return at_once(day, vehicle, time_s, phase);
    vehicle->phase = phase;
    return 1;
}

/* Let the vehicle that acts go on in a phase once another one wakes it. */
static void pause_in(Day *day, Vehicle *vehicle, int32_t phase) {
    take_out_acting(day);
    vehicle->phase = phase;
}
