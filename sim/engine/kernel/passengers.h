/* Getting out of and into vehicles, and what people do next. As sim/engine/... does, step by step. */

static void note(Day *day, Note **notes, int64_t *count, int64_t *room, int32_t ride, double value) {
    *notes = grown(day, *notes, *count, room, sizeof(Note));
    (*notes)[(*count)++] = (Note){value, ride};
}

/* The ride of the journeys that a ride is or continues. */
static int32_t root_of(const Day *day, int32_t ride) { return ride < day->planned ? ride : day->roots[ride - day->planned]; }

/* Let a ride wait for a leg: its queue, its rows, and where it is left if that does not depend on where it is boarded. */
static void take_leg(const Day *day, Ride *ride, int64_t leg) {
    const Legs *legs = &day->input->legs;
    int64_t row = legs->row_ptr[leg], rows = legs->row_ptr[leg + 1] - row;
    ride->leg = (int32_t)leg;
    ride->queue = (int32_t)legs->queue[leg];
    ride->row = (int32_t)row;
    ride->alight_after = rows == 1 ? (int32_t)legs->alight[row] : (int32_t)-rows;
}

/* Add a ride that goes on where another ended and waits from a time on. Moves `day->rides`. */
static int32_t continue_ride(Day *day, int32_t ride, int64_t leg, double time_s, double walk_s, int32_t cause) {
    int64_t extra = day->ride_count - day->planned;
    day->rides = grown(day, day->rides, day->ride_count, &day->ride_room, sizeof(Ride));
    day->roots = grown(day, day->roots, extra, &day->root_room, sizeof(int32_t));
    day->causes = grown(day, day->causes, extra, &day->cause_room, sizeof(int32_t));
    day->roots[extra] = root_of(day, ride);
    day->causes[extra] = cause;
    int32_t added = (int32_t)day->ride_count++;
    day->rides[added] = (Ride){.walk_s = walk_s, .wait_from_s = time_s, .alight_s = NAN,
                               .following = day->rides[ride].following,
                               .next = NOBODY, .child = NOBODY, .number = added,
                               .board_visit = -1, .alight_visit = -1};
    take_leg(day, &day->rides[added], leg);
    return added;
}

/* Let a ride wait from a time on, at the queue of its leg. */
static void wait_from(Day *day, int32_t ride, double time_s) {
    day->rides[ride].wait_from_s = time_s;
    join(day, ride);
}

/* Let a journey end with a ride, and the one that waits for it join its queue, if there is one. `last_walk_s` is the
 * walk to the destination if it was decided on the way, else NaN. */
static void end_journey(Day *day, int32_t ride, double out_s, double last_walk_s) {
    const Stays *stays = &day->input->stays;
    if (!day->input->sizes.stays) return;
    int32_t root = day->rides[root_of(day, ride)].number;
    if (stays->next_ride[root] < 0) return;
    int32_t later = day->row_of[stays->next_ride[root]];
    double ended_s = out_s + (isnan(last_walk_s) ? stays->egress_s[root] : last_walk_s);
    wait_from(day, later, larger_of(ended_s, stays->not_before_s[root]) + stays->stay_s[root] + day->rides[later].walk_s);
}

/* Let somebody go on who is out of a vehicle: to the ride that follows, to the leg that a strategy names, or away. */
static void go_on(Day *day, int32_t ride, double out_s) {
    const Legs *legs = &day->input->legs;
    int32_t following = day->rides[ride].following;
    if (following >= 0) {
        wait_from(day, following, out_s + day->rides[following].walk_s);
        return;
    }
    if (!day->open_ended) {
        end_journey(day, ride, out_s, NAN);
        return;
    }
    int64_t leg = legs->next_leg[day->rides[ride].row];
    double walk_s = legs->next_walk_s[day->rides[ride].row];
    if (leg == LEG_AS_PLANNED) {
        end_journey(day, ride, out_s, NAN);
    } else if (leg == LEG_AT_GOAL) {
        note(day, &day->last_walks, &day->last_walk_count, &day->last_walk_room, ride, walk_s);
        end_journey(day, ride, out_s, walk_s);
    } else {
        join(day, continue_ride(day, ride, leg, out_s + walk_s, walk_s, CAUSE_NONE));
    }
}

/* Ask for what a strategy says of somebody who will get out. */
static void fetch_onward(const Day *day, const Ride *ride) {
    FETCH(&day->input->legs.next_leg[ride->row]);
    FETCH(&day->input->legs.next_walk_s[ride->row]);
}

/* Let out those who want to get out at the visit, one step after the other; from now on it holds counts. */
static void let_out(Day *day, Vehicle *vehicle) {
    int32_t visit = vehicle->visit, ride = day->visits[visit].people.riders.first, onward, count = 0;
    double out_s = vehicle->out_s, step_s = day->input->types.alighting_step_s[vehicle->type];
    for (; ride >= 0; ride = onward, count++) {
        onward = day->rides[ride].next;
        if (onward >= 0) {
            /* Two steps ahead, as each needs what the one before has fetched. */
            const Ride *next = &day->rides[onward];
            if (next->next >= 0) FETCH(&day->rides[next->next]);
            if (day->open_ended) fetch_onward(day, next);
        }
        out_s += step_s;
        day->rides[ride].alight_s = out_s;
        day->rides[ride].alight_visit = visit;
        go_on(day, ride, out_s);
    }
    vehicle->out_s = out_s;
    vehicle->alighted = count;
    vehicle->load -= count;
    day->visits[visit].people.counts.boardings = 0;
    day->visits[visit].people.counts.alightings = count;
}

/* The row of the leg of a ride at a position for a vehicle that is due at a time. */
static int64_t row_at(Day *day, const Ride *ride, int64_t position, double due_s) {
    const Legs *legs = &day->input->legs;
    int64_t first = ride->row, low = first, high = low + (ride->alight_after > 0 ? 1 : -ride->alight_after);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (legs->position[middle] <= position) low = middle;
        else high = middle;
    }
    while (low > first && legs->from_s[low] > due_s) low--;
    if (low >= high || legs->position[low] != position) fail(day, FAILED_INPUT);
    return low;
}

/* When the vehicle is due to leave the stop where it is, by the timetable. */
static double due_s(const Day *day, const Vehicle *vehicle) {
    return day->input->timetable.scheduled_departure_s[vehicle->visit];
}

/* Whether people with real time board a vehicle, as decided when it opened its doors. */
static uint8_t *choice_of(const Day *day, const Vehicle *vehicle, int32_t row) {
    int64_t place = row - day->places[vehicle->position].queue_first;
    return &day->chosen[(vehicle - day->vehicles) * day->most_queues + place];
}

/* Whether the vehicle at the stop is for the queue of a row by its time. Without real time, which vehicles people board
 * is decided by when these are due, so that it is the same for all that wait in a queue and stays the same as long as
 * the vehicle stands (test_engine_lines_by_hour.py): then the lists of `ServedQueues` say it. */
static int is_for(const Day *day, const Vehicle *vehicle, int32_t row) {
    if (!(day->places[vehicle->position].flags & VARIES)) return 1;
    const Positions *positions = &day->input->positions;
    double due = due_s(day, vehicle);
    return positions->queue_from_s[row] <= due && due <= positions->queue_until_s[row];
}

/* The queues that the vehicle at the stop serves; returns how many. */
static int32_t served_queues(const Day *day, const Vehicle *vehicle, const int32_t **queues) {
    const ServedQueues *served = &day->input->served;
    if (served->ptr) {
        int64_t first = served->ptr[vehicle->visit];
        *queues = &served->queue[first];
        return (int32_t)(served->ptr[vehicle->visit + 1] - first);
    }
    const Place *place = &day->places[vehicle->position];
    int32_t count = 0;
    for (int32_t at = place->queue_first; at < place->queue_end; at++)
        if (!day->chosen || *choice_of(day, vehicle, at)) day->served[count++] = (int32_t)day->input->positions.queue[at];
    *queues = day->served;
    return count;
}

/* Decide who boards a vehicle that opens its doors at a time, where people know when others will really leave. */
static void choose(Day *day, const Vehicle *vehicle, double time_s) {
    const Place *place = &day->places[vehicle->position];
    for (int32_t at = place->queue_first; at < place->queue_end; at++) {
        int64_t leg = day->input->positions.queue[at]; /* a planned leg has a queue of its own, of the same number */
        *choice_of(day, vehicle, at) = is_for(day, vehicle, at) && is_best(day, leg, vehicle->visit, time_s);
    }
}

/* Keep those on board who wanted to get out at a visit that is still to come. */
static void pass(Day *day, Vehicle *vehicle, int64_t visit) {
    Visit *passed = &day->visits[visit];
    int32_t first = passed->people.riders.first;
    if (first < 0) return;
    if (vehicle->passed.first < 0) vehicle->passed.first = first;
    else day->rides[vehicle->passed.last].next = first;
    vehicle->passed.last = passed->people.riders.last;
    passed->people.riders.first = passed->people.riders.last = NOBODY;
}

static void let_in(Day *day, Vehicle *vehicle, int32_t number) {
    Ride *ride = &day->rides[number];
    int64_t after = ride->alight_after;
    if (after <= 0 || day->open_ended) {
        int64_t row = row_at(day, ride, vehicle->position, due_s(day, vehicle));
        ride->row = (int32_t)row;
        after = day->input->legs.alight[row];
    }
    int64_t visit = vehicle->first_visit + after;
    if (visit <= vehicle->visit || visit > vehicle->last_reached) fail(day, FAILED_INPUT);
    ride->board_visit = vehicle->visit;
    ride->next = NOBODY;
    if (vehicle->looked_s > -INFINITY) let_in_late(day, vehicle, ride->wait_from_s);
    Visit *at = &day->visits[visit];
    if (at->people.riders.first < 0) at->people.riders.first = number;
    else day->rides[at->people.riders.last].next = number;
    at->people.riders.last = number;
}

/* Of several queues in which somebody waits, lift that of the one who joined first to the front of the heap. */
static void sift_present(Day *day, int32_t count, int32_t at, double time_s) {
    int32_t *heap = day->present, moved = heap[at];
    int32_t mine = first_waiting(day, &day->queues[moved], time_s);
    for (;;) {
        int32_t child = 2 * at + 1;
        if (child >= count) break;
        int32_t ride = first_waiting(day, &day->queues[heap[child]], time_s);
        if (child + 1 < count) {
            int32_t other = first_waiting(day, &day->queues[heap[child + 1]], time_s);
            if (joined_before(day->rides, other, ride)) {
                ride = other;
                child++;
            }
        }
        if (!joined_before(day->rides, ride, mine)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* Let in everybody who waits in the one queue of a place, in their order, as far as there is room. */
static int32_t board_from(Day *day, Vehicle *vehicle, Queue *queue, double until_s, int32_t room) {
    int32_t count = 0, ride;
    for (;;) {
        ride = first_waiting(day, queue, until_s);
        if (ride < 0 || count >= room) break;
        take_first(day, queue, ride);
        let_in(day, vehicle, ride);
        count++;
    }
    vehicle->left_behind = ride >= 0;
    return count;
}

/* The same from several queues: a heap of those in which somebody waits, by who joined first. */
static int32_t board_from_several(Day *day, Vehicle *vehicle, int32_t size, double until_s, int32_t room) {
    int32_t *heap = day->present, count = 0;
    for (int32_t at = size / 2 - 1; at >= 0; at--) sift_present(day, size, at, until_s);
    while (size && count < room) {
        Queue *queue = &day->queues[heap[0]];
        int32_t ride = first_waiting(day, queue, until_s);
        take_first(day, queue, ride);
        let_in(day, vehicle, ride);
        count++;
        if (first_waiting(day, queue, until_s) < 0) heap[0] = heap[--size];
        if (size > 1) sift_present(day, size, 0, until_s);
    }
    vehicle->left_behind = size > 0;
    return count;
}

/* Put the queues that the vehicle serves and in which somebody may wait at a time into `day->present`, and return how many
 * there are. Their memory is asked for together, instead of waiting for one after the other. */
static int32_t ready_queues(Day *day, const Vehicle *vehicle, double until_s) {
    const int32_t *queues;
    int32_t served = served_queues(day, vehicle, &queues), ready = 0;
    for (int32_t at = 0; at < served; at++) {
        int32_t number = queues[at];
        Queue *queue = &day->queues[number];
        queue->last_visit_s = until_s;
        if (until_s > queue->looked_s) queue->looked_s = until_s;
        if (queue->ready_s > until_s) continue;
        day->present[ready++] = number;
    }
    for (int32_t at = 0; at < ready; at++) fetch_first(day, &day->queues[day->present[at]]);
    return ready;
}

/* Ask for the rows of legs by which the first in each of some queues will board. */
static void fetch_rows(const Day *day, int32_t queues, double until_s) {
    const Legs *legs = &day->input->legs;
    for (int32_t at = 0; at < queues; at++) {
        int32_t row = day->rides[first_waiting(day, &day->queues[day->present[at]], until_s)].row;
        FETCH(&legs->position[row]);
        FETCH(&legs->from_s[row]);
        FETCH(&legs->alight[row]);
    }
}

/* Let in everybody who has joined the queues of the place by a time, first come first served over all of them, as far
 * as there is room. Who comes while the doors are open boards at once or finds no room: nobody's patience ends before. */
static void board(Day *day, Vehicle *vehicle, double until_s) {
    int again = vehicle->looked_s > -INFINITY;
    double patience_s = day->input->rules.patience_s;
    int64_t free_places = day->input->types.capacity[vehicle->type] - vehicle->load;
    if (day->chosen && !again) choose(day, vehicle, until_s);
    int32_t room = free_places < 0 ? 0 : free_places > MOST_ROWS ? MOST_ROWS : (int32_t)free_places, size = 0, count;
    int32_t ready = ready_queues(day, vehicle, until_s);
    for (int32_t at = 0; at < ready; at++) {
        int32_t number = day->present[at];
        Queue *queue = &day->queues[number];
        look(day, queue, until_s);
        if (patience_s < INFINITY && !again) drop_impatient(day, queue, until_s, patience_s);
        int32_t ride = first_waiting(day, queue, until_s);
        if (ride < 0) {
            queue->ready_s = ready_s(day, queue);
            continue;
        }
        FETCH(&day->rides[ride]);
        day->present[size++] = number;
    }
    if (day->open_ended) fetch_rows(day, size, until_s);
    if (size == 1) count = board_from(day, vehicle, &day->queues[day->present[0]], until_s, room);
    else count = board_from_several(day, vehicle, size, until_s, room);
    vehicle->looked_s = until_s;
    if (again) return;
    vehicle->boarded += count;
    vehicle->load += count;
}

/* Let somebody walk to where the leg leads, from a time on; the journey goes on from there as if ridden. */
static void walk_on(Day *day, int32_t number, double left_s, double walk_s) {
    Ride *ride = &day->rides[number];
    note(day, &day->left, &day->left_count, &day->left_room, number, left_s);
    ride->walk_s += walk_s;
    ride->alight_s = left_s + walk_s;
    if (ride->following >= 0) wait_from(day, ride->following, left_s + walk_s + day->rides[ride->following].walk_s);
    else end_journey(day, number, left_s + walk_s, NAN);
}

/* The row of what people do whom a full vehicle left behind that was due at a time; -1 for waiting on. */
static int64_t fallback_row(const Day *day, int32_t number, double due) {
    const Legs *legs = &day->input->legs;
    int64_t leg = day->rides[number].leg, first = legs->fallback_ptr[leg], low = first, high = legs->fallback_ptr[leg + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (legs->fallback_from_s[middle] <= due) low = middle + 1;
        else high = middle;
    }
    return low > first ? low - 1 : -1;
}

static int waits_on(const Day *day, int32_t number, double due) {
    int64_t row = fallback_row(day, number, due);
    return row < 0 || day->input->legs.fallback[row] == LEG_NO_FALLBACK;
}

/* Let somebody whom a full vehicle left behind do what the leg says: walk, or wait for another line here or elsewhere. */
static void reconsider(Day *day, int32_t number, double time_s, double due) {
    const Legs *legs = &day->input->legs;
    Ride *ride = &day->rides[number];
    int64_t row = fallback_row(day, number, due), leg = legs->fallback[row];
    double walk_s = legs->fallback_walk_s[row], left_s = larger_of(time_s, ride->wait_from_s);
    if (leg == LEG_ON_FOOT) {
        walk_on(day, number, left_s, walk_s);
    } else if (legs->board_stop[leg] == legs->board_stop[ride->leg]) {
        take_leg(day, ride, leg);
        join(day, number);
    } else {
        note(day, &day->left, &day->left_count, &day->left_room, number, left_s);
        join(day, continue_ride(day, number, leg, left_s + walk_s, walk_s, CAUSE_NONE));
    }
}

static void add_mover(Day *day, int64_t *count, int32_t ride) {
    day->movers = grown(day, day->movers, *count, &day->mover_room, sizeof(int32_t));
    day->movers[(*count)++] = ride;
}

/* Take everybody out of a queue who has joined by a time and has somewhere else to go. */
static void take_movers(Day *day, Queue *queue, double until_s, double due, int64_t *count) {
    int32_t present = queue->head;
    while (present < queue->end && day->entries[present].time_s <= until_s) present++;
    int32_t kept = present;
    for (int32_t at = present - 1; at >= queue->head; at--) {
        if (waits_on(day, day->entries[at].ride, due)) day->entries[--kept] = day->entries[at];
        else add_mover(day, count, day->entries[at].ride);
    }
    queue->head = kept;
    int32_t ride = queue->first, onward;
    queue->first = queue->last = NOBODY;
    for (; ride >= 0; ride = onward) {
        onward = day->rides[ride].next;
        day->rides[ride].next = NOBODY;
        if (!waits_on(day, ride, due)) {
            add_mover(day, count, ride);
            continue;
        }
        if (queue->first < 0) queue->first = ride;
        else day->rides[queue->last].next = ride;
        queue->last = ride;
    }
}

/* Sort rides by joining, in place (heapsort). */
static void sort_rides(const Ride *rides, int32_t *array, int64_t count) {
    for (int64_t built = count / 2, size = count; size > 1;) {
        int32_t moved;
        if (built) {
            moved = array[--built];
        } else {
            moved = array[--size];
            array[size] = array[0];
        }
        int64_t at = built;
        for (int64_t child; (child = 2 * at + 1) < size; at = child) {
            if (child + 1 < size && joined_before(rides, array[child], array[child + 1])) child++;
            if (!joined_before(rides, moved, array[child])) break;
            array[at] = array[child];
        }
        array[at] = moved;
    }
}

/* The leg from a stop to a goal for people who are put out there. */
static int64_t interrupted_leg(Day *day, int64_t stop, int64_t goal) {
    const Legs *legs = &day->input->legs;
    if (stop >= day->input->sizes.interrupted) fail(day, FAILED_INPUT);
    int64_t low = legs->interrupted_ptr[stop], high = legs->interrupted_ptr[stop + 1];
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (legs->interrupted_goal[middle] <= goal) low = middle;
        else high = middle;
    }
    if (low >= high || legs->interrupted_goal[low] != goal) fail(day, FAILED_INPUT);
    return legs->interrupted_leg[low];
}

/* Let those out whose stop was passed or is not reached, after all others; they wait here for a vehicle that goes on. */
static void put_out(Day *day, Vehicle *vehicle, int32_t cause) {
    const Legs *legs = &day->input->legs;
    double step_s = day->input->types.alighting_step_s[vehicle->type];
    int64_t stop = day->places[vehicle->position].stop;
    int32_t count = 0, onward;
    for (int32_t ride = vehicle->passed.first; ride >= 0; ride = onward, count++) {
        onward = day->rides[ride].next;
        vehicle->out_s += step_s;
        day->rides[ride].alight_s = vehicle->out_s;
        day->rides[ride].alight_visit = vehicle->visit;
        int64_t leg = interrupted_leg(day, stop, legs->goal[day->rides[ride].leg]);
        join(day, continue_ride(day, ride, leg, vehicle->out_s, 0.0, cause));
    }
    vehicle->load -= count;
    vehicle->alighted += count;
    day->visits[vehicle->visit].people.counts.alightings += count;
    vehicle->passed = (Riders){NOBODY, NOBODY};
}
