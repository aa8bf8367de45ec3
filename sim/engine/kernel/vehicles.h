/* The loop of a vehicle, step by step as sim/engine/vehicle.py: come, arrive, board, dwell, hold, leave. Where that one
 * waits with `yield`, a phase ends here; `at_once` says whether the next one begins without anybody in between. */

enum {
    TO_BEGIN,       /* the next trip of the block */
    TO_COME,        /* to a stop */
    TO_SERVE,       /* a berth is there */
    TO_MEND,        /* a breakdown is over */
    TO_OPEN_AGAIN,  /* and a berth is there */
    TO_LOAD,        /* look for people who have come meanwhile; then `after_load` */
    TO_CONTROL,     /* the dwell is over */
    TO_HOLD,        /* ask the holding rule */
    TO_QUEUE_UP,    /* wait, with open doors, for those in front */
    TO_LOOK_AGAIN,  /* nobody is in front */
    TO_CLOSE,       /* the doors */
    TO_TAKE_TURN,   /* the departure has come */
    TO_KEEP_APART,  /* nobody is in front */
    TO_VACATE       /* the dwell at the last stop is over */
};

/* Take a berth if there is one. */
static int has_berth(const Day *day, const Room *room, int64_t stop) {
    int64_t berths = day->input->stops.berths[stop];
    return !room->blocked && (berths < 0 || room->standing < berths);
}

/* Let in vehicles that wait for a berth, in order of coming. The berth is taken for them at once: nobody who comes in
 * the same instant gets it. */
static void admit(Day *day, int64_t stop) {
    Room *room = &day->room[stop];
    while (room->line_first >= 0 && has_berth(day, room, stop)) {
        int32_t block = room->line_first;
        room->line_first = day->vehicles[block].line_behind;
        if (room->line_first < 0) room->line_last = NOBODY;
        room->standing++;
        wake(day, block);
    }
}

static Lane *lane_of(const Day *day, const Vehicle *vehicle) {
    int32_t section = day->places[vehicle->position].section;
    return day->lanes && section >= 0 ? &day->lanes[section] : NULL;
}

/* Come to a stop: a place behind those who go the same way, then a berth. Tells whether there is one. */
static int come(Day *day, Vehicle *vehicle, int32_t phase) {
    int32_t block = (int32_t)(vehicle - day->vehicles);
    int64_t stop = day->places[vehicle->position].stop;
    Room *room = &day->room[stop];
    Lane *lane = lane_of(day, vehicle);
    if (lane) {
        vehicle->lane_before = lane->last;
        vehicle->lane_behind = NOBODY;
        if (lane->last < 0) lane->first = block;
        else day->vehicles[lane->last].lane_behind = block;
        lane->last = block;
    }
    if (room->blocked) hinder(day, vehicle->visit, DISRUPTION_BEHIND_BROKEN_VEHICLE);
    if (room->line_first < 0 && has_berth(day, room, stop)) {
        room->standing++;
        return 1;
    }
    vehicle->line_behind = NOBODY;
    if (room->line_first < 0) room->line_first = block;
    else day->vehicles[room->line_last].line_behind = block;
    room->line_last = block;
    pause_in(day, vehicle, phase);
    return 0;
}

/* Give up the place and the berth. */
static void vacate(Day *day, Vehicle *vehicle) {
    int64_t stop = day->places[vehicle->position].stop;
    Lane *lane = lane_of(day, vehicle);
    if (lane) {
        if (vehicle->lane_before < 0) lane->first = vehicle->lane_behind;
        else day->vehicles[vehicle->lane_before].lane_behind = vehicle->lane_behind;
        if (vehicle->lane_behind < 0) lane->last = vehicle->lane_before;
        else day->vehicles[vehicle->lane_behind].lane_before = vehicle->lane_before;
        if (lane->first >= 0 && day->vehicles[lane->first].waits_in_lane) {
            day->vehicles[lane->first].waits_in_lane = 0;
            wake(day, lane->first);
        }
    }
    day->room[stop].standing--;
    admit(day, stop);
}

/* Whether nobody is in front of a vehicle; else it goes on in a phase once that is so. */
static int is_first_in_lane(Day *day, Vehicle *vehicle, int32_t phase) {
    Lane *lane = lane_of(day, vehicle);
    if (!lane || &day->vehicles[lane->first] == vehicle) return 1;
    vehicle->waits_in_lane = 1;
    pause_in(day, vehicle, phase);
    return 0;
}

/* When a vehicle may leave at the earliest: least headways of the stop, and of all that go the same way. */
static double earliest_departure_s(const Day *day, const Vehicle *vehicle) {
    const Place *place = &day->places[vehicle->position];
    const StopRoom *stops = &day->input->stops;
    int64_t stop = place->stop, line = place->line;
    double earliest_s = day->room[stop].last_departure_s + stops->minimum_headway_s[stop];
    for (int64_t at = stops->spacing_ptr[line]; at < stops->spacing_ptr[line + 1]; at++) {
        double last_s = day->spacing_s[stops->spacing_group[at] * day->input->positions.sections + place->section];
        earliest_s = larger_of(earliest_s, last_s + stops->spacing_s[at]);
    }
    return earliest_s;
}

static void note_spacing(Day *day, const Vehicle *vehicle) {
    const Place *place = &day->places[vehicle->position];
    const StopRoom *stops = &day->input->stops;
    day->room[place->stop].last_departure_s = day->now_s;
    for (int64_t at = stops->spacing_ptr[place->line]; at < stops->spacing_ptr[place->line + 1]; at++)
        day->spacing_s[stops->spacing_group[at] * day->input->positions.sections + place->section] = day->now_s;
}

/* When a vehicle that leaves at a time is at the next stop; where vehicles may not pass, a tick behind the one in
 * front or later, unless it misses stops and is on another road. */
static double next_stop_s(Day *day, const Vehicle *vehicle, double departure_s, int64_t missed) {
    double next_s = departure_s + running_s(day, vehicle, departure_s);
    Lane *lane = lane_of(day, vehicle);
    if (lane && !missed) {
        if (!isnan(lane->last_arrival_s)) next_s = larger_of(next_s, lane->last_arrival_s + 1.0 / TICKS_PER_S);
        lane->last_arrival_s = next_s;
    }
    return next_s;
}

static void move_to(Day *day, Vehicle *vehicle, int64_t visit) {
    vehicle->visit = (int32_t)visit;
    vehicle->position = (int32_t)day->input->timetable.visit_position[visit];
}

/* Begin the trip that is due; whoever has stayed on board goes on. */
static void begin_trip(Day *day, Vehicle *vehicle) {
    const Timetable *table = &day->input->timetable;
    vehicle->trip = (int32_t)table->block_trip[vehicle->at];
    vehicle->type = (int32_t)table->trip_vehicle_type[vehicle->trip];
    vehicle->first_visit = (int32_t)table->visit_ptr[vehicle->trip];
    vehicle->last_visit = (int32_t)table->visit_ptr[vehicle->trip + 1] - 1;
    vehicle->last_reached = (int32_t)table->trip_last_reached[vehicle->trip];
    vehicle->trouble = (int32_t)table->trip_breakdown[vehicle->trip];
    move_to(day, vehicle, vehicle->first_visit);
}

/* Have done with a trip; wait for the next one of the block. */
static int end_trip(Day *day, Vehicle *vehicle, double end_s) {
    const Input *input = day->input;
    if (++vehicle->at == vehicle->end) {
        take_out_acting(day);
        return 0;
    }
    double ready_s = end_s + input->rules.layover_s;
    double due_s = input->chance.dispatch_s[input->timetable.block_trip[vehicle->at]];
    return at_once(day, vehicle, larger_of(due_s, ready_s), TO_BEGIN);
}

static void open_doors(const Day *day, Vehicle *vehicle) {
    vehicle->opened_s = vehicle->out_s = day->now_s;
    vehicle->looked_s = vehicle->late_s = -INFINITY;
    vehicle->boarded = vehicle->alighted = vehicle->late_after = 0;
    vehicle->left_behind = 0;
    vehicle->denials_first = day->denial_count;
}

/* Arrive and let everybody out whose stop it is. */
static void alight(Day *day, Vehicle *vehicle) {
    open_doors(day, vehicle);
    reach(day, vehicle->visit, day->now_s);
    let_out(day, vehicle);
}

/* Let nobody stay on board who wanted to get out later. */
static void gather(Day *day, Vehicle *vehicle) {
    for (int64_t later = (int64_t)vehicle->visit + 1; later <= vehicle->last_reached; later++) pass(day, vehicle, later);
}

/* Go past a stop at a time; people who want to get out there stay on board. */
static void pass_by(Day *day, Vehicle *vehicle, int64_t at, double time_s) {
    Visit *visit = &day->visits[at];
    pass(day, vehicle, at);
    reach(day, at, time_s);
    visit->load = vehicle->load;
    visit->people.counts.boardings = visit->people.counts.alightings = 0;
}

/* Leave for the next stop that is not missed. */
static int leave(Day *day, Vehicle *vehicle, double departure_s) {
    int64_t missed = missed_stops(day, vehicle, departure_s), at = vehicle->visit;
    double next_s = next_stop_s(day, vehicle, departure_s, missed);
    day->visits[at].departure_s = departure_s;
    if (day->places[vehicle->position].flags & NEEDS_DEPARTURE) {
        vacate(day, vehicle);
        note_departure(day, vehicle, departure_s);
    }
    for (int64_t visit = at + 1; visit <= at + missed; visit++) {
        hinder(day, visit, DISRUPTION_STOP_MISSED);
        pass_by(day, vehicle, visit, next_s);
        day->visits[visit].departure_s = next_s;
    }
    move_to(day, vehicle, at + 1 + missed);
    return at_once(day, vehicle, next_s, TO_COME);
}

/* Leave when the departure has come, where a rule needs the vehicle then; else at once, the clock notwithstanding. */
static int depart(Day *day, Vehicle *vehicle, double departure_s) {
    if (!(day->places[vehicle->position].flags & NEEDS_DEPARTURE)) return leave(day, vehicle, departure_s);
    return wait_until(day, vehicle, departure_s, TO_TAKE_TURN);
}

/* Keep the doors open until a time and then until everybody is in who has come. */
static int load_until(Day *day, Vehicle *vehicle, double until_s, int32_t after) {
    vehicle->until_s = until_s;
    vehicle->after_load = after;
    return wait_until(day, vehicle, until_s, TO_LOAD);
}

static int stand(Day *day, Vehicle *vehicle, double ready_s) {
    if (day->input->rules.boarding_rule == BOARDING_DURING_DWELL) return load_until(day, vehicle, ready_s, TO_CONTROL);
    close_doors(day, vehicle, day->now_s);
    vehicle->until_s = ready_s;
    vehicle->phase = TO_CONTROL;
    return 1;
}

/* Stand broken at a stop, after everybody has got out. */
static int break_down(Day *day, Vehicle *vehicle) {
    const Breakdowns *all = &day->input->breakdowns;
    hinder(day, vehicle->visit, DISRUPTION_VEHICLE_BROKE_DOWN);
    alight(day, vehicle);
    vehicle->headway_s = headway_of_arrival_s(day, vehicle, day->now_s);
    gather(day, vehicle);
    put_out(day, vehicle, CAUSE_VEHICLE_BROKE_DOWN);
    day->broken_visit[vehicle->trip] = vehicle->visit;
    if (all->blocks[vehicle->trouble]) day->room[day->places[vehicle->position].stop].blocked++;
    else vacate(day, vehicle);
    double until_s = larger_of(day->now_s + all->duration_s[vehicle->trouble], vehicle->out_s);
    return wait_until(day, vehicle, until_s, TO_MEND);
}

static int serve(Day *day, Vehicle *vehicle) {
    const Place *place = &day->places[vehicle->position];
    if (breaks_down(day, vehicle, day->now_s)) return break_down(day, vehicle);
    if (is_closed(day, place, day->now_s)) {
        hinder(day, vehicle->visit, DISRUPTION_STOP_CLOSED);
        pass_by(day, vehicle, vehicle->visit, day->now_s);
        headway_of_arrival_s(day, vehicle, day->now_s);
        return depart(day, vehicle, open_road_s(day, vehicle, day->now_s));
    }
    alight(day, vehicle);
    vehicle->headway_s = headway_of_arrival_s(day, vehicle, day->now_s);
    if (vehicle->passed.first >= 0 && (place->flags & LETS_OUT)) put_out(day, vehicle, CAUSE_STOP_CLOSED);
    look_for_people(day, vehicle, day->now_s);
    double ready_s = larger_of(served_s(day, vehicle), vehicle->out_s);
    if (day->input->rules.boarding_rule == BOARDING_DURING_DWELL || (place->flags & CONTROLLED))
        return stand(day, vehicle, ready_s);
    close_doors(day, vehicle, day->now_s);
    return depart(day, vehicle, open_road_s(day, vehicle, ready_s));
}

/* Let everybody out at the last stop who does not stay for the next trip. */
static int serve_last(Day *day, Vehicle *vehicle) {
    alight(day, vehicle);
    put_out(day, vehicle, CAUSE_STOP_CLOSED);
    if (day->input->timetable.trip_ends_early[vehicle->trip]) {
        gather(day, vehicle);
        put_out(day, vehicle, CAUSE_TRIP_CANCELLED);
    }
    vehicle->departure_s = larger_of(served_s(day, vehicle), vehicle->out_s);
    day->visits[vehicle->visit].load = vehicle->load;
    day->visits[vehicle->visit].departure_s = vehicle->departure_s;
    if (!(day->places[vehicle->position].flags & NEEDS_DEPARTURE)) return end_trip(day, vehicle, vehicle->departure_s);
    return wait_until(day, vehicle, vehicle->departure_s, TO_VACATE);
}

/* A breakdown is over: the trip ends there, or goes on once there is a berth. */
static int mend(Day *day, Vehicle *vehicle) {
    const Breakdowns *all = &day->input->breakdowns;
    int blocks = all->blocks[vehicle->trouble], ends = all->ends_trip[vehicle->trouble];
    int64_t stop = day->places[vehicle->position].stop;
    if (blocks) {
        day->room[stop].blocked--;
        admit(day, stop);
    }
    if (ends) {
        if (blocks) vacate(day, vehicle);
        day->visits[vehicle->visit].departure_s = day->now_s;
        return end_trip(day, vehicle, day->now_s);
    }
    vehicle->phase = TO_OPEN_AGAIN;
    return blocks || come(day, vehicle, TO_OPEN_AGAIN);
}

static int open_again(Day *day, Vehicle *vehicle) {
    vehicle->trouble = -1;
    day->reopened_s[vehicle->trip] = day->now_s;
    open_doors(day, vehicle);
    look_for_people(day, vehicle, day->now_s);
    return stand(day, vehicle, served_s(day, vehicle));
}

static int load(Day *day, Vehicle *vehicle) {
    look_for_people(day, vehicle, vehicle->until_s);
    double in_s = served_s(day, vehicle);
    if (in_s > vehicle->until_s) return load_until(day, vehicle, in_s, vehicle->after_load);
    vehicle->phase = vehicle->after_load;
    return 1;
}

/* The dwell is over at `until_s`: ask the holding rule, when the vehicle is there. */
static int control(Day *day, Vehicle *vehicle) {
    vehicle->ready_s = vehicle->departure_s = vehicle->until_s;
    int waits = (day->places[vehicle->position].flags & CONTROLLED) && !day->input->holding.allow_negative;
    return wait_until(day, vehicle, waits ? vehicle->ready_s : day->now_s, TO_HOLD);
}

static int hold(Day *day, Vehicle *vehicle) {
    if (day->places[vehicle->position].flags & CONTROLLED) {
        double held_s = vehicle->ready_s + holding_s(day, vehicle, vehicle->ready_s);
        vehicle->departure_s = larger_of(larger_of(held_s, vehicle->out_s), day->now_s);
        day->holding_s[vehicle->visit] = vehicle->departure_s - vehicle->ready_s;
    }
    vehicle->departure_s = vehicle->until_s = open_road_s(day, vehicle, vehicle->departure_s);
    if (day->places[vehicle->position].flags & CONTROLLED) note_held(day, vehicle, vehicle->departure_s);
    if (day->input->rules.boarding_rule == BOARDING_DURING_DWELL) {
        if (vehicle->departure_s > vehicle->ready_s) return load_until(day, vehicle, vehicle->departure_s, TO_QUEUE_UP);
        vehicle->phase = TO_QUEUE_UP;
        return 1;
    }
    return depart(day, vehicle, vehicle->departure_s);
}

static int close_and_depart(Day *day, Vehicle *vehicle) {
    vehicle->departure_s = vehicle->until_s;
    close_doors(day, vehicle, vehicle->departure_s);
    return depart(day, vehicle, vehicle->departure_s);
}

/* Let a vehicle act until it has to wait. */
static void act(Day *day, Vehicle *vehicle) {
    for (int goes_on = 1; goes_on;) {
        switch (vehicle->phase) {
        case TO_BEGIN:
            begin_trip(day, vehicle);
            /* fall through */
        case TO_COME:
            vehicle->came_s = day->now_s;
            if ((day->places[vehicle->position].flags & NEEDS_DEPARTURE) && !come(day, vehicle, TO_SERVE)) return;
            /* fall through */
        case TO_SERVE:
            if (day->berth_wait_s) day->berth_wait_s[vehicle->visit] = day->now_s - vehicle->came_s;
            goes_on = vehicle->visit == vehicle->last_visit ? serve_last(day, vehicle) : serve(day, vehicle);
            break;
        case TO_MEND:
            goes_on = mend(day, vehicle);
            break;
        case TO_OPEN_AGAIN:
            goes_on = open_again(day, vehicle);
            break;
        case TO_LOAD:
            goes_on = load(day, vehicle);
            break;
        case TO_CONTROL:
            goes_on = control(day, vehicle);
            break;
        case TO_HOLD:
            goes_on = hold(day, vehicle);
            break;
        case TO_QUEUE_UP:
            if (!is_first_in_lane(day, vehicle, TO_LOOK_AGAIN)) return;
            /* fall through */
        case TO_LOOK_AGAIN:
            vehicle->phase = TO_CLOSE;
            if (lane_of(day, vehicle)) goes_on = load_until(day, vehicle, day->now_s, TO_CLOSE);
            break;
        case TO_CLOSE:
            goes_on = close_and_depart(day, vehicle);
            break;
        case TO_TAKE_TURN:
            if (!is_first_in_lane(day, vehicle, TO_KEEP_APART)) return;
            /* fall through */
        case TO_KEEP_APART: {
            /* Another vehicle may leave while this one waits, so it has to look again. */
            double earliest_s = earliest_departure_s(day, vehicle);
            if (day->now_s < earliest_s) {
                goes_on = at_once(day, vehicle, earliest_s, TO_KEEP_APART);
                break;
            }
            note_spacing(day, vehicle);
            goes_on = leave(day, vehicle, day->now_s);
            break;
        }
        default:
            vacate(day, vehicle);
            goes_on = end_trip(day, vehicle, vehicle->departure_s);
        }
    }
}

static void run_vehicles(Day *day) {
    double end_s = day->input->rules.end_s;
    while (day->event_count && day->events[0].time_s < end_s) {
        day->acting = 1;
        day->now_s = day->events[0].time_s;
        act(day, &day->vehicles[day->events[0].block]);
    }
}
