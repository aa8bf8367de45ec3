/* From the input to the state before anything has happened, and from the state at the end to what Python reads. */

/* Refuse indices outside their range, so that no input can make the kernel read or write beyond its arrays. */
static void check_range(Day *day, const int64_t *values, int64_t count, int64_t least, int64_t end) {
    for (int64_t at = 0; at < count; at++)
        if (values[at] < least || values[at] >= end) fail(day, FAILED_INPUT);
}

/* Refuse pointers of compressed rows that fall, or do not begin at 0; returns the number of rows. */
static int64_t check_rows(Day *day, const int64_t *ptr, int64_t count) {
    if (ptr[0] != 0) fail(day, FAILED_INPUT);
    for (int64_t at = 0; at < count; at++)
        if (ptr[at + 1] < ptr[at]) fail(day, FAILED_INPUT);
    return ptr[count];
}

/* Refuse lists of served queues that are longer than those of their places, or name queues that there are not. */
static void check_served(Day *day) {
    const Input *in = day->input;
    const ServedQueues *served = &in->served;
    if (!served->ptr) return;
    int64_t count = check_rows(day, served->ptr, in->sizes.visits), wrong = 0;
    for (int64_t at = 0; at < count; at++) wrong |= served->queue[at] < 0 || served->queue[at] >= in->legs.queues;
    for (int64_t visit = 0; visit < in->sizes.visits; visit++) {
        const int64_t *ptr = &in->positions.queue_ptr[in->timetable.visit_position[visit]];
        wrong |= served->ptr[visit + 1] - served->ptr[visit] > ptr[1] - ptr[0];
    }
    if (wrong) fail(day, FAILED_INPUT);
}

static void check_input(Day *day) {
    const Input *in = day->input;
    const Sizes *n = &in->sizes;
    const int64_t counts[] = {n->vehicle_types, n->blocks, n->trips, n->visits, n->positions, n->stops, n->lines, n->hops,
                              n->steps, n->breakdowns, n->legs, n->rides, n->entries, n->interrupted, n->known_legs, in->legs.queues,
                              in->positions.sections, in->positions.points, in->stops.spacing_groups};
    for (size_t at = 0; at < sizeof counts / sizeof *counts; at++)
        if (counts[at] < 0 || counts[at] > MOST_ROWS) fail(day, FAILED_TOO_LARGE);
    const Timetable *table = &in->timetable;
    check_range(day, table->block_trip, check_rows(day, table->block_ptr, n->blocks), 0, n->trips);
    if (check_rows(day, table->visit_ptr, n->trips) != n->visits) fail(day, FAILED_INPUT);
    for (int64_t trip = 0; trip < n->trips; trip++)
        if (table->visit_ptr[trip] == table->visit_ptr[trip + 1]) fail(day, FAILED_INPUT);
    check_range(day, table->trip_vehicle_type, n->trips, 0, n->vehicle_types);
    check_range(day, table->trip_last_reached, n->trips, 0, n->visits);
    check_range(day, table->trip_breakdown, n->trips, -1, n->breakdowns);
    check_range(day, table->visit_trip, n->visits, 0, n->trips);
    check_range(day, table->visit_position, n->visits, 0, n->positions);
    if (in->rules.keeps_headways) {
        check_range(day, table->visit_before, n->visits, -1, n->visits);
        check_range(day, table->visit_after, n->visits, -1, n->visits);
    }
    const Positions *positions = &in->positions;
    check_range(day, positions->stop, n->positions, 0, n->stops);
    check_range(day, positions->line, n->positions, 0, n->lines);
    check_range(day, positions->section, n->positions, -1, positions->sections);
    check_range(day, positions->point, n->positions, 0, positions->points);
    check_range(day, positions->hop, n->positions, -1, n->steps ? n->hops : 0);
    check_range(day, positions->queue, check_rows(day, positions->queue_ptr, n->positions), 0, in->legs.queues);
    check_rows(day, positions->closure_ptr, n->positions);
    check_rows(day, positions->slowing_ptr, n->positions);
    check_range(day, in->signals.flow, check_rows(day, in->signals.ptr, n->positions), -1, in->signals.steps ? MOST_ROWS : 0);
    check_rows(day, in->stops.closed_ptr, n->stops);
    check_range(day, in->stops.spacing_group, check_rows(day, in->stops.spacing_ptr, n->lines), 0, in->stops.spacing_groups);
    const Legs *legs = &in->legs;
    int64_t rows = check_rows(day, legs->row_ptr, n->legs);
    check_range(day, legs->queue, n->legs, 0, legs->queues);
    check_range(day, legs->position, rows, 0, n->positions);
    check_range(day, legs->alight, rows, 1, n->visits);
    check_range(day, legs->next_leg, rows, LEG_AS_PLANNED, n->legs);
    check_range(day, legs->fallback, check_rows(day, legs->fallback_ptr, n->legs), LEG_ON_FOOT, n->legs);
    check_range(day, legs->interrupted_leg, check_rows(day, legs->interrupted_ptr, n->interrupted), 0, n->legs);
    if (n->known_legs) {
        if (n->known_legs != n->legs || n->legs != legs->queues) fail(day, FAILED_INPUT);
        int64_t known = check_rows(day, in->real_time.ptr, n->known_legs);
        check_range(day, in->real_time.visit, known, 0, n->visits);
        check_range(day, in->real_time.next_leg, known, LEG_AT_GOAL, n->legs);
    }
    check_served(day);
    const DayStart *start = &in->start;
    check_range(day, start->ride_leg, n->rides, 0, n->legs);
    check_range(day, start->ride_following, n->rides, -1, n->rides);
    if (check_rows(day, start->queue_ptr, legs->queues) != n->entries) fail(day, FAILED_INPUT);
    check_range(day, start->entry_ride, n->entries, 0, n->rides);
    if (n->stays) check_range(day, in->stays.next_ride, n->rides, -1, n->rides);
}

/* Lay a planned ride out, and those that follow it behind it. */
static void lay_out(Day *day, int64_t number) {
    const DayStart *start = &day->input->start;
    while (number >= 0 && day->row_of[number] < 0) {
        int64_t following = start->ride_following[number];
        int32_t row = (int32_t)day->ride_count++;
        day->row_of[number] = row;
        day->rides[row] = (Ride){.walk_s = start->ride_walk_s[number], .wait_from_s = start->ride_wait_from_s[number],
                                 .alight_s = NAN,
                                 .following = following < 0 ? NOBODY : row + 1, .next = NOBODY, .child = NOBODY,
                                 .number = (int32_t)number, .board_visit = -1, .alight_visit = -1};
        take_leg(day, &day->rides[row], start->ride_leg[number]);
        number = following;
    }
    /* Two rides that the same one follows would share it. */
    if (number >= 0) fail(day, FAILED_INPUT);
}

/* Ask for what laying out a ride will read. */
static void fetch_planned(const Day *day, int64_t number) {
    const DayStart *start = &day->input->start;
    FETCH(&start->ride_following[number]);
    FETCH(&start->ride_walk_s[number]);
    FETCH(&start->ride_wait_from_s[number]);
    FETCH(&start->ride_leg[number]);
    FETCH(&day->row_of[number]);
}

static void set_up_people(Day *day) {
    const Input *in = day->input;
    for (int64_t at = 0; at < in->legs.row_ptr[in->sizes.legs]; at++)
        if (in->legs.next_leg[at] != LEG_AS_PLANNED) day->open_ended = 1;
    const DayStart *start = &in->start;
    int64_t rides = in->sizes.rides, entries = in->sizes.entries;
    day->ride_room = rides + 1;
    day->rides = space(day, day->ride_room, sizeof(Ride));
    day->row_of = space(day, rides, sizeof(int32_t));
    memset(day->row_of, 0xff, (size_t)rides * sizeof(int32_t));
    day->entries = space(day, entries, sizeof(Entry));
    for (int64_t at = 0; at < entries; at++) {
        if (at + AHEAD < entries) fetch_planned(day, start->entry_ride[at + AHEAD]);
        lay_out(day, start->entry_ride[at]);
        day->entries[at] = (Entry){start->entry_time_s[at], day->row_of[start->entry_ride[at]]};
    }
    for (int64_t number = 0; number < rides; number++)
        if (day->row_of[number] < 0) lay_out(day, number);
    day->planned = day->ride_count;
    day->queues = space(day, in->legs.queues, sizeof(Queue));
    for (int64_t at = 0; at < in->legs.queues; at++) {
        Queue *queue = &day->queues[at];
        *queue = (Queue){.head = (int32_t)start->queue_ptr[at], .end = (int32_t)start->queue_ptr[at + 1], .first = NOBODY,
                         .last = NOBODY, .later = NOBODY, .looked_s = -INFINITY, .last_visit_s = -INFINITY};
        queue->ready_s = ready_s(day, queue);
    }
    int64_t most = 0;
    for (int64_t at = 0; at < in->sizes.positions; at++) {
        int64_t served = in->positions.queue_ptr[at + 1] - in->positions.queue_ptr[at];
        if (served > most) most = served;
    }
    day->served = zeros(day, most, sizeof(int32_t));
    day->present = zeros(day, most, sizeof(int32_t));
    day->most_queues = most;
}

static double *all_as(Day *day, int64_t n, double value) {
    double *array = space(day, n, sizeof(double));
    for (int64_t at = 0; at < n; at++) array[at] = value;
    return array;
}

static void set_up_places(Day *day) {
    const Input *in = day->input;
    const Positions *from = &in->positions;
    day->places = zeros(day, in->sizes.positions, sizeof(Place));
    for (int64_t at = 0; at < in->sizes.positions; at++) {
        int64_t stop = from->stop[at];
        int flags = in->needs_departure[at] ? NEEDS_DEPARTURE : 0;
        if (from->controlled[at]) flags |= CONTROLLED;
        if (from->lets_out[at]) flags |= LETS_OUT;
        if (in->stops.closed_ptr[stop] < in->stops.closed_ptr[stop + 1]) flags |= CLOSES;
        if (from->closure_ptr[at] < from->closure_ptr[at + 1] || from->slowing_ptr[at] < from->slowing_ptr[at + 1] ||
            in->signals.ptr[at] < in->signals.ptr[at + 1])
            flags |= IS_HINDERED;
        for (int64_t row = from->queue_ptr[at]; row < from->queue_ptr[at + 1]; row++)
            if (isfinite(from->queue_from_s[row]) || isfinite(from->queue_until_s[row])) flags |= VARIES;
        day->places[at] = (Place){(int32_t)stop, (int32_t)from->line[at], (int32_t)from->section[at], (int32_t)from->point[at],
                                  (int32_t)from->hop[at], (int32_t)from->queue_ptr[at], (int32_t)from->queue_ptr[at + 1], flags};
    }
}

/* Whether a vehicle may find no berth. */
static int berths_are_few(const Input *in) {
    int few = in->sizes.breakdowns > 0;
    for (int64_t stop = 0; stop < in->sizes.stops; stop++) few |= in->stops.berths[stop] >= 0;
    return few;
}

static void set_up_vehicles(Day *day) {
    const Input *in = day->input;
    int64_t visits = in->sizes.visits, trips = in->sizes.trips, stops = in->sizes.stops;
    day->visits = space(day, visits, sizeof(Visit));
    for (int64_t at = 0; at < visits; at++)
        day->visits[at] = (Visit){.arrival_s = NAN, .departure_s = NAN, .people.riders = {NOBODY, NOBODY}};
    set_up_places(day);
    day->disruption = zeros(day, visits, sizeof(int32_t));
    day->broken_visit = zeros(day, trips, sizeof(int32_t));
    memset(day->broken_visit, 0xff, (size_t)trips * sizeof(int32_t));
    day->reopened_s = all_as(day, trips, NAN);
    if (in->sizes.known_legs) {
        day->trip_reached = zeros(day, trips, sizeof(int32_t));
        memset(day->trip_reached, 0xff, (size_t)trips * sizeof(int32_t));
        int64_t known = in->real_time.ptr[in->sizes.known_legs];
        day->coming_row = space(day, known, sizeof(int32_t));
        for (int64_t row = 0; row < known; row++) day->coming_row[row] = (int32_t)row;
        day->compared = zeros(day, in->legs.queues, sizeof(int64_t));
        if (day->most_queues && in->sizes.blocks > MOST_ROWS / day->most_queues) fail(day, FAILED_TOO_LARGE);
        day->chosen = zeros(day, in->sizes.blocks * day->most_queues, sizeof(uint8_t));
    }
    day->room = zeros(day, stops, sizeof(Room));
    for (int64_t at = 0; at < stops; at++) day->room[at] = (Room){-INFINITY, 0, 0, NOBODY, NOBODY, NOBODY, NOBODY};
    if (!in->rules.overtaking) {
        day->lanes = zeros(day, in->positions.sections, sizeof(Lane));
        for (int64_t at = 0; at < in->positions.sections; at++) day->lanes[at] = (Lane){NAN, NOBODY, NOBODY};
    }
    if (in->stops.spacing_groups && in->positions.sections > MOST_ROWS / in->stops.spacing_groups) fail(day, FAILED_TOO_LARGE);
    day->spacing_s = all_as(day, in->stops.spacing_groups * in->positions.sections, -INFINITY);
    if (in->rules.keeps_headways) {
        day->point_arrival_s = all_as(day, in->positions.points, NAN);
        day->point_departure_s = all_as(day, in->positions.points, NAN);
        day->point_held_s = all_as(day, in->positions.points, NAN);
        day->trip_left_visit = zeros(day, trips, sizeof(int32_t));
        memset(day->trip_left_visit, 0xff, (size_t)trips * sizeof(int32_t));
        day->trip_left_s = zeros(day, trips, sizeof(double));
    }
    if (in->holding.kind != HOLDING_NONE) day->holding_s = zeros(day, visits, sizeof(double));
    if (berths_are_few(in)) day->berth_wait_s = zeros(day, visits, sizeof(double));
    day->vehicles = space(day, in->sizes.blocks, sizeof(Vehicle));
    day->events = zeros(day, in->sizes.blocks, sizeof(Event));
    for (int64_t block = 0; block < in->sizes.blocks; block++) {
        Vehicle *vehicle = &day->vehicles[block];
        *vehicle = (Vehicle){.at = (int32_t)in->timetable.block_ptr[block], .end = (int32_t)in->timetable.block_ptr[block + 1],
                             .phase = TO_BEGIN, .headway_s = NAN, .passed = {NOBODY, NOBODY}, .trouble = -1};
        if (vehicle->at == vehicle->end) continue;
        double start_s = larger_of(in->chance.dispatch_s[in->timetable.block_trip[vehicle->at]], 0.0);
        int64_t visit = in->timetable.visit_ptr[in->timetable.block_trip[vehicle->at]];
        lift(day->events, day->event_count++, (Event){start_s, (int32_t)block, (int32_t)visit});
    }
}

static void read_rides(const Day *day, const DayTrace *to) {
    for (int64_t number = 0; number < day->ride_count; number++) {
        const Ride *ride = &day->rides[number < day->planned ? day->row_of[number] : number];
        if (number + AHEAD < day->planned) FETCH(&day->rides[day->row_of[number + AHEAD]]);
        to->ride_leg[number] = ride->leg;
        to->ride_walk_s[number] = ride->walk_s;
        to->ride_wait_from_s[number] = ride->wait_from_s;
        to->ride_alight_s[number] = ride->alight_s;
        to->ride_board_visit[number] = ride->board_visit;
        to->ride_alight_visit[number] = ride->alight_visit;
        to->ride_left_s[number] = to->ride_last_walk_s[number] = NAN;
    }
    for (int64_t at = 0; at < day->left_count; at++) to->ride_left_s[day->rides[day->left[at].ride].number] = day->left[at].value;
    for (int64_t at = 0; at < day->last_walk_count; at++)
        to->ride_last_walk_s[day->rides[day->last_walks[at].ride].number] = day->last_walks[at].value;
    for (int64_t at = 0; at < day->ride_count - day->planned; at++) {
        to->continued_root[at] = day->rides[day->roots[at]].number;
        to->continued_cause[at] = day->causes[at];
    }
    for (int64_t at = 0; at < day->denial_count; at++) {
        to->denied_ride[at] = day->denials[at].ride;
        to->denied_visit[at] = day->denials[at].visit;
    }
    for (int64_t at = 0; at < day->input->legs.queues; at++) {
        to->queue_last_visit_s[at] = day->queues[at].last_visit_s;
        to->queue_compared[at] = day->compared ? day->compared[at] : 0;
    }
}

static void read_visits(const Day *day, const DayTrace *to) {
    for (int64_t at = 0; at < day->input->sizes.visits; at++) {
        const Visit *visit = &day->visits[at];
        to->visit_arrival_s[at] = visit->arrival_s;
        to->visit_departure_s[at] = visit->departure_s;
        int reached = !isnan(visit->arrival_s);
        to->visit_boardings[at] = reached ? visit->people.counts.boardings : 0;
        to->visit_alightings[at] = reached ? visit->people.counts.alightings : 0;
        to->visit_denied[at] = visit->denied;
        to->visit_load[at] = visit->load;
        to->visit_holding_s[at] = day->holding_s ? day->holding_s[at] : 0.0;
        to->visit_berth_wait_s[at] = day->berth_wait_s ? day->berth_wait_s[at] : 0.0;
        to->visit_disruption[at] = day->disruption[at];
    }
    for (int64_t at = 0; at < day->input->sizes.trips; at++) {
        to->trip_broken_visit[at] = day->broken_visit[at];
        to->trip_reopened_s[at] = day->reopened_s[at];
    }
}
