/* Open doors: who boards, who finds no room, and who reconsiders. As in sim/engine/boarding.py. */

/* Whether a vehicle has found no room for a ride since it opened its doors. */
static int is_denied(const Day *day, const Vehicle *vehicle, int32_t number) {
    for (int64_t at = vehicle->denials_first; at < day->denial_count; at++)
        if (day->denials[at].visit == vehicle->visit && day->denials[at].ride == number) return 1;
    return 0;
}

static void deny(Day *day, const Vehicle *vehicle, int32_t ride, double since_s) {
    const Ride *who = &day->rides[ride];
    if (who->wait_from_s < since_s || (who->wait_from_s == since_s && is_denied(day, vehicle, who->number))) return;
    day->denials = grown(day, day->denials, day->denial_count, &day->denial_room, sizeof(Denial));
    day->denials[day->denial_count++] = (Denial){who->number, vehicle->visit};
}

/* Record everybody in a queue who has joined between two times and is not recorded yet. */
static void record_denied(Day *day, const Vehicle *vehicle, const Queue *queue, double since_s, double until_s) {
    int64_t at = queue->head;
    int32_t changed = queue->first;
    for (;;) {
        int32_t from_home = at < queue->end && day->entries[at].time_s <= until_s ? day->entries[at].ride : NOBODY;
        if (from_home < 0 && changed < 0) return;
        if (changed < 0 || (from_home >= 0 && joined_before(day->rides, from_home, changed))) {
            deny(day, vehicle, from_home, since_s);
            at++;
        } else {
            deny(day, vehicle, changed, since_s);
            changed = day->rides[changed].next;
        }
    }
}

static void look_alone(Day *day, Vehicle *vehicle, double until_s) {
    double since_s = vehicle->looked_s;
    board(day, vehicle, until_s);
    if (!vehicle->left_behind) return;
    const int32_t *queues;
    int32_t served = served_queues(day, vehicle, &queues);
    int64_t before = day->denial_count;
    for (int32_t at = 0; at < served; at++) record_denied(day, vehicle, &day->queues[queues[at]], since_s, until_s);
    day->visits[vehicle->visit].denied += (int32_t)(day->denial_count - before);
}

/* Let in everybody who has joined by a time, as far as there is room; vehicles that stand with open doors look first. */
static void look_for_people(Day *day, Vehicle *vehicle, double until_s) {
    if (day->input->rules.boarding_rule != BOARDING_DURING_DWELL) {
        look_alone(day, vehicle, until_s);
        return;
    }
    int32_t block = (int32_t)(vehicle - day->vehicles);
    Room *room = &day->room[day->places[vehicle->position].stop];
    if (vehicle->looked_s == -INFINITY) {
        vehicle->open_before = room->open_last;
        vehicle->open_behind = NOBODY;
        if (room->open_last < 0) room->open_first = block;
        else day->vehicles[room->open_last].open_behind = block;
        room->open_last = block;
    }
    for (int32_t one = room->open_first; one >= 0; one = day->vehicles[one].open_behind)
        look_alone(day, &day->vehicles[one], until_s);
}

static void leave_open(Day *day, const Vehicle *vehicle) {
    Room *room = &day->room[day->places[vehicle->position].stop];
    if (vehicle->open_before < 0) room->open_first = vehicle->open_behind;
    else day->vehicles[vehicle->open_before].open_behind = vehicle->open_behind;
    if (vehicle->open_behind < 0) room->open_last = vehicle->open_before;
    else day->vehicles[vehicle->open_behind].open_before = vehicle->open_before;
}

/* Close the doors: let those reconsider who are left behind, and record boardings and load. */
static void close_doors(Day *day, Vehicle *vehicle, double until_s) {
    Visit *visit = &day->visits[vehicle->visit];
    if (day->input->rules.boarding_rule == BOARDING_DURING_DWELL) leave_open(day, vehicle);
    if (vehicle->left_behind && day->input->rules.reconsiders) {
        double patience_s = day->input->rules.patience_s, due = due_s(day, vehicle);
        int64_t movers = 0;
        const int32_t *queues;
        int32_t served = served_queues(day, vehicle, &queues);
        for (int32_t at = 0; at < served; at++) {
            Queue *queue = &day->queues[queues[at]];
            if (patience_s < INFINITY) drop_impatient(day, queue, until_s, patience_s);
            take_movers(day, queue, until_s, due, &movers);
        }
        sort_rides(day->rides, day->movers, movers);
        for (int64_t at = 0; at < movers; at++) reconsider(day, day->movers[at], until_s, due);
    }
    visit->people.counts.boardings = vehicle->boarded;
    visit->load = vehicle->load;
}
